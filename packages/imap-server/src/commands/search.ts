import type { Uid } from '@posthorn/core';
import { emptySet, ids } from '@posthorn/message-set';
import { extensionResponse, type SearchKey, type SearchReturn } from '@posthorn/wire';
import { usesKey } from '../command-rules.ts';
import { bad, CommandRefused, type Completion, no, ok } from '../replies.ts';
import { runSearch } from '../search/run-search.ts';
import { extendedAnswer, highestModSeq, idsOf, type SearchResult, savedResult } from '../search/search-answer.ts';
import { planSearch } from '../search/search-plan.ts';
import { toSearchQuery } from '../search/search-query.ts';
import type { Session } from '../session.ts';
import type { CommandOf } from './command-of.ts';
import { enableCondstore } from './enable.ts';

const CHARSETS: readonly string[] = ['US-ASCII', 'UTF-8'];
const ALL: readonly SearchReturn[] = [{ type: 'all' }];

/** @see RFC 9051 section 6.4.4, RFC 4731, RFC 5182 */
export async function search(session: Session, tag: string, command: CommandOf<'SEARCH'>): Promise<Completion> {
  const { isUid, key } = command;
  // RFC 9051 section 6.4.4: there is no SEARCH response any more.
  const returned = command.return ?? (session.modes.imap4rev2 ? ALL : undefined);
  if (returned !== undefined) checkReturns(session, command.return ?? [], 'SEARCH');
  const isSaving = returned?.some(({ type }) => type === 'save') === true;
  const selected = session.openMailbox();
  try {
    const result = await findMessages(session, command);
    const { uids, view } = result;
    const tellsModSeq = usesModSeq(key);
    if (returned === undefined) {
      const modSeq = tellsModSeq ? highestModSeq(view, uids) : undefined;
      const numbers = idsOf(result, isUid);
      session.output.send(modSeq === undefined ? { type: 'search', numbers } : { type: 'search', numbers, modSeq });
      return ok('Searched');
    }
    if (isSaving) selected.saved = savedResult(result, returned);
    if (isSaving && returned.length === 1) return ok('Searched and saved');
    session.output.send(extensionResponse(extendedAnswer(result, { tag, isUid, returned, tellsModSeq })));
    return ok('Searched');
  } catch (error) {
    const isBad = error instanceof CommandRefused && error.completion.status === 'BAD';
    if (isSaving && !isBad) selected.saved = emptySet();
    throw error;
  }
}

/** @throws {@link CommandRefused} BAD for return options that are not offered, or not together. */
export function checkReturns(session: Session, returned: readonly SearchReturn[], what: 'SEARCH' | 'SORT'): void {
  const { protocol } = session;
  const extended = what === 'SEARCH' ? 'ESEARCH' : 'ESORT';
  if (!protocol.isOffered(extended)) throw new CommandRefused(bad('RETURN is not offered'));
  const needs = (type: SearchReturn['type']): readonly string[] => {
    if (type === 'save') return ['SEARCHRES'];
    const isFinished = type === 'min' || type === 'max' || type === 'all' || type === 'count';
    return isFinished ? [extended] : [];
  };
  const types = returned.map(({ type }) => type);
  if (!types.every((type) => needs(type).some((name) => protocol.isOffered(name)))) {
    throw new CommandRefused(bad('That return option is not offered'));
  }
  const windows = types.filter((type) => type === 'partial' || type === 'all');
  if (windows.length > 1 && windows.includes('partial')) {
    throw new CommandRefused(bad('Only one PARTIAL, and none beside ALL'));
  }
}

/** The messages that are meant, found by the store where it can, in the order of the mailbox. */
export async function findMessages(
  session: Session,
  { charset, key }: { readonly charset?: string | undefined; readonly key: SearchKey },
): Promise<SearchResult> {
  if (charset !== undefined && !CHARSETS.includes(charset.toUpperCase())) {
    throw new CommandRefused(no('That charset is not known', { type: 'badCharset', charsets: CHARSETS }));
  }
  const { signal, timers, protocol } = session;
  const selected = session.openMailbox();
  const { mailbox, view, hasModSeq } = selected;
  const hasWithin = protocol.isOffered('WITHIN');
  if (usesModSeq(key) && hasModSeq) enableCondstore(session);
  await selected.refresh(signal);
  await session.send(view.announce());
  const saved = protocol.isOffered('SEARCHRES') ? selected.saved : undefined;
  const query = toSearchQuery(key, view, {
    hasModSeq,
    hasObjectIds: protocol.isOffered('OBJECTID'),
    hasSaveDate: protocol.isOffered('SAVEDATE') ? await knowsSaveDate(session, key) : undefined,
    hasWithin,
    saved,
    isForStore: mailbox.search !== undefined,
  });
  if (mailbox.search === undefined) {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const found = await runSearch({ selected, plan: planSearch(query), timers, signal, nowSeconds });
    return { uids: [...ids<Uid>(found)], view };
  }
  const found: Uid[] = [];
  for await (const uid of mailbox.search(query, { signal })) {
    if (view.numberOf(uid) !== undefined) found.push(uid);
  }
  return { uids: found.sort((left, right) => left - right), view };
}

/** Whether the store keeps the date of saving, if that is asked at all. @see RFC 8514 section 4.3 */
async function knowsSaveDate(session: Session, key: SearchKey): Promise<boolean> {
  const { mailbox, view } = session.openMailbox();
  if (view.exists === 0 || !usesKey(key, ({ type }) => type === 'saveDateSupported')) return true;
  for await (const { saveDate } of mailbox.scan(view.toldUids, ['saveDate'], { signal: session.signal })) {
    return saveDate !== undefined;
  }
  return true;
}

export function usesModSeq(key: SearchKey): boolean {
  return usesKey(key, ({ type }) => type === 'modSeq');
}
