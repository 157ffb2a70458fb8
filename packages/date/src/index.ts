/**
 * The dates of mail: INTERNALDATE, the days SEARCH compares, RFC 5322 and RFC 3339.
 * @module
 */
export { type DateFault, DateSyntaxError } from './date-syntax-error.ts';
export { compareImapDates, formatImapDate, imapDateOf, parseImapDate } from './imap-date.ts';
export {
  formatInternalDate,
  type InternalDateOptions,
  internalDateOf,
  parseInternalDate,
  readInternalDate,
  toDate,
} from './internal-date.ts';
export { formatMessageDate, parseMessageDate } from './message-date.ts';
export { formatRfc3339, parseRfc3339 } from './rfc3339.ts';
