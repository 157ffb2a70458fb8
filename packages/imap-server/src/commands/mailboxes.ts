import type { Account, MailboxId, MailboxInfo, MailboxPath, SpecialUse } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { ResponseCode } from '@posthorn/wire';
import { newPathOf, pathOf } from '../mailboxes/names.ts';
import { storeErrorCode } from '../replies/error-replies.ts';
import { CommandRefused, type Completion, no, ok } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';
import type { CommandOf } from './command-of.ts';

/** The path of a mailbox that is to exist. */
export function existingPath({ modes }: Session, name: MailboxName): MailboxPath {
  const path = pathOf(name, modes);
  if (path === undefined) throw new CommandRefused(no('There is no such mailbox', 'NONEXISTENT'));
  return path;
}

/** The path of a mailbox that messages are to go to. */
export function targetPath({ modes }: Session, name: MailboxName): MailboxPath {
  const path = pathOf(name, modes);
  if (path === undefined) throw new CommandRefused(no('There cannot be such a mailbox', 'CANNOT'));
  return path;
}

/** All mailboxes there are. A store that meets one just being deleted by another program is asked once more. */
export async function allMailboxes(session: Session): Promise<readonly MailboxInfo[]> {
  const list = (): Promise<readonly MailboxInfo[]> => session.openAccount().list({ signal: session.signal });
  try {
    return await list();
  } catch (error) {
    if (storeErrorCode(error) !== 'STORE_NONEXISTENT') throw error;
    return list();
  }
}

/** Runs what puts messages into a mailbox; a missing one is answered so that the client may create it. */
export async function tryingToCreate<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (storeErrorCode(error) !== 'STORE_NONEXISTENT') throw error;
    throw new CommandRefused(no('Create the mailbox first', 'TRYCREATE'));
  }
}

const SPECIAL_USES: ReadonlyMap<string, SpecialUse> = new Map(
  (['\\All', '\\Archive', '\\Drafts', '\\Flagged', '\\Important', '\\Junk', '\\Sent', '\\Trash'] as const).map(
    (use) => [use.toLowerCase(), use],
  ),
);

export async function create(session: Session, { mailbox, specialUse = [] }: CommandOf<'CREATE'>): Promise<Completion> {
  const uses: SpecialUse[] = [];
  for (const attribute of specialUse) {
    const use = SPECIAL_USES.get(attribute.toLowerCase());
    if (use === undefined) return no('That use of a mailbox is not known', 'USEATTR');
    uses.push(use);
  }
  const path = newPath(session, mailbox);
  const { id } = await session.openAccount().create(path, { specialUse: uses, signal: session.signal });
  return ok('Created', session.protocol.isOffered('OBJECTID') && id !== undefined ? mailboxIdCode(id) : undefined);
}

/** Deletes a mailbox; the one that is selected is left first, so that the session goes on. */
export async function deleteMailbox(session: Session, mailbox: MailboxName): Promise<Completion> {
  const { selected, signal } = session;
  const path = existingPath(session, mailbox);
  const account = session.openAccount();
  const isSelected = selected !== undefined && (await idAt(account, path, signal)) === selected.mailbox.id;
  await account.delete(path, { signal });
  if (isSelected) await session.deselect();
  return ok('Deleted');
}

/** @see RFC 8474 section 4 */
export function mailboxIdCode(id: MailboxId): ResponseCode {
  return { type: 'mailboxId', mailboxId: id };
}

async function idAt(account: Account, path: MailboxPath, signal: AbortSignal): Promise<MailboxId | undefined> {
  const { id } = await account.status(path, { signal }).catch(() => ({ id: undefined }));
  return id;
}

export async function rename(session: Session, { from, to }: CommandOf<'RENAME'>): Promise<Completion> {
  await session.openAccount().rename(existingPath(session, from), newPath(session, to), { signal: session.signal });
  return ok('Renamed');
}

export async function subscribe(session: Session, mailbox: MailboxName, on: boolean): Promise<Completion> {
  await session.openAccount().subscribe(targetPath(session, mailbox), on, { signal: session.signal });
  return ok('Done');
}

function newPath({ modes }: Session, name: MailboxName): MailboxPath {
  const path = newPathOf(name, modes);
  if (path === undefined) throw new CommandRefused(no('No mailbox can have that name', 'CANNOT'));
  return path;
}
