import { type Uid, type UidSet, uid } from '@posthorn/core';
import { rangeSet, resolveSequenceSet } from '@posthorn/message-set';
import { type Completion, no, ok } from '../replies/replies.ts';
import type { SelectedMailbox } from '../selected/selected-mailbox.ts';
import type { Session } from '../session/session.ts';
import type { CommandOf } from './command-of.ts';

/** @see RFC 9051 section 6.4.3 and section 6.4.9 */
export async function expunge(session: Session, { uids }: CommandOf<'EXPUNGE'>): Promise<Completion> {
  const selected = session.openMailbox();
  if (selected.isReadOnly) return no('The mailbox is read-only', 'READ-ONLY');
  if (!selected.rights.includes('e')) return no('You may not remove messages', 'NOPERM');
  await selected.refresh(session.signal);
  const asked = askedUids(selected, uids);
  if (asked !== undefined && asked.bounds.length > 0) {
    const { expunged } = await selected.mailbox.expunge(asked, { onlyDeleted: true, signal: session.signal });
    return { ...ok('Expunged'), tellsModSeq: expunged.bounds.length > 0 };
  }
  return ok('Expunged');
}

/** @see RFC 9051 section 6.4.1 and section 6.4.2 */
export async function close(session: Session, { expunges }: { readonly expunges: boolean }): Promise<Completion> {
  const { mailbox, view, isReadOnly, rights } = session.openMailbox();
  await session.deselect();
  const asked = everyUid(view.lastUid);
  // Who may not remove messages closes all the same. RFC 4314 section 4.
  if (expunges && !isReadOnly && rights.includes('e') && asked !== undefined) {
    await mailbox.expunge(asked, { onlyDeleted: true, signal: session.signal });
  }
  return ok('Closed');
}

function askedUids({ view, saved }: SelectedMailbox, uids: CommandOf<'EXPUNGE'>['uids']): UidSet | undefined {
  if (uids === undefined) return everyUid(view.lastUid);
  return uids === '$' ? saved : resolveSequenceSet(uids, view.lastUid);
}

function everyUid(last: Uid | undefined): UidSet | undefined {
  return last === undefined ? undefined : rangeSet(uid(1), last);
}
