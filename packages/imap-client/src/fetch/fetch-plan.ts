import type { SequenceNumber, Uid, UidSet } from '@posthorn/core';
import {
  contains,
  count,
  emptySet,
  IdSetBuilder,
  isEmpty,
  resolveSequenceSet,
  sequenceSetOf,
  sliceSet,
  splitSequenceSet,
  union,
} from '@posthorn/message-set';
import type { MessageSelector } from '@posthorn/wire';
import { MAX_SET_LENGTH, type MessageSelection } from '../mailbox/message-selection.ts';

/** One FETCH command to send. */
export interface PlannedFetch {
  readonly messages: MessageSelector;
  /** Asks which UIDs there are, and for nothing else. */
  readonly isListing: boolean;
  matches(uid: Uid, sequenceNumber: SequenceNumber): boolean;
}

/** A fetch of bodies asks for so much at a time, to keep a command inside the loop from waiting for all of them. */
const BATCH_BYTES = 4 * 1024 * 1024;
const FIRST_BATCH = 16;
const LARGEST_BATCH = 512;
/** Messages without bodies are asked for again so many at a time. */
const METADATA_BATCH = 4096;

/**
 * What a fetch asks for next. Without bodies it asks for everything at once. Of bodies it asks for as many as fit a
 * budget, by UID, for which it first lists the UIDs. Messages that had to be dropped are asked for again.
 */
export class FetchPlan {
  readonly #selection: MessageSelection;
  readonly #hasBodies: boolean;
  #selectors: MessageSelector[];
  #uids: UidSet = emptySet();
  #listed: IdSetBuilder<Uid> | undefined;
  #dropped: IdSetBuilder<Uid> | undefined;
  #bodies = 0;
  #bodyBytes = 0;

  constructor(selection: MessageSelection, hasBodies: boolean) {
    this.#selection = selection;
    this.#hasBodies = hasBodies;
    this.#selectors = [...selection.selectors];
    if (hasBodies && selection.size > FIRST_BATCH) this.#listed = new IdSetBuilder();
  }

  /** What to send now, undefined when there is nothing as long as `inProgress` commands are not done. */
  next(inProgress: number): PlannedFetch | undefined {
    const { matches } = this.#selection;
    const messages = this.#selectors.shift();
    if (messages !== undefined) return { messages, isListing: this.#listed !== undefined, matches };
    if (inProgress === 0) this.#settle();
    if (isEmpty(this.#uids)) return undefined;
    const batch = sliceSet(this.#uids, 0, this.#batchLength());
    // What does not fit a line waits for the next command.
    const [set, ...others] = splitSequenceSet(sequenceSetOf(batch), MAX_SET_LENGTH);
    const asked = others.length === 0 ? batch : resolveSequenceSet(set!, undefined);
    this.#uids = sliceSet(this.#uids, count(asked));
    return { messages: { type: 'uids', set: set! }, isListing: false, matches: (uid) => contains(asked, uid) };
  }

  /** What a server left over, to be asked for next. */
  goOn(messages: MessageSelector): void {
    this.#selectors.unshift(messages);
  }

  /** A message that the listing found. */
  list(uid: Uid): void {
    this.#listed?.add(uid);
  }

  /** A message to ask for again. */
  drop(uid: Uid): void {
    this.#dropped ??= new IdSetBuilder();
    this.#dropped.add(uid);
  }

  /** Learns how big bodies are here. */
  measure(size: number): void {
    this.#bodies++;
    this.#bodyBytes += size;
  }

  /** All answers are there: what they told is what to ask for next. */
  #settle(): void {
    if (this.#listed !== undefined) this.#uids = union(this.#uids, this.#listed.build());
    if (this.#dropped !== undefined) this.#uids = union(this.#uids, this.#dropped.build());
    this.#listed = undefined;
    this.#dropped = undefined;
  }

  #batchLength(): number {
    if (!this.#hasBodies) return METADATA_BATCH;
    if (this.#bodies === 0) return FIRST_BATCH;
    return Math.max(1, Math.min(LARGEST_BATCH, Math.floor(BATCH_BYTES / (1 + this.#bodyBytes / this.#bodies))));
  }
}
