import type { AccountAcl, AclEntry, MailboxPath } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import { extensionResponse } from '@posthorn/wire/extensions';
import { bad, CommandRefused, type Completion, no, ok } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';
import { ALL_RIGHTS } from '../sharing/rights.ts';
import type { CommandOf } from './command-of.ts';
import { existingPath } from './mailboxes.ts';

type MailboxCommand = CommandOf<'GETACL' | 'MYRIGHTS' | 'GETQUOTAROOT'>;

/** @see RFC 4314 section 3.3 */
export async function getAcl(session: Session, { mailbox }: MailboxCommand): Promise<Completion> {
  const entries = await aclOf(session).entries(existingPath(session, mailbox), { signal: session.signal });
  const told = entries.map(({ identifier, rights }) => ({ identifier, rights: withOldRights(rights) }));
  await session.send([extensionResponse({ type: 'acl', mailbox, entries: told })]);
  return ok('Done');
}

/** @see RFC 4314 section 3.1 */
export async function setAcl(session: Session, command: CommandOf<'SETACL'>): Promise<Completion> {
  const { mailbox, identifier, rights: asked } = command;
  const { signal } = session;
  const path = existingPath(session, mailbox);
  const acl = aclOf(session);
  const sign = /^[+-]/.exec(asked)?.[0];
  const rights = withoutOldRights(sign === undefined ? asked : asked.slice(1));
  const unknown = [...rights].find((right) => !ALL_RIGHTS.includes(right));
  if (unknown !== undefined) return bad(`There is no right ${unknown}`);
  const before = (await acl.entries(path, { signal })).find((entry) => entry.identifier === identifier)?.rights ?? '';
  const after =
    sign === '+'
      ? before + rights
      : sign === '-'
        ? [...before].filter((right) => !rights.includes(right)).join('')
        : rights;
  await acl.change(path, identifier, inOrder(after), { signal });
  return ok('Done');
}

/** @see RFC 4314 section 3.2 */
export async function deleteAcl(session: Session, command: CommandOf<'DELETEACL' | 'LISTRIGHTS'>): Promise<Completion> {
  const path = existingPath(session, command.mailbox);
  await aclOf(session).change(path, command.identifier, undefined, { signal: session.signal });
  return ok('Done');
}

/** @see RFC 4314 section 3.4 */
export async function listRights(
  session: Session,
  command: CommandOf<'DELETEACL' | 'LISTRIGHTS'>,
): Promise<Completion> {
  const { mailbox, identifier } = command;
  const path = existingPath(session, mailbox);
  const { required, optional } = await aclOf(session).grantable(path, identifier, { signal: session.signal });
  await session.send([extensionResponse({ type: 'listRights', mailbox, identifier, required, optional })]);
  return ok('Done');
}

/** @see RFC 4314 section 3.5 */
export async function myRights(session: Session, { mailbox }: MailboxCommand): Promise<Completion> {
  await tellMyRights(session, existingPath(session, mailbox), mailbox);
  return ok('Done');
}

export async function tellMyRights(session: Session, path: MailboxPath, mailbox: MailboxName): Promise<void> {
  const rights = withOldRights(await aclOf(session).myRights(path, { signal: session.signal }));
  await session.send([extensionResponse({ type: 'myRights', mailbox, rights })]);
}

/** The store's access control, or that of a store where everybody owns what they see and shares nothing. */
function aclOf(session: Session): AccountAcl {
  return session.openAccount().acl ?? ownerAcl(session);
}

function ownerAcl(session: Session): AccountAcl {
  const { accountName: owner = '' } = session;
  const check = async (path: MailboxPath): Promise<void> => {
    await session.openAccount().status(path, { signal: session.signal });
  };
  return {
    async entries(path): Promise<readonly AclEntry[]> {
      await check(path);
      return [{ identifier: owner, rights: ALL_RIGHTS }];
    },
    async change(path, identifier, rights = '') {
      await check(path);
      if (identifier !== owner && rights === '') return;
      if (identifier === owner && rights === ALL_RIGHTS) return;
      const reason = identifier === owner ? 'The owner keeps all rights' : 'Mailboxes cannot be shared here';
      throw new CommandRefused(no(reason, 'CANNOT'));
    },
    async myRights(path) {
      await check(path);
      return ALL_RIGHTS;
    },
    async grantable(path, identifier) {
      await check(path);
      return { required: identifier === owner ? ALL_RIGHTS : '', optional: [] };
    },
  };
}

/** What older clients know by `c` and `d`. @see RFC 4314 section 2.1.1 */
function withOldRights(rights: string): string {
  return rights + (/[kx]/.test(rights) ? 'c' : '') + (/[te]/.test(rights) ? 'd' : '');
}

function withoutOldRights(rights: string): string {
  return inOrder(rights.replaceAll('c', 'kx').replaceAll('d', 'te'));
}

/** Each right once; those that are unknown come last. */
function inOrder(rights: string): string {
  const unknown = [...rights].filter((right) => !ALL_RIGHTS.includes(right));
  return [...ALL_RIGHTS].filter((right) => rights.includes(right)).join('') + [...new Set(unknown)].join('');
}
