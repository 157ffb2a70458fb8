import type { Flag } from '@posthorn/core';
import { ASTRING } from '../octets/octets.ts';
import { checkedAtom } from '../tokens/spelling.ts';

/** Flags as a list. @throws RangeError for what is no flag */
export function flagsText(flags: readonly Flag[]): string {
  let text = '(';
  for (let index = 0; index < flags.length; index++)
    text += index === 0 ? flagText(flags[index]!) : ` ${flagText(flags[index]!)}`;
  return `${text})`;
}

/** A flag, or an attribute of a mailbox, as it is spelled. @throws RangeError for what is none */
export function flagText(flag: string): string {
  checkedAtom(flag.startsWith('\\') ? flag.slice(1) : flag, ASTRING, 'a flag');
  return flag;
}
