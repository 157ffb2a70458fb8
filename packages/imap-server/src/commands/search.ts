import { emptySet } from '@posthorn/message-set';
import { extensionResponse, type SearchKey, type SearchReturn, type SortCriterion } from '@posthorn/wire/extensions';
import { bad, CommandRefused, type Completion, ok, untagged } from '../replies/replies.ts';
import { checkCharset, findMessages, queryOf, usesModSeq } from '../search/find-messages.ts';
import { extendedAnswer, highestModSeq, idsOf, type SearchResult, savedResult } from '../search/search-answer.ts';
import { checkReturns } from '../search/search-returns.ts';
import type { Session } from '../session/session.ts';
import type { CommandOf } from './command-of.ts';
import { enableCondstore } from './enable.ts';

const ALL: readonly SearchReturn[] = [{ type: 'all' }];

/** @see RFC 9051 section 6.4.4, RFC 4731, RFC 5182 */
export async function search(session: Session, tag: string, command: CommandOf<'SEARCH'>): Promise<Completion> {
  const { isUid, key, charset } = command;
  if (command.return !== undefined) checkReturns((name) => session.protocol.isOffered(name), command.return, 'SEARCH');
  // RFC 9051 section 6.4.4: there is no SEARCH response any more.
  const returned = command.return ?? (session.modes.imap4rev2 ? ALL : undefined);
  return savingNothing(session, returned ?? [], async () => {
    checkCharset(charset);
    await lookAgain(session, key);
    const result = await findMessages(session, session.openMailbox(), key);
    if (returned !== undefined) return answerExtended(session, tag, { isUid, key, return: returned }, result);
    const numbers = idsOf(result, isUid);
    const modSeq = usesModSeq(key) ? highestModSeq(result.view, result.uids) : undefined;
    session.output.send(modSeq === undefined ? { type: 'search', numbers } : { type: 'search', numbers, modSeq });
    return ok('Searched');
  });
}

/** Brings the view up to date before a search. */
export async function lookAgain(session: Session, key: SearchKey): Promise<void> {
  const selected = session.openMailbox();
  if (usesModSeq(key) && selected.hasModSeq) enableCondstore(session);
  await selected.refresh(session.signal);
  await session.send(selected.view.announce());
}

/** Runs a search that may save its result; when it fails, nothing is saved. @see RFC 5182 section 2.1 */
export async function savingNothing(
  session: Session,
  returned: readonly SearchReturn[],
  work: () => Promise<Completion>,
): Promise<Completion> {
  try {
    return await work();
  } catch (error) {
    const isBad = error instanceof CommandRefused && error.completion.status === 'BAD';
    if (!isBad && returned.some(({ type }) => type === 'save')) session.openMailbox().saved = emptySet();
    throw error;
  }
}

export interface ExtendedSearch {
  readonly isUid: boolean;
  readonly key: SearchKey;
  readonly return: readonly SearchReturn[];
  readonly order?: readonly SortCriterion[] | undefined;
}

/** Answers with ESEARCH, saves what is to be saved, and keeps up to date what is to be. */
export async function answerExtended(
  session: Session,
  tag: string,
  asked: ExtendedSearch,
  result: SearchResult,
): Promise<Completion> {
  const { isUid, key, return: returned } = asked;
  if (isTagTaken(session, tag, returned)) return bad('That tag is in use');
  if (!onlySaves(returned)) {
    const answer = extendedAnswer(result, { tag, isUid, returned, tellsModSeq: usesModSeq(key) });
    session.output.send(extensionResponse(answer));
  }
  await keepResult(session, tag, asked, result);
  return ok(returned.some(({ type }) => type === 'save') ? 'Searched and saved' : 'Searched');
}

/** Whether a search that is to be kept up to date has the tag of another one. */
export function isTagTaken({ selected }: Session, tag: string, returned: readonly SearchReturn[]): boolean {
  return selected?.updates.has(tag) === true && returned.some(({ type }) => type === 'update');
}

/** Whether nothing is to be answered. */
export function onlySaves(returned: readonly SearchReturn[]): boolean {
  return returned.length > 0 && returned.every(({ type }) => type === 'save');
}

/** Saves a result for `$`, and keeps it up to date, as far as that is asked for. */
export async function keepResult(
  session: Session,
  tag: string,
  { isUid, key, return: returned, order }: ExtendedSearch,
  result: SearchResult,
): Promise<void> {
  const selected = session.openMailbox();
  const asks = (type: SearchReturn['type']): boolean => returned.some((option) => option.type === type);
  if (asks('save')) selected.saved = savedResult(result, returned);
  if (asks('update')) {
    // Numbers in it mean the messages that have them now: RFC 5267 section 4.3.
    const query = await queryOf(session, selected, key, { isForStore: true });
    selected.view.watchTouched();
    const update = returned.find((option) => option.type === 'update');
    const items = (update?.type === 'update' ? update.items : undefined) ?? [];
    if (!selected.updates.add({ tag, isUid, query, order, items, uids: result.uids })) {
      session.output.send(untagged('NO', 'Too much to keep up to date', { type: 'noUpdate', tag }));
    }
  }
}

/** @see RFC 5267 section 4.3.5 */
export async function cancelUpdate(session: Session, tags: readonly string[]): Promise<Completion> {
  const { updates } = session.openMailbox();
  for (const tag of tags) updates.cancel(tag);
  return ok('No further updates');
}
