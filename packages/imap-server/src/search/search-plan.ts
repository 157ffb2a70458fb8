import { assertNever, type MetaField, type SearchQuery, utf8Bytes } from '@posthorn/core';
import { folded } from './searchable-text.ts';
import { TextPattern } from './text-finder.ts';

/** A query that asks for one thing. */
export type SearchLeaf = Exclude<SearchQuery, { readonly type: 'and' | 'or' | 'not' }>;
/** The queries that look for a string. */
export type TextLeaf = Extract<SearchLeaf, { readonly type: 'header' | 'text' }>;

type SearchedField = Extract<MetaField, 'internalDate' | 'size' | 'saveDate' | 'emailId' | 'threadId'>;

/** What must be known of messages to answer a query. */
export interface SearchPlan {
  readonly query: SearchQuery;
  /** Fields to ask the store for. */
  readonly fields: readonly SearchedField[];
  /** The strings looked for in bodies and whole messages. */
  readonly texts: readonly Extract<TextLeaf, { readonly type: 'text' }>[];
  /** Each string that is looked for, made ready. */
  readonly patterns: ReadonlyMap<TextLeaf, TextPattern>;
}

export function planSearch(query: SearchQuery): SearchPlan {
  const fields = new Set<SearchedField>();
  const texts = new Set<Extract<TextLeaf, { readonly type: 'text' }>>();
  const patterns = new Map<TextLeaf, TextPattern>();
  for (const leaf of leavesOf(query)) {
    if ((leaf.type === 'date' && leaf.which === 'internal') || leaf.type === 'age') fields.add('internalDate');
    else if (leaf.type === 'size' || leaf.type === 'emailId' || leaf.type === 'threadId') fields.add(leaf.type);
    else if (leaf.type === 'date' && leaf.which === 'saved') fields.add('saveDate').add('internalDate');
    else if (leaf.type === 'text') texts.add(leaf);
    if (leaf.type === 'text' || leaf.type === 'header')
      patterns.set(leaf, new TextPattern(utf8Bytes(folded(leaf.value))));
  }
  return { query, fields: [...fields], texts: [...texts], patterns };
}

/** Whether a message is meant, as far as that can be said from what is known; undefined when more must be known. */
export function decide(query: SearchQuery, verdictOn: (leaf: SearchLeaf) => boolean | undefined): boolean | undefined {
  switch (query.type) {
    case 'and':
      return decideAll(query.queries, false, verdictOn);
    case 'or':
      return decideAll([query.left, query.right], true, verdictOn);
    case 'not': {
      const verdict = decide(query.query, verdictOn);
      return verdict === undefined ? undefined : !verdict;
    }
    default:
      return verdictOn(query);
  }
}

/** One query that comes out as `deciding` decides; else one that is open leaves all open. */
function decideAll(
  queries: readonly SearchQuery[],
  deciding: boolean,
  verdictOn: (leaf: SearchLeaf) => boolean | undefined,
): boolean | undefined {
  let isOpen = false;
  for (const each of queries) {
    const verdict = decide(each, verdictOn);
    if (verdict === deciding) return deciding;
    if (verdict === undefined) isOpen = true;
  }
  return isOpen ? undefined : !deciding;
}

function* leavesOf(query: SearchQuery): Iterable<SearchLeaf> {
  switch (query.type) {
    case 'and':
      for (const each of query.queries) yield* leavesOf(each);
      return;
    case 'or':
      yield* leavesOf(query.left);
      yield* leavesOf(query.right);
      return;
    case 'not':
      yield* leavesOf(query.query);
      return;
    case 'all':
    case 'flag':
    case 'uid':
    case 'sequence':
    case 'header':
    case 'text':
    case 'date':
    case 'age':
    case 'size':
    case 'modSeq':
    case 'emailId':
    case 'threadId':
      yield query;
      return;
    default:
      assertNever(query);
  }
}
