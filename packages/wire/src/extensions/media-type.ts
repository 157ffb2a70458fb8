import { DQUOTE } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';

/** The characters of RFC 4288 section 4.2. */
const NAME = '[A-Za-z0-9!#$&.+^_-]{1,127}';
const MEDIA_TYPE: RegExp = new RegExp(`^${NAME}/${NAME}$`);

/** Reads `"text/plain"`. */
export function readMediaType(reader: Reader): string {
  const start = reader.offset;
  const mediaType = reader.string();
  if (MEDIA_TYPE.test(mediaType)) return mediaType;
  reader.offset = start;
  return reader.fail('expected a media type');
}

/** Reads `"text/plain"` or NIL. */
export function readMediaTypeOrNil(reader: Reader): string | null {
  return reader.peek() !== DQUOTE && reader.nil() ? null : readMediaType(reader);
}

/** The media type in quotes. @throws RangeError for what is none */
export function mediaTypeText(mediaType: string): string {
  if (MEDIA_TYPE.test(mediaType)) return `"${mediaType}"`;
  throw new RangeError('a media type is such as text/plain');
}
