/**
 * Converges mail endpoints. Safe to interrupt at any moment.
 * @module
 */
export { accountSource } from './account-source.ts';
export { NO_COUNTS, type SyncCounts, type SyncEvent } from './events.ts';
export { type FileStateOptions, fileState } from './file-state.ts';
export { imapSource } from './imap-source.ts';
export type { KnownTarget, MaildropRecord, MaildropState } from './maildrop-state.ts';
export { PairTable, type UidPair } from './pair-table.ts';
export { type PullOptions, pull } from './pull.ts';
export { type PullMaildropOptions, pullMaildrop } from './pull-maildrop.ts';
export type {
  SourceFlags,
  SourceMailbox,
  SourceMailboxInfo,
  SourceMessage,
  SourceMetadata,
  SourceOptions,
  SyncSource,
} from './source.ts';
export { type MailboxState, memoryState, type SeenState, type StateRecord, type SyncState } from './state.ts';
