/**
 * Text from a peer made safe for logs, terminals and error messages: one line, bounded, and each control or invisible
 * formatting character, such as those that change the direction of writing, as an escape: `\x1b`, `\u{202e}`.
 * @param maxLength - About how many characters there may be; an ellipsis stands for the rest.
 */
export function printable(text: string, maxLength = 200): string {
  let result = '';
  for (const character of text) {
    if (result.length >= maxLength) return `${result}…`;
    result += isHarmful(character.codePointAt(0)!) ? escaped(character.codePointAt(0)!) : character;
  }
  return result;
}

/** {@link printable} for octets; those that are not ASCII are escaped. */
export function printableBytes(bytes: Uint8Array, maxLength = 200): string {
  let result = '';
  for (const octet of bytes) {
    if (result.length >= maxLength) return `${result}…`;
    result += octet < 0x20 || octet > 0x7e ? escaped(octet) : String.fromCharCode(octet);
  }
  return result;
}

function isHarmful(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    code === 0x61c ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    code === 0xfeff
  );
}

function escaped(code: number): string {
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
