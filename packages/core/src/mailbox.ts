import type { MailboxId, ModSeq, UidValidity } from './ids.ts';

/** The parts of a mailbox's name from the top of the hierarchy, decoded. INBOX is `['INBOX']`. */
export type MailboxPath = readonly [string, ...string[]];

/** What a mailbox is for. @see RFC 6154 section 2, RFC 8457 */
export type SpecialUse =
  | '\\All'
  | '\\Archive'
  | '\\Drafts'
  | '\\Flagged'
  | '\\Important'
  | '\\Junk'
  | '\\Sent'
  | '\\Trash';

/** One mailbox of an account, or a name in its hierarchy that holds only children. */
export interface MailboxInfo {
  readonly path: MailboxPath;
  /** Undefined for a name that cannot be selected. */
  readonly id: MailboxId | undefined;
  /** Whether the mailbox holds messages and can be opened. */
  readonly isSelectable: boolean;
  /** Whether mailboxes can be created below it. */
  readonly allowsChildren: boolean;
  readonly isSubscribed: boolean;
  readonly specialUse: readonly SpecialUse[];
}

/** Figures of one mailbox at one moment. */
export interface MailboxStatus {
  readonly id: MailboxId;
  readonly uidValidity: UidValidity;
  /** The next UID that will be given, at the least; 2^32 when no UID is left. */
  readonly uidNext: number;
  readonly highestModSeq: ModSeq;
  readonly messages: number;
  /** Messages that no session has seen as \Recent. */
  readonly recent: number;
  readonly unseen: number;
  readonly deleted: number;
  /** Sum of the sizes of all messages, in octets. */
  readonly size: number;
}
