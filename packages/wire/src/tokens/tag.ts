/**
 * The tag that names a command and the answer that ends it.
 * @see RFC 9051 section 2.2.1
 * @module
 */
import { CLASSES, TAG } from '../octets/octets.ts';
import { asciiText } from '../octets/text.ts';
import type { Reader } from './reader.ts';

/** Longest tag that is read, and sent. */
export const MAX_TAG_LENGTH = 64;

/** Reads the tag and the space behind it. */
export function readTag(reader: Reader): string {
  const tag = reader.freshToken(TAG, 'a tag');
  if (tag.length > MAX_TAG_LENGTH) reader.fail('a tag is too long');
  reader.space();
  return tag;
}

/** The tag that a frame begins with, whether the rest of it can be read or not; undefined when there is none. */
export function tagOf(bytes: Uint8Array, start: number, end: number): string | undefined {
  let offset = start;
  while (offset < end && (CLASSES[bytes[offset]!]! & TAG) !== 0) offset++;
  return offset === start || offset - start > MAX_TAG_LENGTH ? undefined : asciiText(bytes, start, offset);
}
