import { type IdSet, MAX_ID, type ModSeq, type Uid } from '@posthorn/core';
import {
  count,
  emptySet,
  first,
  last,
  type MessageId,
  type MessageRange,
  setFromRanges,
  setOf,
  sliceSet,
  splitSequenceSet,
  union,
} from '@posthorn/message-set';
import type { PartialRange } from '@posthorn/wire';
import {
  type ExtendedSearchData,
  extensionCommand,
  readExtension,
  type SearchCommand,
  type SearchKey,
  type SearchReturn,
} from '@posthorn/wire/extensions';
import type { UntaggedEvent } from '../connection/client-events.ts';
import type { Connection } from '../connection/connection.ts';
import { limitOf } from '../connection/message-limit.ts';
import { ImapError } from '../errors.ts';
import { MAX_SET_LENGTH } from '../mailbox/message-selection.ts';
import { needsOf } from './search-key.ts';

/** What a search is to tell. */
export interface SearchRequest {
  readonly key: SearchKey;
  readonly isUid: boolean;
  readonly return: readonly SearchReturn[];
  readonly signal: AbortSignal | undefined;
}

/** What a search has told. Figures that were not asked for are undefined. */
export interface SearchResult<Id extends MessageId> {
  /** All that was found. */
  readonly all: IdSet<Id> | undefined;
  /** The lowest and the highest that was found; undefined also when nothing was. */
  readonly min: Id | undefined;
  readonly max: Id | undefined;
  /** How many were found. */
  readonly count: number | undefined;
  /** One window of what was found. */
  readonly partial: IdSet<Id> | undefined;
  /** The highest mod-sequence among what was found, for a query about mod-sequences. @see RFC 7162 section 3.1.5 */
  readonly modSeq: ModSeq | undefined;
}

/** Searches, with ESEARCH where there is one, which is short, else with a SEARCH response that is worked out here. */
export async function searchMessages<Id extends MessageId>(
  connection: Connection,
  request: SearchRequest,
): Promise<SearchResult<Id>> {
  const { key, isUid, return: wanted, signal } = request;
  const { protocol } = connection;
  const has = (capability: string): boolean => protocol.capabilities?.has(capability) === true;
  const { charset, capabilities } = needsOf(key);
  for (const capability of [...capabilities, ...(wanted.some(({ type }) => type === 'save') ? ['SEARCHRES'] : [])]) {
    if (!has(capability)) throw new ImapError('IMAP_UNSUPPORTED', `the server cannot search for this (${capability})`);
  }
  const pieces = piecesOf(key);
  const isWhole = pieces.length === 1;
  if (!isWhole && wanted.some(({ type }) => type === 'save'))
    throw new RangeError('a search among so many UIDs takes several commands, which cannot be saved as one');
  const returns = isWhole ? askable(wanted, has) : ([{ type: 'all' }] as const);
  const options = {
    ...(has('ESEARCH') && { return: returns }),
    // With UTF-8 everywhere, strings are UTF-8 already, and naming a charset is an error. RFC 6855 section 3.
    ...(charset && !protocol.isUtf8 && { charset: 'UTF-8' }),
  };
  const results = await Promise.all(
    pieces.map((piece) => searchOnce<Id>(connection, { name: 'SEARCH', isUid, key: piece, ...options }, signal)),
  );
  const isLimited = results.some(({ limit }) => limit !== undefined);
  if (isWhole && !isLimited) return results[0]!.result(wanted);
  const found = new Found<Id>();
  for (const [index, result] of results.entries()) {
    if (result.limit === undefined) found.add(result.all);
    else await searchDown(connection, { ...request, key: pieces[index]!, charset }, found);
  }
  return found.result(wanted);
}

/** Searches again and again below what a server has dealt with, for everything. @see RFC 9738 */
async function searchDown<Id extends MessageId>(
  connection: Connection,
  { key, isUid, charset, signal }: SearchRequest & { readonly charset: boolean },
  found: Found<Id>,
): Promise<void> {
  const { protocol } = connection;
  const options = {
    ...(protocol.capabilities?.has('ESEARCH') === true && { return: [{ type: 'all' }] as const }),
    ...(charset && !protocol.isUtf8 && { charset: 'UTF-8' }),
  };
  let bound = MAX_ID + 1;
  for (let next: Uid | undefined = bound as Uid; next !== undefined && next > 1; ) {
    const uids = { type: 'uids', set: { ranges: [{ first: 1 as Uid, last: (next - 1) as Uid }] } } as const;
    const piece: SearchKey = next > MAX_ID ? key : { type: 'and', keys: [uids, key] };
    const result: Found<Id> = await searchOnce<Id>(
      connection,
      { name: 'SEARCH', isUid, key: piece, ...options },
      signal,
    );
    found.add(result.all);
    // Each turn must lead further down.
    next = result.limit !== undefined && result.limit < bound ? result.limit : undefined;
    bound = next ?? bound;
  }
}

async function searchOnce<Id extends MessageId>(
  connection: Connection,
  search: SearchCommand,
  signal: AbortSignal | undefined,
): Promise<Found<Id>> {
  const found = new Found<Id>();
  const response = await connection.run(extensionCommand(search), { signal, accept: (event) => found.accept(event) });
  found.check();
  found.limit = limitOf(response);
  return found;
}

/** A window is worked out of everything where the server has no windows. */
function askable(wanted: readonly SearchReturn[], has: (capability: string) => boolean): readonly SearchReturn[] {
  const hasWindows = has('PARTIAL') || has('CONTEXT=SEARCH');
  const asked = wanted.filter(({ type }) => type !== 'partial' || hasWindows);
  const isAll = asked.length < wanted.length && !asked.some(({ type }) => type === 'all');
  return isAll ? [...asked, { type: 'all' }] : asked;
}

const MOST_ANSWERS = 1000;

/** What the server answered. */
export class Found<Id extends MessageId> {
  /** The lowest UID that was looked at, when there may be more below it. */
  limit: Uid | undefined;
  #all: IdSet<Id> | undefined;
  #data: ExtendedSearchData | undefined;
  #modSeq: ModSeq | undefined;
  #answers = 0;
  #isBroken = false;

  /** Searches run alone, so every such answer is for this one. */
  accept(event: UntaggedEvent): boolean {
    if (this.#isBroken && event.type === 'search') return true;
    if (event.type === 'search') {
      this.add(setOf(event.numbers as readonly Id[]));
      this.#modSeq = event.modSeq ?? this.#modSeq;
    } else if (event.type === 'unknown' && event.name === 'ESEARCH') {
      const answer = readExtension(event);
      // News of a search that is followed.
      if (answer?.type === 'extendedSearch' && answer.changes !== undefined) return false;
      if (answer?.type !== 'extendedSearch') this.#isBroken = true;
      else if (!this.#isBroken) this.#take(answer);
    } else if (event.type === 'invalid' && isSearch(event.raw)) this.#isBroken = true;
    else return false;
    // One is the rule; joining very many would take for ever.
    if (++this.#answers > MOST_ANSWERS) this.#isBroken = true;
    return true;
  }

  add(ids: IdSet<Id>): void {
    this.#all = union<Id>(this.all, ids);
  }

  /** @throws ImapError when the answer could not be read */
  check(): void {
    if (this.#isBroken) throw new ImapError('IMAP_PROTOCOL', 'the server answered SEARCH with something unreadable');
  }

  /** QUIRK: servers that find nothing may say nothing, although RFC 3501 section 6.4.4 has an untagged SEARCH always. */
  get all(): IdSet<Id> {
    return this.#all ?? emptySet<Id>();
  }

  /** The figures that were asked for: as the server told them, or worked out of everything that was found. */
  result(wanted: readonly SearchReturn[]): SearchResult<Id> {
    const data = this.#data;
    const wants = (type: SearchReturn['type']): boolean => wanted.some((each) => each.type === type);
    const range = wanted.find((each) => each.type === 'partial')?.range;
    // Without ALL in the answer nothing was found, unless it was not asked for.
    const isWorkedOut = data === undefined || data.all !== undefined;
    return {
      all: wants('all') ? this.all : undefined,
      min: wants('min') ? ((data?.min as Id | undefined) ?? (isWorkedOut ? first(this.all) : undefined)) : undefined,
      max: wants('max') ? ((data?.max as Id | undefined) ?? (isWorkedOut ? last(this.all) : undefined)) : undefined,
      count: wants('count') ? (data?.count ?? count(this.all)) : undefined,
      partial: range === undefined ? undefined : this.#window(range),
      modSeq: data?.modSeq ?? this.#modSeq,
    };
  }

  #window(range: PartialRange): IdSet<Id> {
    const told = this.#data?.partial;
    if (told !== undefined) return told.set === null ? emptySet<Id>() : this.#closed(told.set.ranges as Ranges<Id>);
    return windowOf(this.all, range);
  }

  #take(data: ExtendedSearchData): void {
    this.#data = { ...this.#data, ...data };
    if (data.all === undefined) return;
    this.add(this.#closed(data.all.ranges as Ranges<Id>));
  }

  #closed(ranges: Ranges<Id>): IdSet<Id> {
    const closed: { readonly first: Id; readonly last: Id }[] = [];
    for (const { first, last } of ranges) {
      if (first === '*' || last === '*') this.#isBroken = true;
      else closed.push({ first, last });
    }
    return setFromRanges(closed);
  }
}

type Ranges<Id extends MessageId> = readonly MessageRange<Id>[];

/** Part of a set, counted from 1, or from the end when negative. @see RFC 9394 section 3.1 */
function windowOf<Id extends MessageId>(set: IdSet<Id>, { first, last }: PartialRange): IdSet<Id> {
  const [low, high] = Math.abs(first) < Math.abs(last) ? [first, last] : [last, first];
  const size = count(set);
  return low > 0 ? sliceSet(set, low - 1, high) : sliceSet(set, Math.max(0, size + high), Math.max(0, size + low + 1));
}

/** Searches that each fit a command line and together find the same: cut where a long set of UIDs is asked for. */
function piecesOf(key: SearchKey): readonly SearchKey[] {
  const keys = key.type === 'and' ? key.keys : [key];
  const index = keys.findIndex(({ type }) => type === 'uids');
  const uids = keys[index];
  if (uids?.type !== 'uids') return [key];
  const parts = splitSequenceSet(uids.set, MAX_SET_LENGTH);
  return parts.map((set) => ({ type: 'and', keys: keys.with(index, { type: 'uids', set }) }));
}

/** Whether a line that does not parse was meant to be the answer. */
function isSearch(raw: Uint8Array): boolean {
  return /^\* E?SEARCH\b/i.test(new TextDecoder().decode(raw.subarray(0, 10)));
}
