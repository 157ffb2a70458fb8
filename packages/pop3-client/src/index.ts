/**
 * A POP3 client with streaming, pipelining, SASL and safe incremental download.
 * @module
 */

export type { Timers, TlsSettings } from '@posthorn/transport/client';
export { apopDigest } from './apop.ts';
export { Pop3Capabilities } from './capabilities.ts';
export {
  type AnswerWithBody,
  type CommandOptions,
  type Language,
  type MaildropStatus,
  type MessageId,
  type MessageSize,
  Pop3Client,
} from './client.ts';
export type { Pop3Answer, SessionState } from './client-protocol.ts';
export { type ConnectOptions, connect, type Timeouts } from './connect.ts';
export {
  CommitFailedError,
  NotPop3Error,
  type OtherProtocol,
  Pop3Error,
  type Pop3ErrorCode,
  type Refusal,
  ServerRefusedError,
} from './errors.ts';
export { type FetchNewOptions, fetchNew, type NewMessage } from './fetch-new/fetch-new.ts';
export {
  type DeletePolicy,
  FetchPlan,
  type FetchPlanOptions,
  type FetchWarning,
  type StoredMessage,
} from './fetch-new/fetch-plan.ts';
export { type ListedMessage, type Maildrop, readMaildrop } from './fetch-new/maildrop.ts';
export { openSeenFile, type SeenFile } from './fetch-new/seen-file.ts';
export { memorySeen, type SeenMessage, type SeenMessages } from './fetch-new/seen-messages.ts';
export type { BytesOptions, RetrievedMessage, StreamedBody } from './incoming-message.ts';
export { type LinesOptions, linesOf } from './lines.ts';
export type { CustomAuth, LoginPolicy, Pop3Auth } from './login.ts';
export type { RetrieveManyOptions, RetrieveOptions } from './retrieve.ts';
