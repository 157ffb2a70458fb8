import type { SearchQuery, Uid } from '@posthorn/core';
import { ids } from '@posthorn/message-set';
import type { SearchKey } from '@posthorn/wire/extensions';
import { usesKey } from '../protocol/command-rules.ts';
import { CommandRefused, no } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';
import { runSearch } from './run-search.ts';
import type { SearchResult } from './search-answer.ts';
import { planSearch } from './search-plan.ts';
import { toSearchQuery } from './search-query.ts';
import type { SearchTarget } from './search-target.ts';

const CHARSETS: readonly string[] = ['US-ASCII', 'UTF-8'];

/** @throws {@link CommandRefused} BADCHARSET */
export function checkCharset(charset: string | undefined): void {
  if (charset === undefined || CHARSETS.includes(charset.toUpperCase())) return;
  throw new CommandRefused(no('That charset is not known', { type: 'badCharset', charsets: CHARSETS }));
}

/** The messages that are meant, found by the store where it can, in the order of the mailbox. */
export async function findMessages(session: Session, target: SearchTarget, key: SearchKey): Promise<SearchResult> {
  const query = await queryOf(session, target, key, { isForStore: target.mailbox.search !== undefined });
  return runQuery(session, target, query);
}

/** What a client means, as it stands now. */
export async function queryOf(
  session: Session,
  target: SearchTarget,
  key: SearchKey,
  { isForStore }: { readonly isForStore: boolean },
): Promise<SearchQuery> {
  const { protocol } = session;
  return toSearchQuery(key, target.view, {
    hasModSeq: target.hasModSeq,
    hasObjectIds: protocol.isOffered('OBJECTID'),
    hasSaveDate: protocol.isOffered('SAVEDATE') ? await knowsSaveDate(session, target, key) : undefined,
    hasWithin: protocol.isOffered('WITHIN'),
    saved: protocol.isOffered('SEARCHRES') ? target.saved : undefined,
    isForStore,
  });
}

export async function runQuery(session: Session, target: SearchTarget, query: SearchQuery): Promise<SearchResult> {
  const { mailbox, view } = target;
  const { signal, timers } = session;
  if (mailbox.search === undefined) {
    const onProgress = (done: number, goal: number): Promise<void> => session.progress.made(done, goal);
    const nowSeconds = Math.floor(Date.now() / 1000);
    const found = await runSearch({
      selected: target,
      plan: planSearch(query),
      timers,
      signal,
      nowSeconds,
      onProgress,
    });
    return { uids: [...ids<Uid>(found)], view };
  }
  const found: Uid[] = [];
  for await (const uid of mailbox.search(query, { signal })) {
    if (view.numberOf(uid) !== undefined) found.push(uid);
  }
  return { uids: found.sort((left, right) => left - right), view };
}

/** Whether the store keeps the date of saving, if that is asked at all. @see RFC 8514 section 4.3 */
async function knowsSaveDate({ signal }: Session, { mailbox, view }: SearchTarget, key: SearchKey): Promise<boolean> {
  if (view.exists === 0 || !usesKey(key, ({ type }) => type === 'saveDateSupported')) return true;
  for await (const { saveDate } of mailbox.scan(view.toldUids, ['saveDate'], { signal })) {
    return saveDate !== undefined;
  }
  return true;
}

export function usesModSeq(key: SearchKey): boolean {
  return usesKey(key, ({ type }) => type === 'modSeq');
}
