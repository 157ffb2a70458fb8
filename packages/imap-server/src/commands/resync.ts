import type { ModSeq, SequenceNumber, Uid, UidSet } from '@posthorn/core';
import { difference, ids, pairIds, rangeSet, resolveSequenceSet, SequenceSetError } from '@posthorn/message-set';
import type { QuickResync } from '@posthorn/wire';
import { bad, CommandRefused } from '../replies/replies.ts';
import type { SelectedMailbox } from '../selected/selected-mailbox.ts';
import type { Session } from '../session/session.ts';

type Match = NonNullable<QuickResync['match']>;

/**
 * Tells what happened since the client last had the mailbox open, as far as it still is the same mailbox.
 * @see RFC 7162 section 3.2.5
 */
export async function resync(session: Session, selected: SelectedMailbox, known: QuickResync): Promise<void> {
  const { view, mailbox, uidNext } = selected;
  if (known.uidValidity !== mailbox.uidValidity || uidNext <= 1) return;
  const ever = rangeSet(1 as Uid, (uidNext - 1) as Uid);
  const asked = known.knownUids === undefined ? ever : resolveSequenceSet(known.knownUids, undefined);
  const before = known.match === undefined ? 0 : lastMatch(selected, known.match);
  const isUnclear = before === 0 ? asked : difference(asked, rangeSet(1 as Uid, before as Uid));
  await tellVanished(session, selected, isUnclear, known.modSeq);
  for (const number of ids<SequenceNumber>(view.changedSince(asked, known.modSeq))) {
    await session.send([{ type: 'fetch', sequenceNumber: number, items: view.newsOf(number) }]);
  }
}

/**
 * Tells which of `uids` were expunged after a mod-sequence. A store that no longer knows when something was expunged
 * has all of them told that are not there.
 * @see RFC 7162 section 3.2.6
 */
export async function tellVanished(
  session: Session,
  { view, mailbox }: SelectedMailbox,
  uids: UidSet,
  since: ModSeq,
): Promise<void> {
  if (uids.bounds.length === 0) return;
  const logged = await mailbox.vanishedSince?.(since, uids, { signal: session.signal });
  // What the client still counts is told as news of this session.
  const vanished = difference(logged ?? uids, view.toldUids);
  if (vanished.bounds.length > 0) await session.send([{ type: 'vanished', isEarlier: true, uids: vanished }]);
}

/** The highest UID up to which the client's sample fits the mailbox, or 0: below it, nothing vanished unnoticed. */
function lastMatch({ view }: SelectedMailbox, { sequenceNumbers, uids }: Match): number {
  let last = 0;
  for (const [number, uid] of paired(sequenceNumbers, uids)) {
    if (number > view.exists || view.uidAt(number) !== uid) break;
    last = uid;
  }
  return last;
}

function paired(sequenceNumbers: Match['sequenceNumbers'], uids: Match['uids']) {
  try {
    return pairIds(sequenceNumbers, uids);
  } catch (error) {
    if (error instanceof SequenceSetError) throw new CommandRefused(bad('The sample of UIDs does not fit its numbers'));
    throw error;
  }
}
