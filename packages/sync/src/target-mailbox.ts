import { type Account, type Mailbox, type MailboxPath, MailError, type UidValidity } from '@posthorn/core';
import { isInbox } from '@posthorn/mailbox-name';
import type { SourceMailboxInfo } from './source.ts';

export interface TargetMailbox {
  readonly path: MailboxPath;
  readonly mailbox: Mailbox;
}

/**
 * Opens the mailbox of the target that stands for one of the source, creating it when it is missing: with the source's
 * UIDVALIDITY where the target allows that, so that UIDs can be kept too.
 */
export async function openTarget(
  account: Account,
  { path, isSubscribed, specialUse }: SourceMailboxInfo,
  uidValidity: UidValidity,
  signal: AbortSignal | undefined,
): Promise<TargetMailbox> {
  const create = async (name: MailboxPath): Promise<TargetMailbox> => {
    const isNew =
      (await attempt(account.create(name, { uidValidity, specialUse, signal }), 'STORE_CANNOT')) ||
      (!isInbox(name.join('')) && (await attempt(account.create(name, { specialUse, signal }))));
    if (isNew && isSubscribed) await account.subscribe(name, true, { signal });
    return { path: name, mailbox: await account.mailbox(name, { signal }) };
  };
  try {
    return await create(protectPath(path));
  } catch (error) {
    if (!MailError.is(error) || error.code !== 'STORE_CANNOT') throw error;
    return create(escapePath(path));
  }
}

/** Whether a mailbox was created. That it exists, or an error of the code given, means only "no". */
async function attempt(creation: Promise<unknown>, tolerated?: string): Promise<boolean> {
  try {
    await creation;
    return true;
  } catch (error) {
    if (MailError.is(error) && (error.code === 'STORE_ALREADY_EXISTS' || error.code === tolerated)) return false;
    throw error;
  }
}

/** What stores refuse in names: separators, control characters, and what looks like an escape of ours. */
const REFUSED = /[\p{Cc}./\\:*]|^~|%(?=[0-9A-F]{2})/gu;
const LIKE_AN_ESCAPE = /%(?=[0-9A-F]{2})/g;

/**
 * Writes the characters that stores refuse in names as `%` and two hexadecimal digits. Two names never become one,
 * because what already looks like such an escape is written otherwise as well, with {@link protectPath}.
 */
export function escapePath(path: MailboxPath): MailboxPath {
  return rewrite(path, REFUSED);
}

/** Leaves a name as it is, but for `%` where it could be taken for an escape. */
export function protectPath(path: MailboxPath): MailboxPath {
  return rewrite(path, LIKE_AN_ESCAPE);
}

function rewrite(path: MailboxPath, pattern: RegExp): MailboxPath {
  const hex = (character: string): string => character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
  return path.map((part) => part.replace(pattern, (character) => `%${hex(character)}`)) as [string, ...string[]];
}
