/**
 * One whole response of a server.
 * @see RFC 9051 section 7
 * @module
 */

import type { ModSeq, SequenceNumber, Uid } from '@posthorn/core';
import { ASTERISK, CLASSES, DIGIT, isLetter, LBRACKET, LPAREN, PLUS, SP, TAG } from '../octets/octets.ts';
import { rawOctets } from '../tokens/raw-octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { readFlags } from '../values/read-flags.ts';
import { readIdSet } from '../values/read-set.ts';
import { readModSeq } from '../values/read-size.ts';
import { FetchBuilder } from './fetch-builder.ts';
import { readCapabilities } from './read-capabilities.ts';
import { readList, readNamespace } from './read-list.ts';
import { readMailboxStatus } from './read-mailbox-status.ts';
import { readContinuation, readStatus, readText, statusWord } from './read-status.ts';
import type { Response } from './response.ts';

/** Reads a frame that holds a whole response. */
export function readResponse(reader: Reader): Response {
  const octet = reader.peek();
  if (octet === ASTERISK) return readUntagged(reader);
  if (octet === PLUS) return readContinuation(reader);
  const tag = reader.token(TAG, 'a tag, "*" or "+"');
  if (reader.accept(SP)) {
    reader.skipSpaces();
    const letter = reader.peek();
    const status = isLetter(letter) ? statusWord(reader.keyword()) : undefined;
    if (status === 'OK' || status === 'NO' || status === 'BAD') return readStatus(reader, tag, status);
  }
  // Greetings of other protocols, and sentences of proxies before they close.
  reader.note('QUIRK_PLAIN_TEXT', reader.offset, 'a line that is no response');
  return reader.fail('expected OK, NO or BAD');
}

/** Reads `* n FETCH `, leaving the reader at the list behind it; undefined when the response is another. */
export function readFetchStart(reader: Reader): FetchBuilder | undefined {
  if (!reader.accept(ASTERISK) || !reader.accept(SP)) return undefined;
  const digit = reader.peek();
  if (digit < 0x31 || digit > 0x39) return undefined;
  const number = reader.nonZero();
  if (!reader.accept(SP)) return undefined;
  const isUid = reader.acceptWord('UIDFETCH');
  return (isUid || reader.acceptWord('FETCH')) && reader.accept(SP) ? new FetchBuilder(number, isUid) : undefined;
}

function readUntagged(reader: Reader): Response {
  reader.offset++;
  reader.space();
  const octet = reader.peek();
  if (octet >= 0 && (CLASSES[octet]! & DIGIT) !== 0) return readNumbered(reader);
  if (octet === LBRACKET) {
    reader.quirk('QUIRK_MISSING_STATUS', 'a response code without OK before it');
    const { code, text } = readText(reader);
    return code === undefined
      ? { type: 'status', tag: undefined, status: 'OK', text }
      : { type: 'status', tag: undefined, status: 'OK', code, text };
  }
  if (!isLetter(octet)) reader.fail('expected a word or a number');
  const name = reader.keyword();
  const status = statusWord(name);
  if (status !== undefined) return readStatus(reader, undefined, status);
  switch (name) {
    case 'CAPABILITY':
      return ended(reader, { type: 'capability', capabilities: readCapabilities(reader) });
    case 'ENABLED':
      return ended(reader, { type: 'enabled', capabilities: readCapabilities(reader) });
    case 'LIST':
    case 'XLIST':
    case 'LSUB':
      return ended(reader, readList(reader, name));
    case 'STATUS':
      return ended(reader, readMailboxStatus(reader));
    case 'FLAGS':
      reader.space();
      return ended(reader, { type: 'flags', flags: readFlags(reader) });
    case 'SEARCH':
      return readSearch(reader);
    case 'VANISHED':
      return readVanished(reader);
    case 'NAMESPACE':
      return ended(reader, readNamespace(reader));
    case 'ID':
      return readId(reader);
    case 'EXISTS':
    case 'RECENT':
    case 'EXPUNGE':
    case 'FETCH':
      reader.quirk('QUIRK_MISSING_NUMBER', 'a response without the number before its name');
      return readUnknown(reader, name, undefined);
    default:
      return readUnknown(reader, name, undefined);
  }
}

function ended<Value>(reader: Reader, value: Value): Value {
  reader.finish();
  return value;
}

function readNumbered(reader: Reader): Response {
  const number = reader.number32();
  reader.space();
  const start = reader.offset;
  const name = reader.keyword();
  switch (name) {
    case 'FETCH':
    case 'UIDFETCH': {
      if (number === 0) break;
      reader.space();
      const builder = new FetchBuilder(number, name === 'UIDFETCH');
      builder.read(reader);
      return builder.finish(reader);
    }
    case 'EXISTS':
      return ended(reader, { type: 'exists', count: number });
    case 'RECENT':
      return ended(reader, { type: 'recent', count: number });
    case 'EXPUNGE':
      if (number === 0) break;
      return ended(reader, { type: 'expunge', sequenceNumber: number as SequenceNumber });
    default:
      return readUnknown(reader, name, number);
  }
  reader.offset = start;
  reader.quirk('QUIRK_ZERO_NUMBER', 'a message number is zero');
  reader.keyword();
  return readUnknown(reader, name, number);
}

function readUnknown(reader: Reader, name: string, number: number | undefined): Response {
  if (!reader.isAtEnd && !reader.accept(SP))
    reader.quirk('QUIRK_MISSING_SPACE', 'no space behind the name of a response');
  const start = reader.offset;
  reader.offset = reader.end;
  const raw = rawOctets(reader, start);
  return number === undefined ? { type: 'unknown', name, raw } : { type: 'unknown', name, number, raw };
}

function readSearch(reader: Reader): Response {
  const numbers: number[] = [];
  let modSeq: ModSeq | undefined;
  while (reader.peek() === SP) {
    const start = reader.offset;
    while (reader.peek() === SP) reader.offset++;
    if (reader.isAtEnd) {
      reader.offset = start;
      break;
    }
    if (reader.offset > start + 1) reader.quirk('QUIRK_EXTRA_SPACE', 'a space too many');
    if (reader.peek() === LPAREN) {
      reader.openList();
      if (!reader.acceptWord('MODSEQ')) reader.fail('expected MODSEQ');
      reader.space();
      modSeq = readModSeq(reader);
      reader.closeList();
    } else {
      const number = reader.number32();
      if (number === 0) reader.quirk('QUIRK_ZERO_NUMBER', 'a number is zero');
      else numbers.push(number);
    }
  }
  return ended(reader, modSeq === undefined ? { type: 'search', numbers } : { type: 'search', numbers, modSeq });
}

function readVanished(reader: Reader): Response {
  reader.space();
  const isEarlier = reader.peek() === LPAREN;
  if (isEarlier) {
    reader.openList();
    if (!reader.acceptWord('EARLIER')) reader.fail('expected EARLIER');
    reader.closeList();
    reader.space();
  }
  return ended(reader, { type: 'vanished', isEarlier, uids: readIdSet<Uid>(reader) });
}

function readId(reader: Reader): Response {
  reader.space();
  if (reader.nil()) return ended(reader, { type: 'id', parameters: null });
  const parameters = new Map<string, string | null>();
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const name = reader.nstring() ?? '';
    reader.space();
    parameters.set(name, reader.nstring());
  }
  return ended(reader, { type: 'id', parameters });
}
