import { decodeText } from '@posthorn/core';

/** Decodes the octets of a charset that is known to it, or answers undefined. */
export type CharsetDecoder = (bytes: Uint8Array, charset: string) => string | undefined;

export interface CharsetOptions {
  /**
   * Asked for charsets that `TextDecoder` lacks, such as UTF-7 and the code pages of DOS. `iconvCharsets` of
   * `@posthorn/mime/iconv` is one.
   */
  readonly charsets?: CharsetDecoder;
}

/** Names that mail uses and the Encoding standard does not know. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['cp874', 'windows-874'],
  ['cp932', 'shift_jis'],
  ['cp936', 'gbk'],
  ['cp949', 'euc-kr'],
  ['cp950', 'big5'],
  ['cp65001', 'utf-8'],
  ['tis620', 'tis-620'],
]);

/** Names under which text of no charset in particular goes: UTF-8 or else windows-1252 does more than they promise. */
const ANY_TEXT: ReadonlySet<string> = new Set(['', 'us-ascii', 'ascii', 'ansi_x3.4-1968', 'utf-8', 'utf8']);

type Decoder = InstanceType<typeof TextDecoder>;

const decoders = new Map<string, Decoder>();

/**
 * Decodes text, whatever it is: octets that the charset does not have become U+FFFD, and a charset that is not known
 * is read as UTF-8 or else windows-1252, as is 8-bit text that calls itself US-ASCII or UTF-8 and is not.
 *
 * @param charset - A name in any case; a language behind `*` is passed over (RFC 2231 section 5).
 */
export function decodeCharset(bytes: Uint8Array, charset: string, { charsets }: CharsetOptions = {}): string {
  const name = charsetName(charset);
  if (ANY_TEXT.has(name)) return decodeText(bytes);
  const decoder = textDecoder(name);
  if (decoder !== undefined) {
    // In one call Node 20 reads windows-1252 as ISO 8859-1, fast; a stream it reads right.
    const isLatin1 = decoder.encoding === 'windows-1252' && !hasControls(bytes);
    return isLatin1 ? decoder.decode(bytes) : decoder.decode(bytes, { stream: true }) + decoder.decode();
  }
  return charsets?.(bytes, name) ?? decodeText(bytes);
}

/** The same for octets that may be cut within a character at their end, which is left out then. */
export function decodeCharsetPrefix(bytes: Uint8Array, charset: string, options: CharsetOptions = {}): string {
  const name = charsetName(charset);
  const decoder = ANY_TEXT.has(name) ? new TextDecoder('utf-8', { fatal: true }) : textDecoder(name);
  try {
    return decoder?.decode(bytes, { stream: true }) ?? decodeCharset(bytes, name, options);
  } catch {
    return decodeText(bytes);
  } finally {
    if (decoder?.fatal === false) decoder.decode();
  }
}

/** Whether text of this charset can be decoded as such. */
export function isCharset(charset: string, { charsets }: CharsetOptions = {}): boolean {
  const name = charsetName(charset);
  if (name === '') return false;
  return ANY_TEXT.has(name) || textDecoder(name) !== undefined || charsets?.(new Uint8Array(), name) !== undefined;
}

/** Whether there are octets in which ISO 8859-1 has controls and windows-1252 has letters. */
function hasControls(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) if ((bytes[index]! & 0xe0) === 0x80) return true;
  return false;
}

function charsetName(charset: string): string {
  const star = charset.indexOf('*');
  return (star === -1 ? charset : charset.slice(0, star)).trim().toLowerCase();
}

/** There are some two hundred names, so keeping decoders cannot grow without end. */
function textDecoder(name: string): Decoder | undefined {
  const known = decoders.get(name);
  if (known !== undefined) return known;
  try {
    const decoder = new TextDecoder(ALIASES.get(name) ?? name);
    decoders.set(name, decoder);
    return decoder;
  } catch {
    return undefined;
  }
}
