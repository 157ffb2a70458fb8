import { type InternalDate, MailError } from '@posthorn/core';
import { parseInternalDate, readInternalDate as readDateOctets } from '@posthorn/date';
import { DQUOTE } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';

/** Longest date-time that is read where it lies. */
const MAX_LENGTH = 64;

/** A quoted date-time. Lenient: the departures that `@posthorn/date` knows. */
export function readInternalDate(reader: Reader): InternalDate {
  const start = reader.offset;
  const options = {
    strict: reader.isStrict,
    onFault: () => reader.note('QUIRK_DATE', start, 'a date in another form than the usual'),
  };
  try {
    const close = reader.peek() === DQUOTE ? closingQuote(reader, start + 1) : -1;
    if (close < 0) return parseInternalDate(reader.string(), options);
    reader.offset = close + 1;
    return readDateOctets(reader.bytes, start + 1, close, options);
  } catch (error) {
    if (!MailError.is(error)) throw error;
    reader.offset = start;
    return reader.fail('a date that makes no sense');
  }
}

function closingQuote(reader: Reader, start: number): number {
  const end = Math.min(reader.end, start + MAX_LENGTH);
  for (let index = start; index < end; index++) if (reader.bytes[index] === DQUOTE) return index;
  return -1;
}
