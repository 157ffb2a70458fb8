import { hasFlag, MAX_ID, type MailboxPath, type MailboxStatus, type ModSeq } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import type { StatusItem, StatusItems } from '@posthorn/wire';
import { type Completion, ok } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';
import type { CommandOf } from './command-of.ts';
import { enableCondstore } from './enable.ts';
import { existingPath } from './mailboxes.ts';

/** @see RFC 9051 section 6.3.11 */
export async function status(session: Session, { mailbox, items }: CommandOf<'STATUS'>): Promise<Completion> {
  if (items.includes('HIGHESTMODSEQ')) enableCondstore(session);
  const figures = await statusItems(session, existingPath(session, mailbox), items);
  session.output.send({ type: 'mailboxStatus', mailbox, items: figures });
  return ok('Done');
}

/** The items asked for. */
export async function statusItems(
  session: Session,
  path: MailboxPath,
  asked: readonly StatusItem[],
): Promise<StatusItems> {
  const figures = await session.openAccount().status(path, { signal: session.signal });
  const items = figuresOf(session, figures, asked);
  if (!asked.includes('DELETED-STORAGE')) return items;
  return { ...items, deletedStorage: figures.deleted === 0 ? 0 : await deletedStorage(session, path) };
}

function figuresOf({ hasModSeq, limits }: Session, figures: MailboxStatus, asked: readonly StatusItem[]): StatusItems {
  const items: { -readonly [Item in keyof StatusItems]: StatusItems[Item] } = {};
  for (const item of asked) {
    if (item === 'MESSAGES') items.messages = figures.messages;
    else if (item === 'RECENT') items.recent = figures.recent;
    else if (item === 'UIDNEXT') items.uidNext = Math.min(figures.uidNext, MAX_ID);
    else if (item === 'UIDVALIDITY') items.uidValidity = figures.uidValidity;
    else if (item === 'UNSEEN') items.unseen = figures.unseen;
    else if (item === 'DELETED') items.deleted = figures.deleted;
    else if (item === 'SIZE') items.size = figures.size;
    else if (item === 'HIGHESTMODSEQ') items.highestModSeq = hasModSeq ? figures.highestModSeq : (0n as ModSeq);
    else if (item === 'MAILBOXID') items.mailboxId = figures.id;
    else if (item === 'APPENDLIMIT') items.appendLimit = limits.maxMessageBytes;
  }
  return items;
}

/** What an EXPUNGE would free, in units of 1024 octets. @see RFC 9208 section 4.1.4 */
async function deletedStorage(session: Session, path: MailboxPath): Promise<number> {
  const { signal } = session;
  const mailbox = await session.openAccount().mailbox(path, { signal });
  const { added } = await mailbox.changes(undefined, { signal });
  const deleted = setOf(added.filter(({ flags }) => hasFlag(flags, '\\Deleted')).map(({ uid }) => uid));
  let octets = 0;
  for await (const { size } of mailbox.scan(deleted, ['size'], { signal })) octets += size;
  return Math.ceil(octets / 1024);
}
