/**
 * The bracketed codes of status responses.
 * @see RFC 9051 section 7.1, RFC 5530
 * @module
 */

import type { SequenceNumber, Uid, UidValidity } from '@posthorn/core';
import { LPAREN, RBRACKET, SP } from '../octets/octets.ts';
import { anyText } from '../octets/text.ts';
import { readCapabilities } from '../responses/read-capabilities.ts';
import { Fault } from '../tokens/fault.ts';
import { skipText } from '../tokens/raw-octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { readFlag } from '../values/read-flags.ts';
import { readSequenceSet } from '../values/read-set.ts';
import { readModSeq } from '../values/read-size.ts';
import { readExtensionCode } from './read-extension-code.ts';
import type { ResponseCode } from './response-code.ts';

/** Reads `[…]`. A known code whose argument makes no sense is kept as an atom with its text. */
export function readResponseCode(reader: Reader): ResponseCode {
  const open = reader.offset;
  reader.offset++;
  const name = reader.keyword();
  const argument = reader.offset;
  try {
    const code = readKnown(reader, name);
    if (code !== undefined) {
      reader.skipSpaces();
      reader.expect(RBRACKET);
      return code;
    }
  } catch (fault) {
    if (!(fault instanceof Fault) || reader.isStrict) throw fault;
    if (reader.bytes[argument] === SP && reader.bytes[argument + 1] === 0x30) {
      reader.note('QUIRK_ZERO_NUMBER', fault.offset, 'a number is zero');
    } else reader.noteFault('SYNTAX', fault, name);
  }
  reader.offset = argument;
  return rawCode(reader, name, open);
}

function rawCode(reader: Reader, name: string, open: number): ResponseCode {
  const start = reader.offset;
  const close = closingBracket(reader, start);
  if (close < 0) {
    reader.offset = open;
    reader.fail('a response code is not closed');
  }
  reader.offset = start;
  if (close > start && reader.bytes[start] !== SP) reader.fail('expected a space or "]"');
  skipText(reader, close);
  reader.offset = close + 1;
  if (close === start) return { type: 'atom', name };
  return { type: 'atom', name, value: anyText(reader.bytes, start + 1, close) };
}

/** Where the first `]` stands that is not inside a quoted string; -1 when there is none. */
export function closingBracket(reader: Reader, start: number): number {
  let isQuoted = false;
  let first = -1;
  for (let index = start; index < reader.end; index++) {
    const octet = reader.bytes[index];
    if (octet === 0x22) isQuoted = !isQuoted;
    else if (octet === 0x5c && isQuoted) index++;
    else if (octet === RBRACKET) {
      if (!isQuoted) return index;
      if (first < 0) first = index;
    }
  }
  return first;
}

function readKnown(reader: Reader, name: string): ResponseCode | undefined {
  switch (name) {
    case 'CAPABILITY':
      return { type: 'capability', capabilities: readCapabilities(reader) };
    case 'PERMANENTFLAGS':
      return readPermanentFlags(reader);
    case 'UIDNEXT':
      reader.space();
      return { type: 'uidNext', uidNext: readUidNext(reader) };
    case 'UIDVALIDITY':
      reader.space();
      return { type: 'uidValidity', uidValidity: reader.nonZero() as UidValidity };
    case 'UNSEEN':
      reader.space();
      return { type: 'unseen', first: reader.nonZero() as SequenceNumber };
    case 'HIGHESTMODSEQ':
      reader.space();
      return { type: 'highestModSeq', modSeq: readModSeq(reader) };
    case 'APPENDUID': {
      reader.space();
      const uidValidity = reader.nonZero() as UidValidity;
      reader.space();
      return { type: 'appendUid', uidValidity, uids: readSequenceSet<Uid>(reader) };
    }
    case 'COPYUID': {
      reader.space();
      const uidValidity = reader.nonZero() as UidValidity;
      reader.space();
      const from = readSequenceSet<Uid>(reader);
      reader.space();
      return { type: 'copyUid', uidValidity, from, to: readSequenceSet<Uid>(reader) };
    }
    case 'MODIFIED':
      reader.space();
      return { type: 'modified', set: readSequenceSet<Uid>(reader) };
    case 'BADCHARSET':
      return { type: 'badCharset', charsets: readCharsets(reader) };
    default:
      return readExtensionCode(reader, name);
  }
}

/** The largest UID may be in use, so the next one may be 2^32. */
function readUidNext(reader: Reader): number {
  const start = reader.offset;
  const value = reader.number();
  if (value >= 1 && value <= 0x1_0000_0000) return value;
  reader.offset = start;
  return reader.fail('a number is out of range');
}

function readPermanentFlags(reader: Reader): ResponseCode {
  reader.space();
  const flags: string[] = [];
  let allowsNewKeywords = false;
  for (let isFirst = true, goesOn = reader.openListOrNil(); goesOn && reader.hasNext(isFirst); isFirst = false) {
    const flag = readFlag(reader, true);
    if (flag === '\\*') allowsNewKeywords = true;
    else if (flag !== undefined) flags.push(flag);
  }
  return { type: 'permanentFlags', flags, allowsNewKeywords };
}

function readCharsets(reader: Reader): readonly string[] {
  const charsets: string[] = [];
  if (reader.peek() !== SP) return charsets;
  reader.space();
  if (reader.peek() !== LPAREN) reader.fail('expected "("');
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) charsets.push(reader.astring());
  return charsets;
}
