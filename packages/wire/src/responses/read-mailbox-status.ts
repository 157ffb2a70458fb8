/**
 * The answer to a STATUS.
 * @see RFC 9051 section 7.3.3
 * @module
 */
import type { UidValidity } from '@posthorn/core';
import { LPAREN, RPAREN } from '../octets/octets.ts';
import { rawOctets } from '../tokens/raw-octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { skipValue } from '../tokens/skip-value.ts';
import { readStatusMailbox } from '../values/read-mailbox.ts';
import { readModSeq, readSize } from '../values/read-size.ts';
import type { MailboxStatusData, RawItem, StatusItems } from './response.ts';

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Reads what follows the name of the response. */
export function readMailboxStatus(reader: Reader): MailboxStatusData {
  reader.space();
  const mailbox = readStatusMailbox(reader);
  reader.space();
  const items: Mutable<StatusItems> = {};
  const raw: RawItem[] = [];
  for (let isFirst = true, goesOn = reader.openListOrNil(); goesOn && reader.hasNext(isFirst); isFirst = false) {
    const name = reader.keyword();
    reader.space();
    readStatusItem(reader, name, items, raw);
  }
  if (raw.length > 0) items.raw = raw;
  return { type: 'mailboxStatus', mailbox, items };
}

function readStatusItem(reader: Reader, name: string, items: Mutable<StatusItems>, raw: RawItem[]): void {
  switch (name) {
    case 'MESSAGES':
      items.messages = readSize(reader);
      return;
    case 'RECENT':
      items.recent = readSize(reader);
      return;
    case 'UIDNEXT':
    case 'UIDVALIDITY': {
      const value = readSize(reader);
      if (value === 0) reader.quirk('QUIRK_ZERO_NUMBER', 'a number is zero');
      else if (value > 0x1_0000_0000) reader.fail('a number is too large');
      else if (name === 'UIDNEXT') items.uidNext = value;
      else items.uidValidity = value as UidValidity;
      return;
    }
    case 'UNSEEN':
      items.unseen = readSize(reader);
      return;
    case 'DELETED':
      items.deleted = readSize(reader);
      return;
    case 'DELETED-STORAGE':
      items.deletedStorage = readSize(reader);
      return;
    case 'SIZE':
      items.size = readSize(reader);
      return;
    case 'HIGHESTMODSEQ':
      items.highestModSeq = readModSeq(reader);
      return;
    case 'MAILBOXID': {
      const isList = reader.accept(LPAREN);
      items.mailboxId = reader.astring();
      if (isList) reader.expect(RPAREN);
      return;
    }
    case 'APPENDLIMIT':
      items.appendLimit = reader.nil() ? null : readSize(reader);
      return;
    default: {
      const start = reader.offset;
      skipValue(reader);
      raw.push({ name, raw: rawOctets(reader, start) });
    }
  }
}
