/**
 * What a server tells of the session.
 * @see RFC 5255, RFC 9698, draft-ietf-mailmaint-imap-uidbatches
 * @module
 */
import type { Uid } from '@posthorn/core';
import { COLON, COMMA, LPAREN, SP } from '../octets/octets.ts';
import type { ResponseWriter } from '../responses/response-writer.ts';
import type { Reader } from '../tokens/reader.ts';
import { checkedNumber } from '../tokens/spelling.ts';

/** An answer to one of the rare commands about the session. */
export type SessionData =
  /** The language in use, or all that there are. @see RFC 5255 section 3.3 */
  | { readonly type: 'language'; readonly languages: readonly string[] }
  /** The comparator in use, and those that fit what was asked for. @see RFC 5255 section 4.8 */
  | { readonly type: 'comparator'; readonly active: string; readonly matching?: readonly string[] }
  /** Where the same mail is to be had over JMAP. */
  | { readonly type: 'jmapAccess'; readonly url: string }
  | { readonly type: 'uidBatches'; readonly tag: string; readonly batches: readonly UidBatch[] };

/** A range of UIDs that holds as many messages as were asked for. */
export interface UidBatch {
  /** The highest UID. */
  readonly first: Uid;
  /** The lowest UID. */
  readonly last: Uid;
}

/** Reads what follows the name of the response. */
export function readSessionData(
  reader: Reader,
  name: 'LANGUAGE' | 'COMPARATOR' | 'JMAPACCESS' | 'UIDBATCHES',
): SessionData {
  switch (name) {
    case 'LANGUAGE':
      return { type: 'language', languages: readList(reader) };
    case 'COMPARATOR': {
      const active = reader.astring();
      if (reader.peek() !== SP || !reader.isFollowedBy(LPAREN)) return { type: 'comparator', active };
      reader.space();
      return { type: 'comparator', active, matching: readList(reader) };
    }
    case 'JMAPACCESS':
      return { type: 'jmapAccess', url: reader.string() };
    default:
      return readBatches(reader);
  }
}

function readList(reader: Reader): readonly string[] {
  const words: string[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) words.push(reader.astring());
  return words;
}

/** `(TAG "A143") 215295:99696,99695:1`. */
function readBatches(reader: Reader): SessionData {
  reader.openList();
  if (!reader.acceptWord('TAG')) reader.fail('expected TAG');
  reader.space();
  const tag = reader.astring();
  reader.closeList();
  const batches: UidBatch[] = [];
  if (reader.peek() === SP && reader.offset + 1 < reader.end) {
    reader.space();
    do {
      const first = reader.nonZero() as Uid;
      batches.push({ first, last: reader.accept(COLON) ? (reader.nonZero() as Uid) : first });
    } while (reader.accept(COMMA));
  }
  return { type: 'uidBatches', tag, batches };
}

/** Writes what follows the name of the response, which it answers. */
export function writeSessionData(writer: ResponseWriter, data: SessionData): string {
  switch (data.type) {
    case 'language':
      writer.list(data.languages, (language) => writer.astring(language));
      return 'LANGUAGE';
    case 'comparator':
      writer.astring(data.active);
      if (data.matching !== undefined) writer.text(' ').list(data.matching, (each) => writer.astring(each));
      return 'COMPARATOR';
    case 'jmapAccess':
      writer.string(data.url);
      return 'JMAPACCESS';
    default: {
      const batches = data.batches.map(
        ({ first, last }) => `${checkedNumber(first, 'a UID', 1)}:${checkedNumber(last, 'a UID', 1)}`,
      );
      writer.text('(TAG ').string(data.tag).text(')');
      if (batches.length > 0) writer.text(` ${batches.join(',')}`);
      return 'UIDBATCHES';
    }
  }
}
