/**
 * An IMAP client with typed results, streaming, pipelining and push.
 * @module
 */

export type { Timers, TlsSettings } from '@posthorn/transport/client';
export type { Annotation as MessageAnnotation } from '@posthorn/wire';
export type { ConversionError } from '@posthorn/wire/extensions';
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
export {
  type CommandResult,
  type CreateOptions,
  ImapClient,
  type SelectOptions,
} from './client.ts';
export type { Auth, AuthChoice, PasswordAuth, ProvenAuth, TokenAuth } from './connection/authenticate.ts';
export type { UntaggedEvent } from './connection/client-events.ts';
export { type ConnectOptions, connect, type Timeouts } from './connection/connect.ts';
export { COMMAND_CHANNEL, type CommandDiagnostics } from './connection/diagnostics.ts';
export type { MessageSource } from './connection/message-source.ts';
export { argument, readTokens, type Token } from './connection/raw-tokens.ts';
export { parseReferral, type Referral, referralsOf } from './connection/referral.ts';
export type { UnsolicitedHook } from './connection/unsolicited.ts';
export {
  ConversionFailedError,
  FetchIncompleteError,
  ImapError,
  type ImapErrorCode,
  type IncompleteMessage,
  NotImapError,
  type OtherProtocol,
  type Refusal,
  ServerRefusedError,
} from './errors.ts';
export type { AccessControl, AccessEntry, GrantableRights } from './extensions/access-control.ts';
export type { Annotation } from './extensions/annotations.ts';
export type {
  AvailableConversion,
  Conversion,
  ConvertedMessage,
  ConvertedPart,
  ConvertOptions,
  ConvertQuery,
} from './extensions/convert.ts';
export type { Metadata, MetadataOptions, MetadataValues } from './extensions/metadata.ts';
export type { Quota, QuotaRoot } from './extensions/quota.ts';
export type { UrlAuth } from './extensions/url-auth.ts';
export { FETCH_ALL, FETCH_FAST, FETCH_FULL, type FetchedMessage, type FetchQuery } from './fetch/fetch-query.ts';
export type { BytesOptions, FetchedBody } from './fetch/fetched-body.ts';
export type { PartReference, ReadTextOptions } from './fetch/read-part.ts';
export type { MessagePreview } from './fetch/read-previews.ts';
export type { SectionQuery } from './fetch/section-query.ts';
export type {
  Appended,
  ComposedMessage,
  MessageSettings,
  OutgoingMessage,
  OutgoingOctets,
  WholeMessage,
} from './mailbox/append-message.ts';
export type { CopyResult, MoveResult } from './mailbox/copy-messages.ts';
export type { ExpungeResult } from './mailbox/expunge-messages.ts';
export type { ChangesOptions, MailboxDifference } from './mailbox/mailbox-changes.ts';
export type { MailboxChange } from './mailbox/mailbox-view.ts';
export type { MessageReference } from './mailbox/message-selection.ts';
export type { ReplaceResult } from './mailbox/replace-message.ts';
export type { ChangedMessage, ResyncPoint, ResyncResult } from './mailbox/resync.ts';
export type { BySequence, ByUid, FetchOptions } from './mailbox/searchable-mailbox.ts';
export { type CloseMailboxOptions, SelectedMailbox } from './mailbox/selected-mailbox.ts';
export type { CommandOptions } from './mailbox/selection.ts';
export type { StoredFlags, StoreOptions, StoreResult } from './mailbox/store-flags.ts';
export type { WatchOptions } from './mailbox/watch-mailbox.ts';
export type { ListOptions } from './mailboxes/list-mailboxes.ts';
export type { ListedMailbox, MailboxReference } from './mailboxes/mailbox-reference.ts';
export type { Namespaces, ServerId } from './mailboxes/namespaces.ts';
export type { AccountChange, WatchAccountOptions } from './mailboxes/watch-account.ts';
export {
  findProvider,
  PROVIDERS,
  type Provider,
  type ProviderClues,
  type ProviderQuirk,
  type SpecialFolder,
  specialFolders,
} from './providers/index.ts';
export type { SearchCriteria } from './search/find-messages.ts';
export type { SearchUpdate } from './search/follow-search.ts';
export type { SortUpdate } from './search/follow-sort.ts';
export type { SearchAnswer, SearchQuestion } from './search/search-answer.ts';
export { allOf, anyOf, type MessageQuery, not } from './search/search-key.ts';
export type { MailboxSearchResult } from './search/search-mailboxes.ts';
export type { SortAnswer, SortQuestion } from './search/sort-answer.ts';
export type { MessageThread, SortOrder } from './search/sort-messages.ts';
export type { BatchRange } from './search/uid-batches.ts';
