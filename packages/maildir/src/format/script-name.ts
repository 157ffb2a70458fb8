/**
 * Names of Sieve scripts and of their files: `NAME.sieve`, as Pigeonhole has them. What a file name cannot hold is
 * written as `%` and two digits, and so is a `%` that would be taken for the beginning of that.
 * @module
 */
import { StoreError } from '@posthorn/core';

const SUFFIX = '.sieve';
const MAX_NAME = 255 - '.sieve.tmp'.length;

/** @throws {@link StoreError} `STORE_CANNOT` */
export function scriptFile(name: string): string {
  if (name === '' || /\p{Surrogate}/u.test(name))
    throw new StoreError('STORE_CANNOT', 'a script cannot have that name');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters escaped
  const file = name.replace(/^\.|[/\\\u0000-\u001f\u007f]|%(?=[0-7][0-9A-F])/g, escaped);
  if (Buffer.byteLength(file) > MAX_NAME)
    throw new StoreError('STORE_CANNOT', `the name of a script has ${MAX_NAME} octets at the most`);
  return `${file}${SUFFIX}`;
}

/** The name of the script in a file; undefined for a file that holds none. */
export function scriptName(file: string): string | undefined {
  if (!file.endsWith(SUFFIX) || file.startsWith('.') || file.includes('\ufffd')) return undefined;
  const name = file.slice(0, -SUFFIX.length);
  return name === '' ? undefined : name.replace(/%([0-7][0-9A-F])/g, (_, digits: string) => unescaped(digits));
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function unescaped(digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16));
}
