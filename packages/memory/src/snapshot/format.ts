import type { AccountId, EmailId, Flag } from '@posthorn/core';
import type { SavedAccount } from '../account-state.ts';
import type { SavedMailbox } from '../mailbox-state.ts';

/** The first line. */
export const HEAD = { type: 'posthorn-memory', version: 1 } as const;

/** What the lines behind the first say, in this order within an account. Copies name the same content. */
export type Frame =
  | { readonly type: 'account'; readonly id: AccountId; readonly account: SavedAccount }
  | { readonly type: 'script'; readonly name: string; readonly octets: number }
  | { readonly type: 'content'; readonly emailId: EmailId; readonly octets: number }
  | { readonly type: 'mailbox'; readonly mailbox: SavedMailbox; readonly messages: number }
  | { readonly type: 'message'; readonly message: SavedMessage }
  | { readonly type: 'end' };

/** `content` counts the contents of the account from 0. */
export type SavedMessage = readonly [
  uid: number,
  modSeq: number,
  flags: readonly Flag[],
  epochSeconds: number,
  offsetMinutes: number,
  savedSeconds: number,
  content: number,
];
