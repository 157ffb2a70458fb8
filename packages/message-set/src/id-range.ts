import { MAX_ID, type SequenceNumber, type Uid } from '@posthorn/core';

/** What a set may hold: UIDs or sequence numbers, never both. */
export type MessageId = Uid | SequenceNumber;

/** Ids from `first` to `last`, both inclusive. */
export interface IdRange<Id extends MessageId> {
  readonly first: Id;
  readonly last: Id;
}

/** Refuses what a caller made up: an id is an integer from 1 to 4,294,967,295. */
export function checkId(id: number): void {
  if (!Number.isInteger(id) || id < 1 || id > MAX_ID) {
    throw new RangeError(`an id is an integer from 1 to ${MAX_ID}, not ${id}`);
  }
}
