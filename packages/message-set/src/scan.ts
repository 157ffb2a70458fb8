import { MAX_ID, utf8Bytes } from '@posthorn/core';
import { SequenceSetError } from './sequence-set-error.ts';

const ASTERISK = 0x2a;
const COMMA = 0x2c;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;

/** Stands for `*` while reading: above every id, so it sorts last. */
export const STAR: number = MAX_ID + 1;

interface Cursor {
  readonly bytes: Uint8Array;
  offset: number;
}

/**
 * Reads a whole `sequence-set`, in time linear in its length, and hands out its ranges in the order sent, each
 * with its lower end first.
 */
export function scanSet(
  input: Uint8Array | string,
  maxRanges: number,
  acceptStar: boolean,
  emit: (first: number, last: number) => void,
): void {
  const cursor: Cursor = { bytes: typeof input === 'string' ? utf8Bytes(input) : input, offset: 0 };
  let ranges = 0;
  do {
    if (ranges++ === maxRanges) throw new SequenceSetError('MESSAGE_SET_TOO_LONG', cursor.offset);
    const left = readEnd(cursor, acceptStar);
    const right = accept(cursor, COLON) ? readEnd(cursor, acceptStar) : left;
    if (left <= right) emit(left, right);
    else emit(right, left);
  } while (accept(cursor, COMMA));
  if (cursor.offset < cursor.bytes.length) throw new SequenceSetError('MESSAGE_SET_SYNTAX', cursor.offset);
}

function accept(cursor: Cursor, octet: number): boolean {
  if (cursor.bytes[cursor.offset] !== octet) return false;
  cursor.offset++;
  return true;
}

function readEnd(cursor: Cursor, acceptStar: boolean): number {
  if (acceptStar && accept(cursor, ASTERISK)) return STAR;
  let value = 0;
  for (;;) {
    const octet = cursor.bytes[cursor.offset];
    if (octet === undefined || octet < DIGIT_0 || octet > DIGIT_9) break;
    value = value * 10 + octet - DIGIT_0;
    if (value === 0 || value > MAX_ID) break;
    cursor.offset++;
  }
  // Nothing read, a leading zero, or a number too large.
  if (value === 0 || value > MAX_ID) throw new SequenceSetError('MESSAGE_SET_SYNTAX', cursor.offset);
  return value;
}
