/**
 * Names of message files: `<unique>[,S=<octets>][,W=<octets with CRLF>][:2,<flags>[,<other sets>]]`. Names are kept as
 * the octets of the directory, one character for each.
 * @module
 */
import type { PathLike } from 'node:fs';
import type { InfoSeparator } from '../settings.ts';

/** The parts of a name that a change of flags keeps apart. */
export interface FileInfo {
  /** The flags, a letter each. */
  readonly letters: string;
  /** What follows the flags, with its comma, or nothing. */
  readonly rest: string;
  /** The separator found, or undefined for a name without flags. */
  readonly separator: InfoSeparator | undefined;
}

/** The endings of names: few, however many names there are. */
const infos = new Map<string, FileInfo>();
const MAX_INFOS = 4_096;

const NO_INFO: FileInfo = { letters: '', rest: '', separator: undefined };

/** The field that marks a message whose octets are given as they are, although some line ends lack a CR. */
export const VERBATIM_FIELD = ',B=1';

/** The part that identifies a message, whatever its flags. */
export function baseOf(name: string): string {
  const colon = name.indexOf(':');
  if (colon >= 0) return name.slice(0, colon);
  const foreign = foreignInfo(name);
  return foreign < 0 ? name : name.slice(0, foreign);
}

/** The flags of a name. Text that is no list of letters sets no flags, but is kept. */
export function infoOf(name: string): FileInfo {
  let at = name.lastIndexOf(':');
  if (at < 0) at = foreignInfo(name);
  if (at < 0) return NO_INFO;
  const info = name.slice(at);
  let known = infos.get(info);
  if (known === undefined) {
    known = parseInfo(info);
    if (infos.size === MAX_INFOS) infos.clear();
    infos.set(info, known);
  }
  return known;
}

function parseInfo(info: string): FileInfo {
  const separator = info.charAt(0) as InfoSeparator;
  const isFlags = info.startsWith('2,', 1);
  const text = info.slice(isFlags ? 3 : 1);
  const comma = text.indexOf(',');
  const letters = comma < 0 ? text : text.slice(0, comma);
  if (isFlags && /^[A-Za-z]*$/.test(letters)) return { letters, rest: text.slice(letters.length), separator };
  return { letters: '', rest: text === '' ? '' : `,${text}`, separator };
}

/** The same message with other flags; letters come sorted. */
export function withLetters(name: string, letters: string, separator: InfoSeparator): string {
  const { rest, separator: found } = infoOf(name);
  return `${baseOf(name)}${found ?? separator}2,${letters}${rest}`;
}

/** Letters in the order of their octets, each once. */
export function sortedLetters(letters: Iterable<string>): string {
  return typeof letters === 'string' && isSorted(letters) ? letters : [...new Set(letters)].sort().join('');
}

function isSorted(letters: string): boolean {
  for (let index = 1; index < letters.length; index++)
    if (letters.charCodeAt(index - 1) >= letters.charCodeAt(index)) return false;
  return true;
}

/** A number in a field of a base name such as `,S=`, or undefined when it is missing or no number. */
export function sizeField(base: string, field: ',S=' | ',W='): number | undefined {
  const at = base.indexOf(field);
  if (at < 0) return undefined;
  let end = at + 3;
  let value = 0;
  for (; end < base.length; end++) {
    const digit = base.charCodeAt(end) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  const isWhole = end > at + 3 && (end === base.length || base.charAt(end) === ',');
  return isWhole && Number.isSafeInteger(value) ? value : undefined;
}

export function isVerbatim(base: string): boolean {
  const at = base.indexOf(VERBATIM_FIELD);
  return at >= 0 && (at + VERBATIM_FIELD.length === base.length || base.charAt(at + VERBATIM_FIELD.length) === ',');
}

/** Whether a directory entry can be a message: no dot file, no name that a list of names could not hold. */
export function isMessageName(name: string): boolean {
  const first = name.charCodeAt(0);
  return first !== 0x2e && first !== 0x3a && !name.includes('\n') && !name.includes('\r');
}

/** Orders names as they were delivered: by seconds, then microseconds, then the whole base name. */
export function compareArrival(left: string, right: string): number {
  return (
    leadingNumber(left, 0) - leadingNumber(right, 0) ||
    leadingNumber(left, left.indexOf('.M') + 2) - leadingNumber(right, right.indexOf('.M') + 2) ||
    (left < right ? -1 : left > right ? 1 : 0)
  );
}

/** When a message was delivered, as its name says, or undefined when it does not. */
export function arrivalSeconds(base: string): number | undefined {
  const seconds = leadingNumber(base, 0);
  return seconds > 0 && seconds < 0x1_0000_0000 && base.charAt(String(seconds).length) === '.' ? seconds : undefined;
}

/** The path of an entry whose name is kept as octets. */
export function entryPath(directory: string, name: string): PathLike {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: tells ASCII from the rest
  if (/^[\x00-\x7f]*$/.test(name)) return `${directory}/${name}`;
  return Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(name, 'latin1')]);
}

/** Where the flags begin in a name written for a file system without `:`. */
function foreignInfo(name: string): number {
  return Math.max(name.lastIndexOf(';2,'), name.lastIndexOf('!2,'));
}

function leadingNumber(text: string, start: number): number {
  let value = 0;
  for (let index = start; index < text.length && index < start + 15; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}
