/**
 * An IMAP client with typed results, streaming, pipelining and push.
 * @module
 */

export type { Timers, TlsSettings } from '@posthorn/transport/client';
export type { Annotation as MessageAnnotation } from '@posthorn/wire';
export type { AccessControl, AccessEntry, GrantableRights } from './access-control.ts';
export {
  type AccountChangesOptions,
  type AccountMailbox,
  type AccountOptions,
  type AccountWatchOptions,
  type AuthProvider,
  type AuthRequest,
  type BackOffOptions,
  ImapAccount,
  type MailboxOptions,
  openAccount,
  type Throttle,
  throttleOf,
  type WorkOptions,
} from './account/index.ts';
export type { Annotation } from './annotations.ts';
export type {
  Appended,
  ComposedMessage,
  MessageSettings,
  OutgoingMessage,
  OutgoingOctets,
  WholeMessage,
} from './append-message.ts';
export type { Auth, AuthChoice, PasswordAuth, ProvenAuth, TokenAuth } from './authenticate.ts';
export {
  type CommandResult,
  type CreateOptions,
  ImapClient,
  type SelectOptions,
  type UnsolicitedHook,
} from './client.ts';
export type { UntaggedEvent } from './client-events.ts';
export { type ConnectOptions, connect, type Timeouts } from './connect.ts';
export type { CopyResult, MoveResult } from './copy-messages.ts';
export { COMMAND_CHANNEL, type CommandDiagnostics } from './diagnostics.ts';
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
export type { ExpungeResult } from './expunge-messages.ts';
export { FETCH_ALL, FETCH_FAST, FETCH_FULL, type FetchedMessage, type FetchQuery } from './fetch-query.ts';
export type { BytesOptions, FetchedBody } from './fetched-body.ts';
export type { SearchCriteria } from './find-messages.ts';
export type { SearchUpdate } from './follow-search.ts';
export type { ListOptions } from './list-mailboxes.ts';
export type { ChangesOptions, MailboxDifference } from './mailbox-changes.ts';
export type { ListedMailbox, MailboxReference } from './mailbox-reference.ts';
export type { MailboxChange } from './mailbox-view.ts';
export type { MessageReference } from './message-selection.ts';
export type { MessageSource } from './message-source.ts';
export type { Metadata, MetadataOptions, MetadataValues } from './metadata.ts';
export type { Namespaces, ServerId } from './namespaces.ts';
export {
  findProvider,
  PROVIDERS,
  type Provider,
  type ProviderClues,
  type ProviderQuirk,
  type SpecialFolder,
  specialFolders,
} from './providers/index.ts';
export type { Quota, QuotaRoot } from './quota.ts';
export { argument, readTokens, type Token } from './raw-tokens.ts';
export type { PartReference, ReadTextOptions } from './read-part.ts';
export type { MessagePreview } from './read-previews.ts';
export { parseReferral, type Referral, referralsOf } from './referral.ts';
export type { ReplaceResult } from './replace-message.ts';
export type { ChangedMessage, ResyncPoint, ResyncResult } from './resync.ts';
export type { SearchAnswer, SearchQuestion } from './search-answer.ts';
export { allOf, anyOf, type MessageQuery, not } from './search-key.ts';
export type { MailboxSearchResult } from './search-mailboxes.ts';
export type { SectionQuery } from './section-query.ts';
export {
  type BySequence,
  type ByUid,
  type CloseMailboxOptions,
  type FetchOptions,
  SelectedMailbox,
} from './selected-mailbox.ts';
export type { CommandOptions } from './selection.ts';
export type { SortAnswer, SortQuestion } from './sort-answer.ts';
export type { MessageThread, SortOrder } from './sort-messages.ts';
export type { StoredFlags, StoreOptions, StoreResult } from './store-flags.ts';
export type { BatchRange } from './uid-batches.ts';
export type { UrlAuth } from './url-auth.ts';
export type { AccountChange, WatchAccountOptions } from './watch-account.ts';
export type { WatchOptions } from './watch-mailbox.ts';
