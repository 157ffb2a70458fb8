/**
 * Modified UTF-7, the way IMAP4rev1 spells mailbox names beyond ASCII.
 * @see RFC 3501 section 5.1.3, RFC 9051 appendix A.1
 * @module
 */

/**
 * How a name departs from modified UTF-7:
 * - `unencoded`: characters other than printable ASCII that stand as themselves, such as raw UTF-8. Read as themselves.
 * - `bareAmpersand`: `&` that begins nothing. Read as itself.
 * - `unterminatedShift`: an encoded run without `-` behind it. Decoded.
 * - `malformedBase64`: an encoded run that holds no whole number of characters. Read as it stands.
 * - `paddingBits`: an encoded run whose last bits are not zero. Decoded, and the bits dropped.
 * - `encodedAscii`: printable ASCII within an encoded run, such as `&BBAAJg-`. Decoded.
 * - `adjacentShifts`: an encoded run right behind another, such as `&U,BTFw-&ZeVnLIqe-`. Decoded.
 * - `loneSurrogate`: half a character beyond U+FFFF. Kept as a lone surrogate.
 */
export type NameFaultType =
  | 'unencoded'
  | 'bareAmpersand'
  | 'unterminatedShift'
  | 'malformedBase64'
  | 'paddingBits'
  | 'encodedAscii'
  | 'adjacentShifts'
  | 'loneSurrogate';

/** A departure from modified UTF-7, and the place in the wire spelling where it begins. */
export interface NameFault {
  readonly type: NameFaultType;
  readonly offset: number;
}

/** A decoded name and what was wrong with its spelling. */
export interface DecodedName {
  readonly text: string;
  readonly faults: readonly NameFault[];
}

const AMPERSAND = 0x26;
const HYPHEN = 0x2d;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,';
const VALUES = new Int8Array(128).fill(-1);
for (let value = 0; value < ALPHABET.length; value++) VALUES[ALPHABET.charCodeAt(value)] = value;
const PLAIN = /^[\u0020-\u0025\u0027-\u007e]*$/;

/**
 * Spells a name in modified UTF-7. Every string has exactly one spelling, and {@link decodeModifiedUtf7} gives the
 * string back; lone surrogates survive too.
 */
export function encodeModifiedUtf7(text: string): string {
  if (PLAIN.test(text)) return text;
  let wire = '';
  let offset = 0;
  while (offset < text.length) {
    const code = text.charCodeAt(offset);
    if (code === AMPERSAND) wire += '&-';
    else if (isPrintable(code)) wire += text.charAt(offset);
    else {
      const end = endOfRun(text, offset, (each) => !isPrintable(each));
      wire += `&${encodeRun(text, offset, end)}-`;
      offset = end;
      continue;
    }
    offset++;
  }
  return wire;
}

/**
 * Decodes a name in modified UTF-7, whatever its faults, in time linear in its length. A name without faults is the
 * one spelling {@link encodeModifiedUtf7} gives; a name with faults must be sent back as it came, so keep it.
 */
export function decodeModifiedUtf7(wire: string): DecodedName {
  if (PLAIN.test(wire)) return { text: wire, faults: [] };
  const faults: NameFault[] = [];
  let text = '';
  let offset = 0;
  let endOfShift = -1;
  while (offset < wire.length) {
    const start = offset;
    if (wire.charCodeAt(offset) !== AMPERSAND) {
      const isPlain = isPrintable(wire.charCodeAt(offset));
      offset = endOfRun(wire, offset, (code) => code !== AMPERSAND && isPrintable(code) === isPlain);
      text += wire.slice(start, offset);
      if (!isPlain) faults.push({ type: 'unencoded', offset: start });
      continue;
    }
    const end = endOfRun(wire, ++offset, (code) => VALUES[code]! >= 0);
    const isTerminated = wire.charCodeAt(end) === HYPHEN;
    if (isTerminated && end === offset) {
      text += '&';
      offset++;
      continue;
    }
    const units = decodeRun(wire, offset, end);
    if (units === undefined || (units.hasPaddingBits && !isTerminated)) {
      // `R&D` and `&D-`: the letters are read as themselves from here.
      text += '&';
      faults.push({ type: isTerminated ? 'malformedBase64' : 'bareAmpersand', offset: start });
      continue;
    }
    const report = (type: NameFaultType): number => faults.push({ type, offset: start });
    if (!isTerminated) report('unterminatedShift');
    if (units.hasPaddingBits) report('paddingBits');
    if (start === endOfShift) report('adjacentShifts');
    if (/[\u0020-\u007e]/.test(units.text)) report('encodedAscii');
    if (/\p{Surrogate}/u.test(units.text)) report('loneSurrogate');
    text += units.text;
    offset = isTerminated ? end + 1 : end;
    endOfShift = offset;
  }
  return { text, faults };
}

function isPrintable(code: number): boolean {
  return code >= 0x20 && code <= 0x7e;
}

function endOfRun(text: string, start: number, belongs: (code: number) => boolean): number {
  let end = start;
  while (end < text.length && belongs(text.charCodeAt(end))) end++;
  return end;
}

/** UTF-16 units as base64 without padding. */
function encodeRun(text: string, start: number, end: number): string {
  let run = '';
  let bits = 0;
  let count = 0;
  for (let offset = start; offset < end; offset++) {
    bits = (bits << 16) | text.charCodeAt(offset);
    for (count += 16; count >= 6; count -= 6) run += ALPHABET.charAt((bits >>> (count - 6)) & 0x3f);
    bits &= (1 << count) - 1;
  }
  return count === 0 ? run : run + ALPHABET.charAt((bits << (6 - count)) & 0x3f);
}

/** Base64 as UTF-16 units, or undefined when it holds none or a letter too many. */
function decodeRun(
  wire: string,
  start: number,
  end: number,
): { readonly text: string; readonly hasPaddingBits: boolean } | undefined {
  const left = ((end - start) * 6) % 16;
  if (end - start < 3 || left >= 6) return undefined;
  let text = '';
  let bits = 0;
  let count = 0;
  for (let offset = start; offset < end; offset++) {
    bits = (bits << 6) | VALUES[wire.charCodeAt(offset)]!;
    count += 6;
    if (count < 16) continue;
    count -= 16;
    text += String.fromCharCode(bits >>> count);
    bits &= (1 << count) - 1;
  }
  return { text, hasPaddingBits: bits !== 0 };
}
