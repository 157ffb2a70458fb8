import type { Uid } from '@posthorn/core';
import { rangeSet, setOf } from '@posthorn/message-set';
import type { FetchItem } from '@posthorn/wire';
import { answerItems } from '../commands/fetch.ts';
import { runQuery } from '../search/find-messages.ts';
import { needsOfOrder, sortableMessages } from '../search/sortable-messages.ts';
import type { Session } from '../session/session.ts';
import type { SelectedMailbox } from './selected-mailbox.ts';

export interface TellOptions {
  /** Whether EXPUNGE responses must wait. */
  readonly holdExpunges?: boolean | undefined;
  /** Whether the client itself made messages go, which it is told whatever it asked for. */
  readonly isOwnExpunge?: boolean | undefined;
}

/**
 * Tells the client what happened in its mailbox, as far as it wants to know, and in the results of searches that are
 * kept up to date.
 */
export async function tellNews(
  session: Session,
  selected: SelectedMailbox,
  { holdExpunges = false, isOwnExpunge = false }: TellOptions = {},
): Promise<void> {
  const { view, updates } = selected;
  const notices = session.notifying === undefined ? undefined : session.notifying.request.selected;
  if (session.notifying !== undefined && notices === undefined && !isOwnExpunge) return;
  const holdFlags = notices?.tellsFlags === false;
  if (!holdExpunges && !updates.isEmpty) await session.send(updates.removals(view, view.vanishedUids));
  await session.send(view.report({ holdExpunges, holdFlags }));
  if (!updates.isEmpty) await tellUpdates(session, selected);
  if (notices !== undefined) await tellArrivals(session, selected, notices.items);
}

async function tellUpdates(session: Session, selected: SelectedMailbox): Promise<void> {
  const { view, updates } = selected;
  const find = async (query: Parameters<typeof runQuery>[2]): Promise<ReadonlySet<Uid>> =>
    new Set((await runQuery(session, selected, query)).uids);
  const joined: { readonly items: readonly FetchItem[]; readonly uids: readonly Uid[] }[] = [];
  const told = await updates.news(view, view.takeTouched(), {
    find,
    onJoined: (items, uids) => joined.push({ items, uids }),
    sortable: (uids, order) => sortableMessages(selected, uids, needsOfOrder(order), session.signal),
  });
  await session.send(told);
  for (const { items, uids } of joined) await answerItems(session, selected, items, view.numbersOf(setOf(uids)));
}

/** What the client wants to know of new messages. @see RFC 5465 section 5.2 */
async function tellArrivals(session: Session, selected: SelectedMailbox, items: readonly FetchItem[]): Promise<void> {
  const { view } = selected;
  const last = view.exists === 0 ? 0 : view.uidAt(view.exists as Parameters<typeof view.uidAt>[0]);
  if (last <= selected.notifiedUid) return;
  const fresh = view.numbersOf(rangeSet((selected.notifiedUid + 1) as Uid, last as Uid));
  selected.notifiedUid = last;
  if (items.length > 0) await answerItems(session, selected, items, fresh);
}
