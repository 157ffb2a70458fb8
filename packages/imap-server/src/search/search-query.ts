import type { SearchQuery, SequenceNumber, SequenceNumberSet, UidSet } from '@posthorn/core';
import { emptySet, intersection, rangeSet, resolveSequenceSet, type SequenceSet } from '@posthorn/message-set';
import type { SearchKey } from '@posthorn/wire/extensions';
import { bad, CommandRefused, no } from '../replies/replies.ts';
import type { MailboxView } from '../selected/view.ts';

/** Keys of one SEARCH. */
const MAX_KEYS = 1024;
/** Strings that one SEARCH looks for in bodies: each is compared with every octet. */
const MAX_TEXTS = 64;

export interface QueryOptions {
  /** Whether ids of messages and threads can be asked for. */
  readonly hasObjectIds: boolean;
  /** Whether the store knows when messages were saved; undefined when that cannot be asked for. */
  readonly hasSaveDate: boolean | undefined;
  /** Whether mod-sequences can be asked for. */
  readonly hasModSeq: boolean;
  /** Whether OLDER and YOUNGER are offered. */
  readonly hasWithin: boolean;
  /** What `$` stands for; undefined when searches are not saved. */
  readonly saved: UidSet | undefined;
  /** Whether the query is for a store, which knows neither sequence numbers nor whose \Recent a message is. */
  readonly isForStore: boolean;
}

/**
 * What a client means with its keys, seen from its view of the mailbox.
 * @throws {@link CommandRefused} for keys that are not offered, and for too many.
 */
export function toSearchQuery(key: SearchKey, view: MailboxView, options: QueryOptions): SearchQuery {
  let keys = 0;
  let texts = 0;
  const convert = (each: SearchKey): SearchQuery => {
    if (++keys > MAX_KEYS || (each.type === 'text' && ++texts > MAX_TEXTS)) {
      throw new CommandRefused(no('Look for less at once', 'LIMIT'));
    }
    switch (each.type) {
      case 'and':
        return { type: 'and', queries: each.keys.map(convert) };
      case 'or':
        return { type: 'or', left: convert(each.left), right: convert(each.right) };
      case 'not':
        return { type: 'not', query: convert(each.key) };
      default:
        return convertLeaf(each, view, options);
    }
  };
  return convert(key);
}

type LeafKey = Exclude<SearchKey, { readonly type: 'and' | 'or' | 'not' }>;

function convertLeaf(key: LeafKey, view: MailboxView, options: QueryOptions): SearchQuery {
  const { hasModSeq, hasObjectIds, hasSaveDate, hasWithin, saved, isForStore } = options;
  const recent: SearchQuery = isForStore ? { type: 'uid', uids: view.recent } : { type: 'flag', flag: '\\Recent' };
  switch (key.type) {
    case 'recent':
      return recent;
    case 'old':
      return { type: 'not', query: recent };
    case 'new':
      return { type: 'and', queries: [recent, { type: 'not', query: { type: 'flag', flag: '\\Seen' } }] };
    case 'flag': {
      const query: SearchQuery = key.flag === '\\Recent' ? recent : { type: 'flag', flag: key.flag };
      return key.isSet ? query : { type: 'not', query };
    }
    case 'saved':
      if (saved === undefined) break;
      return { type: 'uid', uids: saved };
    case 'uids':
      return { type: 'uid', uids: resolveSequenceSet(key.set, view.lastUid) };
    case 'sequenceNumbers': {
      // A number that no message has names no message: a question is no mistake, as RFC 4731 section 3.1 has it.
      const numbers = existing(key.set, view.exists);
      return isForStore ? { type: 'uid', uids: view.uidsOf(numbers) } : { type: 'sequence', numbers };
    }
    case 'date':
      if (key.which === 'saved' && hasSaveDate === undefined) break;
      return key;
    case 'saveDateSupported':
      if (hasSaveDate === undefined) break;
      return hasSaveDate ? { type: 'all' } : { type: 'not', query: { type: 'all' } };
    case 'emailId':
    case 'threadId':
      if (!hasObjectIds) break;
      return key;
    case 'age':
      if (!hasWithin) break;
      return key;
    case 'modSeq':
      if (!hasModSeq) break;
      // There is one mod-sequence a message, so the entry asked for is ignored: RFC 7162 section 3.1.5.
      return { type: 'modSeq', atLeast: key.atLeast };
    case 'all':
      return { type: 'all' };
    case 'header':
    case 'text':
    case 'size':
      return key;
    default:
      break;
  }
  throw new CommandRefused(bad('That search key is not offered'));
}

function existing(set: SequenceSet<SequenceNumber>, exists: number): SequenceNumberSet {
  if (exists === 0) return emptySet();
  const last = exists as SequenceNumber;
  return intersection(resolveSequenceSet(set, last), rangeSet(1 as SequenceNumber, last));
}
