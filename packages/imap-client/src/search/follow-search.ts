import type { Uid, UidSet } from '@posthorn/core';
import { emptySet, type MessageRange, setFromRanges } from '@posthorn/message-set';
import type { SearchChange, SearchKey } from '@posthorn/wire/extensions';
import { ImapError } from '../errors.ts';
import { type Following, followResult, type StaleResult } from './follow-result.ts';
import { Found } from './search-messages.ts';

/** How the result of a search changes. */
export type SearchUpdate =
  /** What was found at the start. */
  | { readonly type: 'found'; readonly uids: UidSet }
  | { readonly type: 'added' | 'removed'; readonly uids: UidSet }
  | StaleResult;

export interface FollowedSearch {
  readonly key: SearchKey;
  readonly charset: string | undefined;
}

/** The result of a search, kept up to date by the server. @see RFC 5267 section 4.3 */
export async function* followSearch(
  following: Following,
  { key, charset }: FollowedSearch,
): AsyncGenerator<SearchUpdate, void> {
  const found = new Found<Uid>();
  const search = { name: 'SEARCH', isUid: true, return: [{ type: 'all' }, { type: 'update' }], key } as const;
  const updates = followResult(following, {
    command: charset === undefined ? search : { ...search, charset },
    accept: (event) => found.accept(event),
    check: () => found.check(),
  });
  for await (const update of updates) {
    if (update === 'found') yield { type: 'found', uids: found.all };
    else yield update.type === 'stale' ? update : changed(update);
  }
}

function changed({ type, set }: SearchChange): SearchUpdate {
  const closed: { readonly first: Uid; readonly last: Uid }[] = [];
  for (const { first, last } of set.ranges as readonly MessageRange<Uid>[]) {
    if (first === '*' || last === '*') throw new ImapError('IMAP_PROTOCOL', 'an update of a search names no message');
    closed.push({ first, last });
  }
  return {
    type: type === 'add' ? 'added' : 'removed',
    uids: closed.length === 0 ? emptySet() : setFromRanges(closed),
  };
}
