import { TAG } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';

const MAX_TAG_LENGTH = 64;

/** Reads the tag and the space behind it. */
export function readTag(reader: Reader): string {
  const tag = reader.freshToken(TAG, 'a tag');
  if (tag.length > MAX_TAG_LENGTH) reader.fail('a tag is too long');
  reader.space();
  return tag;
}
