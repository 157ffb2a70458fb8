/**
 * Commands and responses of IMAP extensions as values, read from the unknown ones of a decoder and written as such.
 * @module
 */
export type { ConversionError, FailedConversion } from './extensions/conversion-error.ts';
export type { ConversionParameters, ConvertCommand, ConvertItem } from './extensions/convert-command.ts';
export type { ConvertData, ConvertedItem, ConvertedSection } from './extensions/converted-data.ts';
export type { ExtendedSearchData, SearchChange } from './extensions/extended-search.ts';
export {
  type ExtensionCommand,
  extensionCommand,
  type MetadataDepth,
  readExtensionCommand,
} from './extensions/extension-command.ts';
export {
  type ExtensionData,
  extensionResponse,
  type MalformedExtension,
  type QuotaResource,
  readExtension,
} from './extensions/extension-response.ts';
export type { AnnotationCommand, MailboxAnnotationData } from './extensions/mailbox-annotation.ts';
export type { MailboxFilter } from './extensions/mailbox-filter.ts';
export type { NotifyCommand, NotifyEvent, NotifyGroup } from './extensions/notify.ts';
export type { RawCommand, SearchCommand, SearchReturn, SortCriterion, SortKey } from './extensions/search-command.ts';
export type { SearchKey } from './extensions/search-key.ts';
export type { SessionCommand } from './extensions/session-command.ts';
export type { SessionData, UidBatch } from './extensions/session-data.ts';
export type { StoreCommand } from './extensions/store-command.ts';
export type { ThreadNode } from './extensions/threads.ts';
export type { UrlCommand, UrlData } from './extensions/url-auth.ts';
