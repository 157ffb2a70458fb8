import type { Uid } from '@posthorn/core';
import { runQuery } from './search/find-messages.ts';
import { needsOfOrder, sortableMessages } from './search/sortable-messages.ts';
import type { SelectedMailbox } from './selected-mailbox.ts';
import type { Session } from './session.ts';

/** Tells the client what happened in its mailbox, and in the results of searches that are kept up to date. */
export async function tellNews(
  session: Session,
  selected: SelectedMailbox,
  { holdExpunges = false }: { readonly holdExpunges?: boolean } = {},
): Promise<void> {
  const { view, updates } = selected;
  if (updates.isEmpty) return session.send(view.report({ holdExpunges }));
  if (!holdExpunges) await session.send(updates.removals(view, view.vanishedUids));
  await session.send(view.report({ holdExpunges }));
  const touched = view.takeTouched();
  const find = async (query: Parameters<typeof runQuery>[2]): Promise<ReadonlySet<Uid>> =>
    new Set((await runQuery(session, selected, query)).uids);
  await session.send(
    await updates.news(view, touched, {
      find,
      sortable: (uids, order) => sortableMessages(selected, uids, needsOfOrder(order), session.signal),
    }),
  );
}
