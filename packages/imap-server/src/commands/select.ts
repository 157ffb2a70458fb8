import { MAX_ID } from '@posthorn/core';
import type { Response } from '@posthorn/wire';
import { bad, type Completion, ok, untagged } from '../replies.ts';
import { SelectedMailbox } from '../selected-mailbox.ts';
import type { Session } from '../session.ts';
import type { CommandOf } from './command-of.ts';
import { enableCondstore } from './enable.ts';
import { existingPath } from './mailboxes.ts';
import { resync } from './resync.ts';

/** @see RFC 9051 section 6.3.2, RFC 3501 section 6.3.1 */
export async function select(
  session: Session,
  { name, mailbox, condstore = false, qresync }: CommandOf<'SELECT' | 'EXAMINE'>,
): Promise<Completion> {
  const { output, protocol, bell, signal } = session;
  if (qresync !== undefined && !session.modes.qresync) return bad('Enable QRESYNC first');
  if (condstore && !protocol.isOffered('CONDSTORE')) return bad('CONDSTORE is not offered');
  if (session.selected !== undefined) {
    await session.deselect();
    output.send(untagged('OK', 'The mailbox is closed', { type: 'atom', name: 'CLOSED' }));
  }
  const account = session.openAccount();
  if (condstore) enableCondstore(session);
  const selected = await SelectedMailbox.open(account, existingPath(mailbox), {
    readOnly: name === 'EXAMINE',
    session: session.id,
    bell,
    hasModSeq: session.hasModSeq,
    modes: () => session.modes,
    signal,
  });
  session.selected = selected;
  protocol.selected();
  await session.send(opening(selected));
  if (protocol.isOffered('CONDSTORE')) output.send(modSeqOf(selected));
  if (qresync !== undefined && selected.hasModSeq) await resync(session, selected, qresync);
  return ok('Selected', { type: 'atom', name: selected.isReadOnly ? 'READ-ONLY' : 'READ-WRITE' });
}

/** @see RFC 7162 section 3.1.2 */
function modSeqOf({ hasModSeq, view }: SelectedMailbox): Response {
  if (!hasModSeq) return untagged('OK', 'Mod-sequences do not last', { type: 'atom', name: 'NOMODSEQ' });
  return untagged('OK', 'Highest', { type: 'highestModSeq', modSeq: view.highestModSeq });
}

function* opening({ view, mailbox, uidNext }: SelectedMailbox): Iterable<Response> {
  const [flags, permanentFlags] = view.flagResponses();
  yield flags!;
  const arrivals = view.announce();
  // An empty mailbox is announced too.
  yield { type: 'exists', count: view.exists };
  yield { type: 'recent', count: view.recentCount() };
  yield* arrivals.filter(({ type }) => type !== 'exists' && type !== 'recent');
  const unseen = view.firstUnseen();
  if (unseen !== undefined) yield untagged('OK', 'First unseen', { type: 'unseen', first: unseen });
  yield permanentFlags!;
  if (uidNext <= MAX_ID) yield untagged('OK', 'Next UID', { type: 'uidNext', uidNext });
  yield untagged('OK', 'UIDs are valid', { type: 'uidValidity', uidValidity: mailbox.uidValidity });
}
