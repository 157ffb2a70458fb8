import { MAX_ID } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { Response } from '@posthorn/wire';
import { attributesOf, hasChildren } from '../mailboxes/list-mailboxes.ts';
import { DELIMITER, nameOf } from '../mailboxes/names.ts';
import { listedUnder } from '../notify/old-name.ts';
import { bad, type Completion, ok, untagged } from '../replies/replies.ts';
import { SelectedMailbox } from '../selected/selected-mailbox.ts';
import type { Session } from '../session/session.ts';
import { rightsOn } from '../sharing/rights.ts';
import type { CommandOf } from './command-of.ts';
import { enableCondstore } from './enable.ts';
import { allMailboxes, existingPath, mailboxIdCode } from './mailboxes.ts';
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
  const path = existingPath(session, mailbox);
  if (condstore) enableCondstore(session);
  const selected = await SelectedMailbox.open(account, path, {
    readOnly: name === 'EXAMINE',
    session: session.id,
    bell,
    hasModSeq: session.hasModSeq,
    rights: await rightsOn(account, path, { signal }),
    modes: () => session.modes,
    signal,
  });
  session.selected = selected;
  selected.notifiedUid = selected.view.lastUid ?? 0;
  protocol.selected();
  await session.send(opening(session, selected));
  if (session.modes.imap4rev2) await session.send(await listed(session, selected, mailbox));
  if (protocol.isOffered('CONDSTORE')) output.send(modSeqOf(selected));
  if (qresync !== undefined && selected.hasModSeq) await resync(session, selected, qresync);
  return ok('Selected', { type: 'atom', name: selected.isReadOnly ? 'READ-ONLY' : 'READ-WRITE' });
}

/** @see RFC 7162 section 3.1.2 */
function modSeqOf({ hasModSeq, view }: SelectedMailbox): Response {
  if (!hasModSeq) return untagged('OK', 'Mod-sequences do not last', { type: 'atom', name: 'NOMODSEQ' });
  return untagged('OK', 'Highest', { type: 'highestModSeq', modSeq: view.highestModSeq });
}

function* opening({ modes, protocol }: Session, { view, mailbox, uidNext }: SelectedMailbox): Iterable<Response> {
  const [flags, permanentFlags] = view.flagResponses();
  yield flags!;
  const arrivals = view.announce();
  // An empty mailbox is announced too.
  yield { type: 'exists', count: view.exists };
  if (!modes.imap4rev2) yield { type: 'recent', count: view.recentCount() };
  yield* arrivals.filter(({ type }) => type !== 'exists' && type !== 'recent');
  const unseen = modes.imap4rev2 ? undefined : view.firstUnseen();
  if (unseen !== undefined) yield untagged('OK', 'First unseen', { type: 'unseen', first: unseen });
  yield permanentFlags!;
  if (uidNext <= MAX_ID) yield untagged('OK', 'Next UID', { type: 'uidNext', uidNext });
  yield untagged('OK', 'UIDs are valid', { type: 'uidValidity', uidValidity: mailbox.uidValidity });
  if (protocol.isOffered('OBJECTID')) yield untagged('OK', 'Object id', mailboxIdCode(mailbox.id));
}

/** What the mailbox is really called. @see RFC 9051 section 6.3.2 */
async function listed(
  session: Session,
  { mailbox }: SelectedMailbox,
  asked: MailboxName,
): Promise<readonly Response[]> {
  const { modes } = session;
  const infos = await allMailboxes(session);
  const info = infos.find(({ id }) => id === mailbox.id);
  if (info === undefined) return [];
  const name = nameOf(info.path, modes);
  const attributes = attributesOf(info, hasChildren(infos, info), { isExtended: true, tellsSubscribed: true });
  const listed = { type: 'list', attributes, delimiter: DELIMITER, mailbox: name } as const;
  return [name.wire === asked.wire ? listed : listedUnder(listed, asked)];
}
