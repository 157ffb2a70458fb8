import { type IdSet, MAX_ID, MailError, type SequenceNumber, type Uid } from '@posthorn/core';
import { parseIdSet, parseSequenceSet, type SequenceSet } from '@posthorn/message-set';
import { COLON, COMMA, RBRACKET, RPAREN, SP } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';

/** A set as it is spelled, `*` and order kept. */
export function readSequenceSet<Id extends Uid | SequenceNumber>(reader: Reader): SequenceSet<Id> {
  return readSingle<Id>(reader) ?? readWith(reader, (octets) => parseSequenceSet<Id>(octets));
}

/** A set that is one number, the most common one of all, without a view of its octets. */
function readSingle<Id extends Uid | SequenceNumber>(reader: Reader): SequenceSet<Id> | undefined {
  const { bytes, end } = reader;
  let { offset } = reader;
  let value = 0;
  while (offset < end && value <= MAX_ID) {
    const digit = bytes[offset]! - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    offset++;
  }
  if (value === 0 || value > MAX_ID || bytes[reader.offset] === 0x30) return undefined;
  if (offset < end && isSetOctet(bytes[offset]!)) return undefined;
  reader.offset = offset;
  return { ranges: [{ first: value as Id, last: value as Id }] };
}

/** A set without `*`. */
export function readIdSet<Id extends Uid | SequenceNumber>(reader: Reader): IdSet<Id> {
  return readWith(reader, (octets) => parseIdSet<Id>(octets));
}

function readWith<Value>(reader: Reader, parse: (octets: Uint8Array) => Value): Value {
  const start = reader.offset;
  let end = start;
  while (end < reader.end && isSetOctet(reader.bytes[end]!)) end++;
  try {
    const set = parse(reader.bytes.subarray(start, end));
    reader.offset = end;
    return set;
  } catch (error) {
    if (!MailError.is(error)) throw error;
    return reader.fail('not a set of message numbers');
  }
}

function isSetOctet(octet: number): boolean {
  return (
    octet !== SP &&
    octet !== RPAREN &&
    octet !== RBRACKET &&
    ((octet >= 0x30 && octet <= COLON) || octet === COMMA || octet === 0x2a)
  );
}
