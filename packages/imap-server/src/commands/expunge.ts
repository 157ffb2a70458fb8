import { type Uid, uid } from '@posthorn/core';
import { rangeSet, resolveSequenceSet } from '@posthorn/message-set';
import { bad, type Completion, no, ok } from '../replies.ts';
import type { Session } from '../session.ts';
import type { CommandOf } from './command-of.ts';

/** @see RFC 9051 section 6.4.3 and section 6.4.9 */
export async function expunge(session: Session, { uids }: CommandOf<'EXPUNGE'>): Promise<Completion> {
  const selected = session.openMailbox();
  if (uids === '$') return bad('Searches are not saved');
  if (selected.isReadOnly) return no('The mailbox is read-only', 'READ-ONLY');
  await selected.refresh(session.signal);
  const last = selected.view.lastUid;
  const asked = uids === undefined ? everyUid(last) : resolveSequenceSet(uids, last);
  if (asked !== undefined && asked.bounds.length > 0) {
    await selected.mailbox.expunge(asked, { onlyDeleted: true, signal: session.signal });
  }
  return ok('Expunged');
}

/** @see RFC 9051 section 6.4.1 and section 6.4.2 */
export async function close(session: Session, { expunges }: { readonly expunges: boolean }): Promise<Completion> {
  const { mailbox, view, isReadOnly } = session.openMailbox();
  await session.deselect();
  const asked = everyUid(view.lastUid);
  if (expunges && !isReadOnly && asked !== undefined) {
    await mailbox.expunge(asked, { onlyDeleted: true, signal: session.signal });
  }
  return ok('Closed');
}

function everyUid(last: Uid | undefined): ReturnType<typeof rangeSet<Uid>> | undefined {
  return last === undefined ? undefined : rangeSet(uid(1), last);
}
