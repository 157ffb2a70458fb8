import {
  type Account,
  type CreateMailboxOptions,
  type Mailbox,
  type MailboxPath,
  MailError,
  type UidValidity,
} from '@posthorn/core';
import { isInbox } from '@posthorn/mailbox-name';
import type { SourceMailboxInfo } from './source.ts';

export interface TargetMailbox {
  readonly path: MailboxPath;
  readonly mailbox: Mailbox;
  /** Whether it was created just now. */
  readonly isNew: boolean;
}

export interface OpenTargetOptions {
  /** The UIDVALIDITY of the source. */
  readonly uidValidity: UidValidity;
  /** Whether an earlier run brought it. */
  readonly isKnown: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Opens the mailbox of the target that stands for one of the source, creating it when it is missing: with the source's
 * UIDVALIDITY where the target allows that, so that UIDs can be kept too.
 */
export async function openTarget(
  account: Account,
  { path, isSubscribed, specialUse }: SourceMailboxInfo,
  { uidValidity, isKnown, signal }: OpenTargetOptions,
): Promise<TargetMailbox> {
  const open = async (name: MailboxPath): Promise<TargetMailbox> => {
    const isNew = await create(account, name, { uidValidity, specialUse, signal });
    const mailbox = await account.mailbox(name, { signal });
    // A run that died between creating and subscribing left it empty and unknown.
    const isOurs = isNew || (!isKnown && (await mailbox.changes(undefined, { signal })).uidNext === 1);
    if (isOurs && isSubscribed) await account.subscribe(name, true, { signal });
    return { path: name, mailbox, isNew };
  };
  try {
    return await open(protectPath(path));
  } catch (error) {
    if (codeOf(error) !== 'STORE_CANNOT') throw error;
    return open(escapePath(path));
  }
}

/** Whether a mailbox was created, rather than there already. */
async function create(account: Account, path: MailboxPath, options: CreateMailboxOptions): Promise<boolean> {
  const { uidValidity: _, ...otherwise } = options;
  const isInboxPath = path.length === 1 && isInbox(path[0]);
  // An INBOX that had messages cannot take another UIDVALIDITY, and is there in any case.
  if (isInboxPath) return attempt(account.create(path, options), 'STORE_CANNOT');
  try {
    return await attempt(account.create(path, options));
  } catch (error) {
    if (codeOf(error) !== 'STORE_CANNOT') throw error;
    return attempt(account.create(path, otherwise));
  }
}

/** Whether a mailbox was created. That it exists, or an error of the code given, means only "no". */
async function attempt(creation: Promise<unknown>, tolerated?: string): Promise<boolean> {
  try {
    await creation;
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code !== undefined && (code === 'STORE_ALREADY_EXISTS' || code === tolerated)) return false;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return MailError.is(error) ? error.code : undefined;
}

/** What stores refuse in names: separators, control characters, halves of pairs, nothing at all, and what looks like an escape of ours. */
const REFUSED = /[\p{Cc}\p{Surrogate}./\\:*]|^~|%(?=[0-9A-F]{2})|^$/gu;
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
  const hex = (character: string): string =>
    (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0');
  return path.map((part) => part.replace(pattern, (character) => `%${hex(character)}`)) as [string, ...string[]];
}
