import type { Uid } from '@posthorn/core';
import { type SortCriterion, sortMessages, type ThreadAlgorithm, threadMessages } from '@posthorn/threading';
import { extensionResponse } from '@posthorn/wire/extensions';
import { bad, CommandRefused, type Completion, ok } from '../replies/replies.ts';
import { checkCharset, findMessages, usesModSeq } from '../search/find-messages.ts';
import { highestModSeq, idsOf, type SearchResult } from '../search/search-answer.ts';
import { checkReturns } from '../search/search-returns.ts';
import { needsOfOrder, needsOfThreads, sortableMessages } from '../search/sortable-messages.ts';
import type { Session } from '../session/session.ts';
import type { CommandOf } from './command-of.ts';
import { answerExtended, lookAgain } from './search.ts';

/** @see RFC 5256 section 3, RFC 5957, RFC 5267 section 3 */
export async function sort(session: Session, tag: string, command: CommandOf<'SORT'>): Promise<Completion> {
  const { isUid, charset, key, order, return: returned } = command;
  const criteria = order.map((criterion) => checkedCriterion(session, criterion));
  if (returned !== undefined) checkReturns((name) => session.protocol.isOffered(name), returned, 'SORT');
  checkCharset(charset);
  const selected = session.openMailbox();
  await lookAgain(session, key);
  const { uids, view } = await findMessages(session, selected, key);
  const messages = await sortableMessages(selected, uids, needsOfOrder(order), session.signal);
  const result: SearchResult = { uids: sortMessages(messages, criteria).map(({ number }) => number as Uid), view };
  if (returned !== undefined) return answerExtended(session, tag, { ...command, return: returned, order }, result);
  const modSeq = usesModSeq(key) ? highestModSeq(view, uids) : undefined;
  const numbers = idsOf(result, isUid);
  session.output.send(
    extensionResponse(modSeq === undefined ? { type: 'sort', numbers } : { type: 'sort', numbers, modSeq }),
  );
  return ok('Sorted');
}

/** @see RFC 5256 section 4 */
export async function thread(session: Session, command: CommandOf<'THREAD'>): Promise<Completion> {
  const { isUid, charset, key } = command;
  const algorithm = command.algorithm.toUpperCase();
  if (!session.protocol.isOffered(`THREAD=${algorithm}`) || !isAlgorithm(algorithm)) {
    return bad('That algorithm is not offered');
  }
  checkCharset(charset);
  const selected = session.openMailbox();
  await lookAgain(session, key);
  const { uids, view } = await findMessages(session, selected, key);
  const found = await sortableMessages(selected, uids, needsOfThreads(algorithm), session.signal);
  const messages = isUid ? found : found.map((each) => ({ ...each, number: view.numberOf(each.number as Uid)! }));
  session.output.send(extensionResponse({ type: 'thread', threads: threadMessages(messages, algorithm) }));
  return ok('Threaded');
}

function isAlgorithm(name: string): name is ThreadAlgorithm {
  return name === 'ORDEREDSUBJECT' || name === 'REFERENCES' || name === 'REFS';
}

function checkedCriterion(session: Session, { key, isReverse }: CommandOf<'SORT'>['order'][number]): SortCriterion {
  const isDisplay = key === 'DISPLAYFROM' || key === 'DISPLAYTO';
  if (key === 'ANNOTATION' || key === 'RELEVANCY' || (isDisplay && !session.protocol.isOffered('SORT=DISPLAY'))) {
    throw new CommandRefused(bad('That sort key is not offered'));
  }
  return { key, isReverse };
}
