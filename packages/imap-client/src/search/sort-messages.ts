import { ids, type MessageId, type MessageRange, setFromRanges } from '@posthorn/message-set';
import type { PartialRange } from '@posthorn/wire';
import {
  type ExtendedSearchData,
  extensionCommand,
  readExtension,
  type SearchKey,
  type SortCriterion,
  type SortKey,
  type ThreadNode,
} from '@posthorn/wire/extensions';
import type { UntaggedEvent } from '../connection/client-events.ts';
import type { Connection } from '../connection/connection.ts';
import { ImapError } from '../errors.ts';
import { needsOf } from './search-key.ts';
import { figuresOf, type SortQuestion, type SortResult, sortReturnsOf } from './sort-answer.ts';

/** One key to sort by. The first counts most. @see RFC 5256 section 3, RFC 5957 for `DISPLAYFROM` and `DISPLAYTO` */
export type SortOrder = SortKey | { readonly key: SortKey; readonly reverse?: boolean | undefined };

/** A message and the answers to it. @see RFC 5256 section 4 */
export interface MessageThread<Id extends MessageId> {
  /** Null for a message that is not there, or is not among those that were looked for. */
  readonly id: Id | null;
  readonly children: readonly MessageThread<Id>[];
}

/** What to sort or to thread. */
export interface OrderRequest {
  readonly key: SearchKey;
  readonly isUid: boolean;
  /** How many messages there are: an answer cannot hold more. */
  readonly exists: number;
  readonly signal: AbortSignal | undefined;
}

/** Messages that come while the server sorts. */
const MOST_ARRIVALS = 10_000;

/** Whether the server sorts by these keys. */
export function canSort(connection: Connection, order: readonly SortOrder[]): boolean {
  const capabilities = connection.protocol.capabilities;
  const isByName = order.some((each) => keyOf(each).startsWith('DISPLAY'));
  return capabilities?.has('SORT') === true && (!isByName || capabilities.has('SORT=DISPLAY'));
}

/** Sorts on the server, which tells no more than it must where it can (ESORT, CONTEXT=SORT). */
export async function sortMessages<Id extends MessageId>(
  connection: Connection,
  order: readonly SortOrder[],
  question: SortQuestion,
  { key, isUid, exists, signal }: OrderRequest,
): Promise<SortResult<Id>> {
  checkNeeds(connection, key);
  const has = (capability: string): boolean => connection.protocol.capabilities?.has(capability) === true;
  const returns = sortReturnsOf(question, has('CONTEXT=SORT'));
  const sorted = new Sorted<Id>(exists);
  const command = extensionCommand({
    name: 'SORT',
    isUid,
    charset: 'UTF-8',
    order: order.map(criterionOf),
    key,
    ...(has('ESORT') && { return: returns }),
  });
  await connection.run(command, { signal, accept: (event) => sorted.accept(event) });
  return sorted.result(question.partial);
}

/** What the server answered to SORT. */
export class Sorted<Id extends MessageId> {
  readonly #exists: number;
  readonly #found: Id[] = [];
  readonly #window: Id[] = [];
  #data: ExtendedSearchData | undefined;
  #isBroken = false;

  constructor(exists: number) {
    this.#exists = exists;
  }

  accept(event: UntaggedEvent): boolean {
    if (event.type === 'invalid' && isAnswer(event.raw, 'SORT|ESEARCH')) this.#isBroken = true;
    if (event.type !== 'unknown' || (event.name !== 'SORT' && event.name !== 'ESEARCH')) return false;
    const answer = readExtension(event);
    // News of a search that is followed.
    if (answer?.type === 'extendedSearch' && answer.changes !== undefined) return false;
    if (answer?.type === 'sort') this.#isBroken ||= !addAll(this.#found, answer.numbers as readonly Id[], this.#exists);
    else if (answer?.type === 'extendedSearch') this.#take(answer);
    else this.#isBroken = true;
    return true;
  }

  /** @throws ImapError when the answer could not be read */
  result(range: PartialRange | undefined): SortResult<Id> {
    if (this.#isBroken) throw new ImapError('IMAP_PROTOCOL', 'the server answered SORT with something unreadable');
    const figures = figuresOf(this.#found, range);
    const data = this.#data;
    if (data === undefined) return figures;
    return {
      all: figures.all,
      min: (data.min as Id | undefined) ?? figures.min,
      max: (data.max as Id | undefined) ?? figures.max,
      count: data.count ?? figures.count,
      partial: data.partial === undefined ? figures.partial : this.#window,
    };
  }

  #take(answer: ExtendedSearchData): void {
    this.#data = { ...this.#data, ...answer };
    const [all, window] = [answer.all?.ranges ?? [], answer.partial?.set?.ranges ?? []];
    this.#isBroken ||=
      !addInOrder(this.#found, all as Ranges<Id>, this.#exists) ||
      !addInOrder(this.#window, window as Ranges<Id>, this.#exists);
  }
}

export type Ranges<Id extends MessageId> = readonly MessageRange<Id>[];

/** Whether the server knows the algorithm. */
export function canThread(connection: Connection, algorithm: string): boolean {
  const offered = connection.protocol.capabilities?.valuesOf('THREAD') ?? [];
  return offered.some((each) => each.toUpperCase() === algorithm.toUpperCase());
}

/** Threads on the server. */
export async function threadMessages<Id extends MessageId>(
  connection: Connection,
  algorithm: string,
  { key, isUid, signal }: OrderRequest,
): Promise<readonly MessageThread<Id>[]> {
  checkNeeds(connection, key);
  let threads: readonly ThreadNode[] = [];
  let isBroken = false;
  const accept = (event: UntaggedEvent): boolean => {
    if (event.type === 'invalid' && isAnswer(event.raw, 'THREAD')) isBroken = true;
    if (event.type !== 'unknown' || event.name !== 'THREAD') return false;
    const answer = readExtension(event);
    if (answer?.type === 'thread') threads = answer.threads;
    else isBroken = true;
    return true;
  };
  await connection.run(extensionCommand({ name: 'THREAD', isUid, charset: 'UTF-8', algorithm, key }), {
    signal,
    accept,
  });
  if (isBroken) throw new ImapError('IMAP_PROTOCOL', 'the server answered THREAD with something unreadable');
  return threads.map((thread) => threadOf<Id>(thread));
}

/** @throws ImapError when the server cannot search for it */
export function checkNeeds(connection: Connection, key: SearchKey): void {
  for (const capability of needsOf(key).capabilities) {
    if (connection.protocol.capabilities?.has(capability) !== true)
      throw new ImapError('IMAP_UNSUPPORTED', `the server cannot search for this (${capability})`);
  }
}

/** A key as it is sent. */
export function criterionOf(order: SortOrder): SortCriterion {
  return { key: keyOf(order), isReverse: typeof order === 'object' && order.reverse === true };
}

function keyOf(order: SortOrder): SortKey {
  return typeof order === 'object' ? order.key : order;
}

/** @returns false when there are more of them than messages, but for those that come meanwhile */
function addAll<Id extends MessageId>(found: Id[], numbers: readonly Id[], exists: number): boolean {
  if (found.length + numbers.length > exists + MOST_ARRIVALS) return false;
  for (const number of numbers) found.push(number);
  return true;
}

/** Ranges in the order of the sort. @returns false when they name more messages than there are. */
export function addInOrder<Id extends MessageId>(found: Id[], ranges: Ranges<Id>, exists: number): boolean {
  for (const { first, last } of ranges) {
    if (first === '*' || last === '*' || found.length + Number(last) - Number(first) >= exists + MOST_ARRIVALS)
      return false;
    for (const id of ids(setFromRanges([{ first, last }]))) found.push(id);
  }
  return true;
}

function threadOf<Id extends MessageId>({ number, children }: ThreadNode): MessageThread<Id> {
  return { id: number as Id | null, children: children.map((child) => threadOf<Id>(child)) };
}

function isAnswer(raw: Uint8Array, names: string): boolean {
  return new RegExp(`^\\* (${names})\\b`, 'i').test(new TextDecoder().decode(raw.subarray(0, 12)));
}
