import type { Flag, ModSeq, SequenceNumber, Uid, UidSet, UidValidity } from '@posthorn/core';
import { emptySet, type SequenceSet, union } from '@posthorn/message-set';
import type { FetchData, VanishedData } from '@posthorn/wire';

/** What was known of a mailbox when it was last selected. @see RFC 7162 section 3.2.5 */
export interface ResyncPoint {
  readonly uidValidity: UidValidity;
  readonly modSeq: ModSeq;
  /** The messages that are known. @defaultValue all that ever were */
  readonly knownUids?: UidSet | undefined;
  /** A sample of messages by both of their numbers, which saves a server without a memory from telling too much. */
  readonly match?:
    | { readonly sequenceNumbers: SequenceSet<SequenceNumber>; readonly uids: SequenceSet<Uid> }
    | undefined;
}

/** What has changed since. */
export interface ResyncResult {
  /** May name more than was ever there. Everything, when the UIDVALIDITY is another now. */
  readonly vanished: UidSet;
  readonly changed: readonly ChangedMessage[];
  /** False when more changed than is held in memory: `changes` of the mailbox streams it. */
  readonly isComplete: boolean;
}

export interface ChangedMessage {
  readonly uid: Uid;
  readonly flags: readonly Flag[];
  readonly modSeq: ModSeq | undefined;
}

const MOST_CHANGED = 100_000;

/** Gathers what SELECT with QRESYNC tells. */
export class Resync {
  #vanished: UidSet = emptySet();
  readonly #changed: ChangedMessage[] = [];
  #isComplete = true;

  accept(event: FetchData | VanishedData): boolean {
    if (event.type === 'vanished') {
      if (!event.isEarlier) return false;
      this.#vanished = union<Uid>(this.#vanished, event.uids);
      return true;
    }
    const { uid, flags, modSeq } = event.items;
    if (uid === undefined || flags === undefined) return false;
    if (this.#changed.length < MOST_CHANGED) this.#changed.push({ uid, flags, modSeq });
    else this.#isComplete = false;
    return true;
  }

  get result(): ResyncResult {
    return { vanished: this.#vanished, changed: this.#changed, isComplete: this.#isComplete };
  }
}
