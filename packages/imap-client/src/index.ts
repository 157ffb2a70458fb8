/**
 * An IMAP client with typed results, streaming, pipelining and push.
 * @module
 */
export type { Appended, OutgoingMessage } from './append-message.ts';
export type { Auth, AuthChoice, PasswordAuth, ProvenAuth, TokenAuth } from './authenticate.ts';
export { type CommandResult, type CreateOptions, ImapClient, type SelectOptions } from './client.ts';
export { type ConnectOptions, connect, type Timeouts, type TlsSettings } from './connect.ts';
export {
  FetchIncompleteError,
  ImapError,
  type ImapErrorCode,
  type IncompleteMessage,
  NotImapError,
  type OtherProtocol,
  type Refusal,
  ServerRefusedError,
} from './errors.ts';
export type { FetchedMessage, FetchQuery } from './fetch-query.ts';
export type { BytesOptions, FetchedBody } from './fetched-body.ts';
export type { ListOptions } from './list-mailboxes.ts';
export type { ListedMailbox, MailboxReference } from './mailbox-reference.ts';
export type { MailboxChange } from './mailbox-view.ts';
export type { MessageReference } from './message-selection.ts';
export type { MessageSource } from './message-source.ts';
export {
  type CloseMailboxOptions,
  type CommandOptions,
  type CopyResult,
  type FetchOptions,
  type MoveResult,
  SelectedMailbox,
  type StoredFlags,
  type StoreOptions,
  type StoreResult,
} from './selected-mailbox.ts';
export type { Timers } from './timers.ts';
export type { WatchOptions } from './watch-mailbox.ts';
