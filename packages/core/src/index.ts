/**
 * What two Posthorn packages must agree on.
 * @module
 */
export type { AccountAcl, AclEntry, GrantableRights, StoreSharing } from './acl.ts';
export { type Address, type AddressGroup, addressSpec, groupAddresses } from './address.ts';
export { assertNever } from './assert-never.ts';
export type { AuthenticationContext, Authenticator, ScramHash, ScramKeys } from './authenticator.ts';
export type {
  BasicBody,
  BodyDisposition,
  BodyExtension,
  BodyParameters,
  BodyStructure,
  MessageBody,
  MultipartBody,
  TextBody,
} from './body-structure.ts';
export { collectBytes, concatBytes, decodeText, equalBytes, utf8Bytes } from './bytes.ts';
export type { Envelope } from './envelope.ts';
export { FifoMutex } from './fifo-mutex.ts';
export type { AccountFilters, FilterInfo } from './filters.ts';
export {
  applyFlags,
  canonicalFlag,
  type Flag,
  type FlagOperation,
  hasFlag,
  SYSTEM_FLAGS,
  type SystemFlag,
  sameFlags,
} from './flags.ts';
export type { IdSet, SequenceNumberSet, UidSet } from './id-set.ts';
export {
  type AccountId,
  accountId,
  type Brand,
  type EmailId,
  emailId,
  MAX_ID,
  type MailboxId,
  type ModSeq,
  mailboxId,
  modSeq,
  type SequenceNumber,
  type SessionId,
  sequenceNumber,
  sessionId,
  type ThreadId,
  threadId,
  type Uid,
  type UidValidity,
  uid,
  uidValidity,
} from './ids.ts';
export type { InternalDate } from './internal-date.ts';
export { type LogFields, type Logger, silentLogger } from './logger.ts';
export {
  AuthenticationError,
  type AuthenticationErrorCode,
  ConnectionClosedError,
  type ConnectionClosedErrorCode,
  InvalidStateError,
  LimitExceededError,
  type LimitName,
  MailError,
  StoreError,
  type StoreErrorCode,
  TransportError,
  type TransportErrorCode,
} from './mail-error.ts';
export type {
  AbortOptions,
  Account,
  AppendOptions,
  AppendResult,
  BodyHandle,
  BodyStreamOptions,
  ByteRange,
  ChangeHint,
  ChangePage,
  CreateMailboxOptions,
  Cursor,
  ExpungeOptions,
  ExpungeResult,
  Mailbox,
  MailStore,
  MaintenanceOptions,
  MaintenanceReport,
  MessageMeta,
  MessageSummary,
  MetaField,
  NewMessage,
  StoreFlagsOptions,
  StoreFlagsResult,
  StoreTraits,
  UidPairs,
} from './mail-store.ts';
export type { MailboxInfo, MailboxPath, MailboxStatus, SpecialUse } from './mailbox.ts';
export type { AccountMetadata, MetadataEntries } from './metadata.ts';
export { printable, printableBytes } from './printable.ts';
export type { AccountQuota, QuotaResourceName, QuotaRoot, QuotaUsage } from './quota.ts';
export type { ImapDate, SearchedDate, SearchQuery } from './search-query.ts';
export { type StoreFactory, type StoreOpening, StoreRegistry } from './store-registry.ts';
export { parseStoreUrl, type StoreUrl } from './store-url.ts';
export type {
  ChannelBinding,
  ClientTlsOptions,
  ServerTlsOptions,
  TlsOptions,
  Transport,
  WaitOptions,
} from './transport.ts';
export { untilAborted } from './until-aborted.ts';
