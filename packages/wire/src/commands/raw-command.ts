import { ATOM, CR, LBRACE, LF, NUL, PLUS, RBRACE } from '../octets/octets.ts';
import { asciiText, isAscii } from '../octets/text.ts';
import { checkedAtom } from '../tokens/spelling.ts';
import type { CommandWriter } from './command-writer.ts';

/**
 * Writes a command that is not known here. Its octets are checked: literals are taken out and sent as such, and
 * outside of them there is no CR, LF, NUL or 8-bit octet, and nothing announces a literal that is not there.
 */
export function writeRawCommand(writer: CommandWriter, command: string, raw: Uint8Array): void {
  writer.text(
    command
      .split(' ')
      .map((word) => checkedAtom(word, ATOM, 'a command'))
      .join(' '),
  );
  if (raw.length === 0) return;
  writer.text(' ');
  let start = 0;
  while (start < raw.length) {
    const lineFeed = raw.indexOf(LF, start);
    if (lineFeed < 0) {
      writer.text(lastText(raw, start));
      return;
    }
    const { open, size } = announcement(raw, start, lineFeed);
    writer.text(plainText(raw, start, open));
    const end = lineFeed + 1 + size;
    if (end > raw.length) throw new RangeError('a literal of a raw command is cut short');
    writer.literal(raw.subarray(lineFeed + 1, end));
    start = end;
  }
}

function announcement(
  raw: Uint8Array,
  start: number,
  lineFeed: number,
): { readonly open: number; readonly size: number } {
  let close = lineFeed - 1;
  if (raw[close] === CR) close--;
  let open = close - 1;
  while (open > start && raw[open] !== LBRACE) open--;
  const end = raw[close - 1] === PLUS ? close - 1 : close;
  const digits = asciiText(raw, open + 1, Math.max(open + 1, end));
  if (raw[close] !== RBRACE || raw[open] !== LBRACE || !/^\d{1,15}$/.test(digits)) {
    throw new RangeError('a raw command holds a line end that no literal announces');
  }
  return { open, size: Number(digits) };
}

/** What ends the line. A literal that it announced would be made of the command behind it. */
function lastText(raw: Uint8Array, start: number): string {
  const text = plainText(raw, start, raw.length);
  if (/\{[^{}]*\} *$/.test(text)) throw new RangeError('a raw command announces a literal that does not follow');
  return text;
}

function plainText(raw: Uint8Array, start: number, end: number): string {
  for (let index = start; index < end; index++) {
    if (raw[index] === CR || raw[index] === NUL) throw new RangeError('a raw command holds CR or NUL');
  }
  if (!isAscii(raw, start, end)) throw new RangeError('a raw command holds 8-bit octets outside a literal');
  return new TextDecoder().decode(raw.subarray(start, end));
}
