import type { UidValidity } from '@posthorn/core';
import { applyToMaildrop, type MaildropRecord, type MaildropState } from './maildrop-state.ts';
import { PairTable, type UidPair } from './pair-table.ts';

/** How a mailbox of the source looked when it was last found in step with the target. */
export interface SeenState {
  readonly uidNext: number;
  readonly messages: number;
  /** Decimal digits. */
  readonly highestModSeq: string;
  /** Whether what is gone at the source was removed from the target as well. */
  readonly isExpunged: boolean;
}

/** What is remembered of one mailbox. */
export interface MailboxState {
  readonly sourceUidValidity: UidValidity;
  readonly targetUidValidity: UidValidity;
  readonly pairs: PairTable;
  readonly seen?: SeenState | undefined;
}

/** One step of what a sync learns, in the order in which it learns it. */
export type StateRecord =
  /** Forgets what was known of the mailbox and starts anew. */
  | {
      readonly type: 'begin';
      readonly mailbox: string;
      readonly sourceUidValidity: UidValidity;
      readonly targetUidValidity: UidValidity;
    }
  | { readonly type: 'paired'; readonly mailbox: string; readonly pairs: readonly UidPair[] }
  | { readonly type: 'seen'; readonly mailbox: string; readonly seen: SeenState }
  | MaildropRecord;

/**
 * What a sync remembers between runs. Losing it costs time, never mail: messages are then matched by content.
 */
export interface SyncState {
  /** What is known of a mailbox, by the key its source gave it. */
  mailbox(key: string): MailboxState | undefined;
  /** What is known of the POP3 maildrop that the sync downloads; undefined before the first message. */
  maildrop(): MaildropState | undefined;
  /** Remembers a step. When it returns, the step outlives the process. */
  record(step: StateRecord): Promise<void>;
  /** Tidies up and releases the state for others. Idempotent. */
  close(): Promise<void>;
}

/** All that is known. */
export class Memory {
  readonly mailboxes: Map<string, MailboxState> = new Map();
  maildrop: MaildropState | undefined;

  /** Applies one step. */
  apply(step: StateRecord): void {
    switch (step.type) {
      case 'begin': {
        const { sourceUidValidity, targetUidValidity } = step;
        this.mailboxes.set(step.mailbox, { sourceUidValidity, targetUidValidity, pairs: new PairTable() });
        return;
      }
      case 'paired':
        this.mailboxes.get(step.mailbox)?.pairs.add(step.pairs);
        return;
      case 'seen': {
        const known = this.mailboxes.get(step.mailbox);
        if (known !== undefined) this.mailboxes.set(step.mailbox, { ...known, seen: step.seen });
        return;
      }
      default:
        this.maildrop = applyToMaildrop(this.maildrop, step);
    }
  }
}

/** A state that ends with the process. */
export function memoryState(): SyncState {
  const memory = new Memory();
  return {
    mailbox: (key) => memory.mailboxes.get(key),
    maildrop: () => memory.maildrop,
    record: async (step) => memory.apply(step),
    close: async () => {},
  };
}
