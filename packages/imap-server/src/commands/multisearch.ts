import type { MailboxPath } from '@posthorn/core';
import { emptySet } from '@posthorn/message-set';
import { extensionResponse, type MailboxFilter, type SearchReturn } from '@posthorn/wire/extensions';
import { nameOf } from '../mailboxes/names.ts';
import { isMeant } from '../mailboxes/select-by-filter.ts';
import { usesKey } from '../protocol/command-rules.ts';
import { storeErrorCode } from '../replies/error-replies.ts';
import { bad, type Completion, ok } from '../replies/replies.ts';
import { checkCharset, findMessages, usesModSeq } from '../search/find-messages.ts';
import { extendedAnswer, type SearchResult } from '../search/search-answer.ts';
import { checkReturns } from '../search/search-returns.ts';
import type { SearchTarget } from '../search/search-target.ts';
import { MailboxView } from '../selected/view.ts';
import type { Session } from '../session/session.ts';
import type { CommandOf } from './command-of.ts';
import { allMailboxes } from './mailboxes.ts';
import { isTagTaken, keepResult, lookAgain, onlySaves, savingNothing } from './search.ts';

const SELECTED: readonly MailboxFilter[] = [{ type: 'selected' }];
const ALL: readonly SearchReturn[] = [{ type: 'all' }];

/**
 * Searches several mailboxes, and tells of each where something was found.
 * @see RFC 7377
 */
export async function multisearch(session: Session, tag: string, command: CommandOf<'ESEARCH'>): Promise<Completion> {
  const { sources = SELECTED, return: returned = ALL, charset, key } = command;
  const refusal = refusalOf(session, tag, command);
  if (refusal !== undefined) return bad(refusal);
  checkReturns((name) => session.protocol.isOffered(name), returned, 'SEARCH');
  checkCharset(charset);
  return savingNothing(session, returned, async () => {
    const seen = new Set<string>();
    const asks = new Asked(session, tag, command);
    if (sources.some(({ type }) => type === 'selected')) {
      const selected = session.openMailbox();
      await lookAgain(session, key);
      const path = await selected.currentPath(session.signal);
      seen.add(selected.mailbox.id);
      const result = await asks.search(selected, path);
      await keepResult(session, tag, { isUid: true, key, return: returned }, result);
    }
    const infos = await allMailboxes(session);
    for (const info of infos) {
      if (info.id === undefined || seen.has(info.id)) continue;
      if (sources.some((source) => isMeant(source, info, session.modes))) await asks.searchAt(info.path);
    }
    return ok('Searched');
  });
}

/** Why an ESEARCH is wrong, or undefined. @see RFC 7377 section 2.2 */
function refusalOf(session: Session, tag: string, command: CommandOf<'ESEARCH'>): string | undefined {
  const { sources = SELECTED, return: returned = ALL, key } = command;
  const types = sources.map(({ type }) => type);
  const keeps = (type: SearchReturn['type']): boolean => returned.some((option) => option.type === type);
  if (types.includes('selectedDelayed')) return 'The selected mailbox is only searched as it is';
  if (keeps('save') && !types.every((type) => type === 'selected'))
    return 'Only what the selected mailbox holds is saved';
  const usesSelected =
    types.includes('selected') ||
    keeps('update') ||
    usesKey(key, ({ type }) => type === 'saved' || type === 'sequenceNumbers');
  if (usesSelected && session.selected === undefined) return 'Select a mailbox first';
  return isTagTaken(session, tag, returned) ? 'That tag is in use' : undefined;
}

/** One ESEARCH under way. */
class Asked {
  readonly #session: Session;
  readonly #tag: string;
  readonly #command: CommandOf<'ESEARCH'>;

  constructor(session: Session, tag: string, command: CommandOf<'ESEARCH'>) {
    this.#session = session;
    this.#tag = tag;
    this.#command = command;
  }

  /** Searches a mailbox that is not selected; one that went away, or that the user may not read, holds nothing. */
  async searchAt(path: MailboxPath): Promise<void> {
    const { signal, hasModSeq } = this.#session;
    try {
      const mailbox = await this.#session.openAccount().mailbox(path, { signal });
      const view = new MailboxView();
      view.fold(await mailbox.changes(undefined, { signal }));
      view.announce();
      await this.search({ mailbox, view, hasModSeq, saved: emptySet() }, path);
    } catch (error) {
      const code = storeErrorCode(error);
      if (code !== 'STORE_NONEXISTENT' && code !== 'STORE_NO_PERMISSION') throw error;
    }
  }

  async search(target: SearchTarget, path: MailboxPath): Promise<SearchResult> {
    const { key, return: returned = ALL } = this.#command;
    const result = await findMessages(this.#session, target, key);
    if (result.uids.length === 0 || onlySaves(returned)) return result;
    const answer = extendedAnswer(result, { tag: this.#tag, isUid: true, returned, tellsModSeq: usesModSeq(key) });
    const mailbox = nameOf(path, this.#session.modes);
    const { uidValidity } = target.mailbox;
    await this.#session.send([extensionResponse({ ...answer, mailbox, uidValidity })]);
    return result;
  }
}
