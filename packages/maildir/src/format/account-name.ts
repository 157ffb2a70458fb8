import { type AccountId, StoreError } from '@posthorn/core';

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
