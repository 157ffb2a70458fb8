import type { Uid } from '@posthorn/core';
import type { SearchChange, SearchKey } from '@posthorn/wire/extensions';
import { ImapError } from '../errors.ts';
import { type Following, followResult, type StaleResult } from './follow-result.ts';
import { addInOrder, criterionOf, type Ranges, Sorted, type SortOrder } from './sort-messages.ts';

/**
 * How messages in order change. With the list that was found, `list.splice(index, 0, ...uids)` for what was added and
 * `list.splice(index, uids.length)` for what was removed, one after the other, give the list as it is now.
 */
export type SortUpdate =
  /** What was found at the start, in order. */
  | { readonly type: 'found'; readonly uids: readonly Uid[] }
  /** `index` counts from 0. */
  | { readonly type: 'added' | 'removed'; readonly index: number; readonly uids: readonly Uid[] }
  | StaleResult;

export interface FollowedSort {
  readonly order: readonly SortOrder[];
  readonly key: SearchKey;
  /** How many messages there are now. */
  readonly exists: () => number;
}

/** The result of a sort, kept up to date by the server. @see RFC 5267 section 4.3 */
export async function* followSort(
  following: Following,
  { order, key, exists }: FollowedSort,
): AsyncGenerator<SortUpdate, void> {
  const sorted = new Sorted<Uid>(exists());
  const updates = followResult(following, {
    command: {
      name: 'SORT',
      isUid: true,
      charset: 'UTF-8',
      order: order.map(criterionOf),
      key,
      return: [{ type: 'all' }, { type: 'update' }],
    },
    accept: (event) => sorted.accept(event),
    check: () => void sorted.result(undefined),
  });
  let length = 0;
  for await (const update of updates) {
    if (update === 'found') {
      const { all } = sorted.result(undefined);
      length = all.length;
      yield { type: 'found', uids: all };
    } else if (update.type === 'stale') yield update;
    else {
      const change = changed(update, length, exists());
      length += change.type === 'added' ? change.uids.length : -change.uids.length;
      yield change;
    }
  }
}

/** @throws ImapError when it does not fit a list of that length */
function changed(
  { type, position, set }: SearchChange,
  length: number,
  exists: number,
): Extract<SortUpdate, { readonly index: number }> {
  const uids: Uid[] = [];
  const index = position - 1;
  const isRead = addInOrder(uids, set.ranges as Ranges<Uid>, exists);
  const end = type === 'add' ? index : index + uids.length;
  if (!isRead || index < 0 || end > length)
    throw new ImapError('IMAP_PROTOCOL', 'an update of a sort does not fit what was found');
  return { type: type === 'add' ? 'added' : 'removed', index, uids };
}
