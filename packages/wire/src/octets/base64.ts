/**
 * Base64 as SASL exchanges use it: padded, without line breaks.
 * @see RFC 4648 section 4
 * @module
 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES: Int8Array = new Int8Array(128).fill(-1);
for (let value = 0; value < 64; value++) VALUES[ALPHABET.charCodeAt(value)] = value;

/** Base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  let index = 0;
  for (; index + 2 < bytes.length; index += 3) {
    const group = (bytes[index]! << 16) | (bytes[index + 1]! << 8) | bytes[index + 2]!;
    pieces.push(
      ALPHABET[group >> 18]! + ALPHABET[(group >> 12) & 63]! + ALPHABET[(group >> 6) & 63]! + ALPHABET[group & 63]!,
    );
  }
  const rest = bytes.length - index;
  if (rest === 1) pieces.push(`${ALPHABET[bytes[index]! >> 2]!}${ALPHABET[(bytes[index]! & 3) << 4]!}==`);
  if (rest === 2) {
    const group = (bytes[index]! << 8) | bytes[index + 1]!;
    pieces.push(`${ALPHABET[group >> 10]!}${ALPHABET[(group >> 4) & 63]!}${ALPHABET[(group & 15) << 2]!}=`);
  }
  return pieces.join('');
}

/** The octets, or undefined for text that is not canonical base64: wrong alphabet, length, padding or left-over bits. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const length = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let group = 0;
  let bits = 0;
  let written = 0;
  for (let index = 0; index < length; index++) {
    const octet = text.charCodeAt(index);
    const value = octet < 128 ? VALUES[octet]! : -1;
    if (value < 0) return undefined;
    group = ((group << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[written++] = group >> bits;
    }
  }
  return (group & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}
