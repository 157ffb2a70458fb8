/**
 * The charsets that `TextDecoder` lacks, by iconv-lite. It wants `Buffer`, so outside Node it needs a bundler that
 * provides one; the main entry never imports it.
 * @module
 */
import iconv from 'iconv-lite';
import type { CharsetDecoder } from './charset.ts';

/** What iconv-lite takes for charsets and are none. */
const NO_CHARSETS: ReadonlySet<string> = new Set(['base64', 'binary', 'hex']);

/** Decodes what iconv-lite knows, such as UTF-7, UTF-32 and the code pages of DOS and the Macintosh. */
export const iconvCharsets: CharsetDecoder = (bytes, charset) =>
  !NO_CHARSETS.has(charset) && iconv.encodingExists(charset) ? iconv.decode(bytes, charset) : undefined;
