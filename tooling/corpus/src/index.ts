/**
 * A seeded generator of realistic mail: the same seed gives the same octets on every machine. Everything is invented.
 * @module
 */
export type { Moment } from './dates.ts';
export { type CorpusMailbox, type GenerateMailboxesOptions, generateMailboxes } from './mailboxes.ts';
export { type CorpusMessage, type GenerateMessagesOptions, generateMessages } from './messages.ts';
