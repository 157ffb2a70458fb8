import { MAX_ID, type MailboxStatus, type ModSeq } from '@posthorn/core';
import type { StatusItem, StatusItems } from '@posthorn/wire';
import { type Completion, ok } from '../replies.ts';
import type { Session } from '../session.ts';
import type { CommandOf } from './command-of.ts';
import { enableCondstore } from './enable.ts';
import { existingPath } from './mailboxes.ts';

export async function status(session: Session, { mailbox, items }: CommandOf<'STATUS'>): Promise<Completion> {
  const { signal } = session;
  if (items.includes('HIGHESTMODSEQ')) enableCondstore(session);
  const figures = await session.openAccount().status(existingPath(session, mailbox), { signal });
  session.output.send({ type: 'mailboxStatus', mailbox, items: statusItems(session, figures, items) });
  return ok('Done');
}

/** The items asked for. */
export function statusItems(session: Session, figures: MailboxStatus, asked: readonly StatusItem[]): StatusItems {
  const { hasModSeq, limits } = session;
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
    else items.appendLimit = limits.maxMessageBytes;
  }
  return items;
}
