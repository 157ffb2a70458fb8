import type { SearchQuery, Uid, UidSet } from '@posthorn/core';
import { contains, setOf } from '@posthorn/message-set';
import type { SortableMessage } from '@posthorn/threading';
import { sortMessages } from '@posthorn/threading';
import type { FetchItem, Response } from '@posthorn/wire';
import { extensionResponse, type SearchChange, type SortCriterion } from '@posthorn/wire/extensions';
import { inOrder } from '../replies/ordered-set.ts';
import type { MailboxView } from '../selected/view.ts';

/** A search whose result is kept up to date. @see RFC 5267 section 4.3 */
export interface UpdatedSearch {
  readonly tag: string;
  readonly isUid: boolean;
  readonly query: SearchQuery;
  /** Undefined for the order of the mailbox. */
  readonly order: readonly SortCriterion[] | undefined;
  /** Fetched of each message that joins the result. @see RFC 5465 section 7 */
  readonly items: readonly FetchItem[];
  /** The result as the client knows it, in its order. */
  uids: readonly Uid[];
}

/** Asks again about some messages. */
export interface SearchAgain {
  /** Those of some messages that are in the result of a query. */
  readonly find: (query: SearchQuery) => Promise<ReadonlySet<Uid>>;
  /** Told what is to be fetched of messages that joined a result, once that was told. */
  readonly onJoined: (items: readonly FetchItem[], uids: readonly Uid[]) => void;
  readonly sortable: (uids: readonly Uid[], order: readonly SortCriterion[]) => Promise<readonly SortableMessage[]>;
}

/** Searches kept up to date at once. */
const MAX_UPDATES = 16;
/** Results that are put in order again and again. */
const MAX_SORTED = 10_000;

/** The searches of a session that are kept up to date, for one mailbox. */
export class SearchUpdates {
  readonly #searches = new Map<string, UpdatedSearch>();

  get isEmpty(): boolean {
    return this.#searches.size === 0;
  }

  has(tag: string): boolean {
    return this.#searches.has(tag);
  }

  /** @returns whether there was room for it */
  add(search: UpdatedSearch): boolean {
    const isTooMuch = search.order !== undefined && search.uids.length > MAX_SORTED;
    if (this.#searches.size >= MAX_UPDATES || isTooMuch) return false;
    this.#searches.set(search.tag, search);
    return true;
  }

  cancel(tag: string): boolean {
    return this.#searches.delete(tag);
  }

  /** Takes vanished messages out of the results. To be told before their numbers go. */
  removals(view: MailboxView, vanished: UidSet): readonly Response[] {
    if (vanished.bounds.length === 0) return [];
    return [...this.#searches.values()].flatMap((search) => {
      const changes = removed(search, view, (uid) => contains(vanished, uid));
      search.uids = search.uids.filter((uid) => !contains(vanished, uid));
      return responses(search, changes);
    });
  }

  /** Looks at messages that are new or changed. To be told once they have numbers. */
  async news(view: MailboxView, touched: readonly Uid[], again: SearchAgain): Promise<readonly Response[]> {
    if (touched.length === 0) return [];
    const told: Response[] = [];
    for (const search of this.#searches.values()) {
      const asked: SearchQuery = { type: 'and', queries: [{ type: 'uid', uids: setOf(touched) }, search.query] };
      const matches = await again.find(asked);
      const before = new Set(search.uids);
      const left = new Set(touched.filter((uid) => before.has(uid) && !matches.has(uid)));
      const joined = touched.filter((uid) => !before.has(uid) && matches.has(uid));
      const changes = removed(search, view, (uid) => left.has(uid));
      search.uids = search.uids.filter((uid) => !left.has(uid));
      if (joined.length > 0) for (const change of await added(search, view, joined, again)) changes.push(change);
      for (const response of responses(search, changes)) told.push(response);
      if (joined.length > 0 && search.items.length > 0) again.onJoined(search.items, joined);
    }
    return told;
  }
}

function responses({ tag, isUid }: UpdatedSearch, changes: readonly SearchChange[]): readonly Response[] {
  return changes.length === 0 ? [] : [extensionResponse({ type: 'extendedSearch', tag, isUid, changes })];
}

function removed(search: UpdatedSearch, view: MailboxView, isGone: (uid: Uid) => boolean): SearchChange[] {
  const { uids, order } = search;
  if (order === undefined) {
    const gone = uids.filter(isGone);
    return gone.length === 0 ? [] : [{ type: 'remove', position: 0, set: named(search, view, gone) }];
  }
  const changes: SearchChange[] = [];
  // The last first, so that no position changes before it is used.
  for (let index = uids.length - 1; index >= 0; index--) {
    const uid = uids[index]!;
    if (isGone(uid)) changes.push({ type: 'remove', position: index + 1, set: named(search, view, [uid]) });
  }
  return changes;
}

/** Puts messages into a result: what they are sorted by never changes, so those that were there keep their order. */
async function added(
  search: UpdatedSearch,
  view: MailboxView,
  joined: readonly Uid[],
  again: SearchAgain,
): Promise<readonly SearchChange[]> {
  const ascending = [...joined].sort((left, right) => left - right);
  if (search.order === undefined) {
    search.uids = [...search.uids, ...ascending].sort((left, right) => left - right);
    return [{ type: 'add', position: 0, set: named(search, view, ascending) }];
  }
  const messages = await again.sortable([...search.uids, ...ascending], search.order);
  search.uids = sortMessages(messages, search.order as Parameters<typeof sortMessages>[1]).map(
    ({ number }) => number as Uid,
  );
  const isNew = new Set(joined);
  return search.uids.flatMap((uid, index): SearchChange[] =>
    isNew.has(uid) ? [{ type: 'add', position: index + 1, set: named(search, view, [uid]) }] : [],
  );
}

function named({ isUid }: UpdatedSearch, view: MailboxView, uids: readonly Uid[]): SearchChange['set'] {
  return isUid ? inOrder(uids) : inOrder(uids.map((uid) => view.numberOf(uid)!));
}
