import type { MailboxPath, Uid, UidValidity } from '@posthorn/core';

/** What a run did, in all or in one mailbox. */
export interface SyncCounts {
  /** Messages written to the target. */
  readonly added: number;
  /** Messages whose flags were changed in the target. */
  readonly flagsChanged: number;
  /** Messages removed from the target. */
  readonly removed: number;
  /** Octets of the messages written. */
  readonly bytes: number;
  /** Messages that could not be fetched, or were not removed; the next run tries them again. */
  readonly failed: number;
}

/** What a sync tells while it runs. */
export type SyncEvent =
  /** The source was listed. */
  | { readonly type: 'listed'; readonly mailboxes: number }
  /** A mailbox was compared: `missing` messages are about to be fetched. */
  | { readonly type: 'mailboxStart'; readonly path: MailboxPath; readonly messages: number; readonly missing: number }
  /** Messages were stored durably: figures of this mailbox so far. */
  | {
      readonly type: 'progress';
      readonly path: MailboxPath;
      readonly added: number;
      readonly missing: number;
      readonly bytes: number;
    }
  /** The source gave the mailbox new UIDs; messages are matched by content. */
  | {
      readonly type: 'uidValidityReset';
      readonly path: MailboxPath;
      readonly before: UidValidity;
      readonly now: UidValidity;
    }
  /** A message could not be fetched. At a POP3 server it has a number instead of a UID. */
  | { readonly type: 'messageFailed'; readonly path: MailboxPath; readonly uid: Uid; readonly reason: string }
  /** Messages were deleted at a POP3 server, which confirmed it. They are stored in the target. */
  | { readonly type: 'deletedAtSource'; readonly path: MailboxPath; readonly messages: number }
  /** So many of the messages pulled earlier are gone at the source that none of them is removed: see `maxExpungedShare`. */
  | { readonly type: 'expungeRefused'; readonly path: MailboxPath; readonly gone: number; readonly pulled: number }
  /** Something was left out that the target cannot hold. */
  | { readonly type: 'warning'; readonly path: MailboxPath; readonly message: string }
  | ({ readonly type: 'mailboxDone'; readonly path: MailboxPath; readonly messages: number } & SyncCounts)
  /** Always the last event. */
  | ({ readonly type: 'done'; readonly mailboxes: number } & SyncCounts);

/** Counts of nothing. */
export const NO_COUNTS: SyncCounts = { added: 0, flagsChanged: 0, removed: 0, bytes: 0, failed: 0 };

/** The sum of two counts. */
export function addCounts(left: SyncCounts, right: SyncCounts): SyncCounts {
  return {
    added: left.added + right.added,
    flagsChanged: left.flagsChanged + right.flagsChanged,
    removed: left.removed + right.removed,
    bytes: left.bytes + right.bytes,
    failed: left.failed + right.failed,
  };
}
