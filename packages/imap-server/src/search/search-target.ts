import type { Mailbox, UidSet } from '@posthorn/core';
import type { MailboxView } from '../selected/view.ts';

/** A mailbox that is searched, as the client knows it. */
export interface SearchTarget {
  readonly mailbox: Mailbox;
  readonly view: MailboxView;
  /** Whether mod-sequences can be asked for. */
  readonly hasModSeq: boolean;
  /** What `$` stands for. */
  readonly saved: UidSet;
}
