/**
 * Names of IMAP mailboxes: modified UTF-7, hierarchy, wildcards, INBOX.
 * @module
 */
export { type MailboxName, type MailboxNameOptions, mailboxName, mailboxNameFromWire } from './mailbox-name.ts';
export {
  type DecodedName,
  decodeModifiedUtf7,
  encodeModifiedUtf7,
  type NameFault,
  type NameFaultType,
} from './modified-utf7.ts';
export { canonicalPath, type Delimiter, isInbox, joinPath, splitName } from './path.ts';
export { compilePattern } from './pattern.ts';
