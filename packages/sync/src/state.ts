import type { UidValidity } from '@posthorn/core';
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
  | { readonly type: 'seen'; readonly mailbox: string; readonly seen: SeenState };

/**
 * What a sync remembers between runs. Losing it costs time, never mail: messages are then matched by content.
 */
export interface SyncState {
  /** What is known of a mailbox, by the key its source gave it. */
  mailbox(key: string): MailboxState | undefined;
  /** Remembers a step. When it returns, the step outlives the process. */
  record(step: StateRecord): Promise<void>;
  /** Tidies up and releases the state for others. Idempotent. */
  close(): Promise<void>;
}

/** Applies one step to what is known. */
export function applyRecord(mailboxes: Map<string, MailboxState>, step: StateRecord): void {
  if (step.type === 'begin') {
    const { sourceUidValidity, targetUidValidity } = step;
    mailboxes.set(step.mailbox, { sourceUidValidity, targetUidValidity, pairs: new PairTable() });
    return;
  }
  const known = mailboxes.get(step.mailbox);
  if (known === undefined) return;
  if (step.type === 'seen') mailboxes.set(step.mailbox, { ...known, seen: step.seen });
  else known.pairs.add(step.pairs);
}

/** A state that ends with the process. */
export function memoryState(): SyncState {
  const mailboxes = new Map<string, MailboxState>();
  return {
    mailbox: (key) => mailboxes.get(key),
    record: async (step) => applyRecord(mailboxes, step),
    close: async () => {},
  };
}
