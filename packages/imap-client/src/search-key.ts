import { assertNever, type SearchQuery, type SequenceNumber, type Uid } from '@posthorn/core';
import { isEmpty, sequenceSetOf } from '@posthorn/message-set';
import type { SearchKey } from '@posthorn/wire';

/** What a query asks of a server: keys, or nothing because it cannot be met. */
export type PreparedSearch = SearchKey | 'nothing';

/** Puts a query into the keys of the wire. Empty sets and empty groups, which it cannot spell, are worked out here. */
export function toSearchKey(query: SearchQuery): PreparedSearch {
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
    case 'all':
    case 'header':
    case 'text':
    case 'date':
    case 'age':
    case 'size':
    case 'modSeq':
    case 'emailId':
    case 'threadId':
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
