import type { LoginEvent, ServerIdentity } from '@posthorn/transport/serving';
import type { Failure } from '../../failure.ts';
import type { Address } from './listen-at.ts';

/** What the first process tells those that serve. Between a process and its own children alone: it holds secrets. */
export type MessageToWorker =
  | { readonly type: 'serve'; readonly password: string; readonly identity: ServerIdentity | undefined }
  | { readonly type: 'identity'; readonly identity: ServerIdentity }
  | { readonly type: 'users' }
  | { readonly type: 'stop' }
  /** What another process, known by a name, says of logins; undefined when it is gone. */
  | { readonly type: 'login'; readonly from: string; readonly event: LoginEvent | undefined };

/** What a process that serves tells the first one. */
export type MessageFromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'listening'; readonly addresses: readonly Address[] }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'login'; readonly event: LoginEvent };
