import type { SequenceNumber, SequenceNumberSet, Uid, UidSet } from '@posthorn/core';
import { count, first, ids, last, sequenceSetOf, setOf } from '@posthorn/message-set';
import { type ExtendedSearchData, extensionResponse, type SearchReturn } from '@posthorn/wire';
import { bad, type Completion, no, ok } from '../replies.ts';
import { runSearch } from '../search/run-search.ts';
import { planSearch } from '../search/search-plan.ts';
import { toSearchQuery } from '../search/search-query.ts';
import type { Session } from '../session.ts';
import type { CommandOf } from './command-of.ts';

const CHARSETS: readonly string[] = ['US-ASCII', 'UTF-8'];
const OFFERED_RETURNS: readonly string[] = ['min', 'max', 'all', 'count'];

/** @see RFC 9051 section 6.4.4, RFC 4731 */
export async function search(session: Session, tag: string, command: CommandOf<'SEARCH'>): Promise<Completion> {
  const { charset, isUid, return: returned } = command;
  if (charset !== undefined && !CHARSETS.includes(charset.toUpperCase())) {
    return no('That charset is not known', { type: 'badCharset', charsets: CHARSETS });
  }
  if (returned !== undefined && !mayReturn(session, returned)) return bad('That return option is not offered');
  const selected = session.openMailbox();
  await selected.refresh(session.signal);
  await session.send(selected.view.announce());
  const uids = await findMessages(session, command);
  const found = isUid ? uids : selected.view.numbersOf(uids);
  if (returned !== undefined) session.output.send(extensionResponse(extendedAnswer(tag, isUid, found, returned)));
  else session.output.send({ type: 'search', numbers: [...ids<Uid | SequenceNumber>(found)] });
  return ok('Searched');
}

function mayReturn(session: Session, returned: readonly SearchReturn[]): boolean {
  return session.protocol.isOffered('ESEARCH') && returned.every(({ type }) => OFFERED_RETURNS.includes(type));
}

/** UIDs of the messages that are meant, found by the store where it can. */
async function findMessages(session: Session, { key }: CommandOf<'SEARCH'>): Promise<UidSet> {
  const { signal, timers } = session;
  const selected = session.openMailbox();
  const { mailbox, view } = selected;
  const hasWithin = session.protocol.isOffered('WITHIN');
  const query = toSearchQuery(key, view, { hasWithin, isForStore: mailbox.search !== undefined });
  if (mailbox.search === undefined) {
    const nowSeconds = Math.floor(Date.now() / 1000);
    return runSearch({ selected, plan: planSearch(query), timers, signal, nowSeconds });
  }
  const found: Uid[] = [];
  for await (const uid of mailbox.search(query, { signal })) {
    if (view.numberOf(uid) !== undefined) found.push(uid);
  }
  return setOf(found);
}

/** Nothing found has no MIN, MAX and ALL; empty parentheses ask for ALL. @see RFC 4731 section 3.1 */
function extendedAnswer(
  tag: string,
  isUid: boolean,
  found: UidSet | SequenceNumberSet,
  returned: readonly SearchReturn[],
): ExtendedSearchData {
  const asks = (type: SearchReturn['type']): boolean => returned.some((option) => option.type === type);
  const answer: { -readonly [Item in keyof ExtendedSearchData]: ExtendedSearchData[Item] } = {
    type: 'extendedSearch',
    tag,
    isUid,
  };
  const least = first<Uid | SequenceNumber>(found);
  const most = last<Uid | SequenceNumber>(found);
  if (asks('min') && least !== undefined) answer.min = least;
  if (asks('max') && most !== undefined) answer.max = most;
  if (asks('count')) answer.count = count<Uid | SequenceNumber>(found);
  if ((asks('all') || returned.length === 0) && least !== undefined) answer.all = sequenceSetOf(found as UidSet);
  return answer;
}
