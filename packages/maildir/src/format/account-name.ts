import { type AccountId, accountId, StoreError } from '@posthorn/core';

const MAX_NAME = 200;

/**
 * The directory of an account: lower-case letters, digits and some punctuation as they are, every other octet as `=`
 * and two digits. Two accounts never share a directory, also where file systems do not tell case apart.
 */
export function encodeAccountName(account: AccountId): string {
  let name = '';
  for (const octet of Buffer.from(account)) {
    const character = String.fromCharCode(octet);
    const isPlain = /[a-z0-9_+@-]/.test(character) || (character === '.' && name !== '');
    name += isPlain ? character : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  // Names that Windows keeps for devices.
  if (/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/.test(name)) {
    name = `=${name.charCodeAt(0).toString(16).toUpperCase()}${name.slice(1)}`;
  }
  if (name.length > MAX_NAME)
    throw new StoreError('STORE_CANNOT', `the name of the account is longer than ${MAX_NAME} octets`);
  return name;
}

/** The account of a directory; undefined for one that {@link encodeAccountName} gives to none. */
export function decodeAccountName(name: string): AccountId | undefined {
  const octets: number[] = [];
  for (let at = 0; at < name.length; at++) {
    const escaped = name[at] === '=' ? /^=([0-9A-F]{2})/.exec(name.slice(at, at + 3)) : undefined;
    if (escaped === null) return undefined;
    octets.push(escaped === undefined ? name.charCodeAt(at) : Number.parseInt(escaped[1]!, 16));
    if (escaped !== undefined) at += 2;
  }
  const account = Buffer.from(octets).toString('utf8');
  return account !== '' && encodeAccountName(accountId(account)) === name ? accountId(account) : undefined;
}
