import { assertNever, type Flag, type ModSeq, type SearchQuery, type SequenceNumber, type Uid } from '@posthorn/core';
import { isEmpty, sequenceSetOf } from '@posthorn/message-set';
import type { SearchKey } from '@posthorn/wire/extensions';

/** What to look for: the queries of `@posthorn/core`, and those that only a server can answer. */
export type MessageQuery =
  | Exclude<SearchQuery, { readonly type: 'and' | 'or' | 'not' }>
  | { readonly type: 'and'; readonly queries: readonly MessageQuery[] }
  | { readonly type: 'or'; readonly left: MessageQuery; readonly right: MessageQuery }
  | { readonly type: 'not'; readonly query: MessageQuery }
  /** Recent and unread; not recent. IMAP4rev2 has neither. */
  | { readonly type: 'new' | 'old' }
  /** What resembles the query. @see RFC 6203 */
  | { readonly type: 'fuzzy'; readonly query: MessageQuery }
  /** A search that is kept on the server. @see RFC 5466 */
  | { readonly type: 'filter'; readonly name: string }
  /** The result of the last search that was saved. @see RFC 5182 */
  | { readonly type: 'saved' }
  /** All messages of a mailbox that knows when they were put there, else none. @see RFC 8514 */
  | { readonly type: 'saveDateSupported' }
  /** Changes of one flag only, of the reader's own or of the shared flags. @see RFC 7162 section 3.1.5 */
  | {
      readonly type: 'flagModSeq';
      readonly flag: Flag;
      readonly kind: 'priv' | 'shared' | 'all';
      readonly atLeast: ModSeq;
    }
  /** Gmail's own: a search as in its web page, an id, or a label. */
  | { readonly type: 'gmail'; readonly what: 'RAW' | 'MSGID' | 'THRID' | 'LABELS'; readonly value: string };

/** One query or the other: what any of them finds. @throws RangeError when there is none */
export function anyOf(...queries: readonly MessageQuery[]): MessageQuery {
  const last = queries.at(-1);
  if (last === undefined) throw new RangeError('a choice needs at least one query');
  return queries.slice(0, -1).reduceRight((right, left) => ({ type: 'or', left, right }), last);
}

/** All queries together: what each of them finds. Of none, all messages. */
export function allOf(...queries: readonly MessageQuery[]): MessageQuery {
  return { type: 'and', queries };
}

/** What a query does not find. */
export function not(query: MessageQuery): MessageQuery {
  return { type: 'not', query };
}

/** What a query asks of a server: keys, or nothing because it cannot be met. */
export type PreparedSearch = SearchKey | 'nothing';

/** Puts a query into the keys of the wire. Empty sets and empty groups, which it cannot spell, are worked out here. */
export function toSearchKey(query: MessageQuery): PreparedSearch {
  switch (query.type) {
    case 'and': {
      const keys = query.queries.map(toSearchKey);
      if (keys.includes('nothing')) return 'nothing';
      const asked = keys.filter((key): key is SearchKey => key !== 'nothing' && key.type !== 'all');
      return asked.length === 0 ? { type: 'all' } : asked.length === 1 ? asked[0]! : { type: 'and', keys: asked };
    }
    case 'or': {
      const left = toSearchKey(query.left);
      const right = toSearchKey(query.right);
      if (left === 'nothing') return right;
      return right === 'nothing' ? left : { type: 'or', left, right };
    }
    case 'not': {
      const key = toSearchKey(query.query);
      if (key === 'nothing') return { type: 'all' };
      if (key.type === 'all') return 'nothing';
      return key.type === 'flag' ? { ...key, isSet: !key.isSet } : { type: 'not', key };
    }
    case 'flag':
      return query.flag.toLowerCase() === '\\recent'
        ? { type: 'recent' }
        : { type: 'flag', flag: query.flag, isSet: true };
    case 'uid':
      return isEmpty<Uid>(query.uids) ? 'nothing' : { type: 'uids', set: sequenceSetOf(query.uids) };
    case 'sequence':
      return isEmpty<SequenceNumber>(query.numbers)
        ? 'nothing'
        : { type: 'sequenceNumbers', set: sequenceSetOf(query.numbers) };
    case 'fuzzy': {
      const key = toSearchKey(query.query);
      return key === 'nothing' ? key : { type: 'fuzzy', key };
    }
    case 'flagModSeq':
      return { type: 'modSeq', atLeast: query.atLeast, entry: { flag: query.flag, kind: query.kind } };
    case 'all':
    case 'new':
    case 'old':
    case 'header':
    case 'text':
    case 'date':
    case 'age':
    case 'size':
    case 'modSeq':
    case 'emailId':
    case 'threadId':
    case 'filter':
    case 'saved':
    case 'saveDateSupported':
    case 'gmail':
      return query;
    default:
      return assertNever(query);
  }
}

/** What of a search decides how it is sent. */
export interface SearchNeeds {
  /** Whether a string is not ASCII, so that the server must be told its charset. */
  readonly charset: boolean;
  /** Capabilities without which the server does not know the keys. */
  readonly capabilities: ReadonlySet<string>;
}

export function needsOf(key: SearchKey): SearchNeeds {
  const capabilities = new Set<string>();
  let charset = false;
  const visit = (each: SearchKey): void => {
    switch (each.type) {
      case 'and':
        each.keys.forEach(visit);
        return;
      case 'or':
        visit(each.left);
        visit(each.right);
        return;
      case 'not':
        visit(each.key);
        return;
      case 'fuzzy':
        capabilities.add('SEARCH=FUZZY');
        visit(each.key);
        return;
      case 'filter':
        capabilities.add('FILTERS');
        return;
      case 'saved':
        capabilities.add('SEARCHRES');
        return;
      case 'saveDateSupported':
        capabilities.add('SAVEDATE');
        return;
      case 'gmail':
        capabilities.add('X-GM-EXT-1');
        charset ||= !isAscii(each.value);
        return;
      case 'header':
        charset ||= !isAscii(each.name) || !isAscii(each.value);
        return;
      case 'text':
        charset ||= !isAscii(each.value);
        return;
      case 'date':
        if (each.which === 'saved') capabilities.add('SAVEDATE');
        return;
      case 'age':
        capabilities.add('WITHIN');
        return;
      case 'modSeq':
        capabilities.add('CONDSTORE');
        return;
      case 'emailId':
      case 'threadId':
        capabilities.add('OBJECTID');
        return;
      default:
        return;
    }
  };
  visit(key);
  return { charset, capabilities };
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are all the characters of ASCII
  return /^[\u0000-\u007f]*$/.test(text);
}
