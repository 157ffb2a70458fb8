import { ids, type MessageId, type MessageRange, setFromRanges } from '@posthorn/message-set';
import {
  extensionCommand,
  readExtension,
  type SearchKey,
  type SortKey,
  type ThreadNode,
} from '@posthorn/wire/extensions';
import type { UntaggedEvent } from './client-protocol.ts';
import type { Connection } from './connection.ts';
import { ImapError } from './errors.ts';
import { needsOf } from './search-key.ts';

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

/** Sorts on the server. @returns ids in order */
export async function sortMessages<Id extends MessageId>(
  connection: Connection,
  order: readonly SortOrder[],
  { key, isUid, exists, signal }: OrderRequest,
): Promise<readonly Id[]> {
  checkNeeds(connection, key);
  const found: Id[] = [];
  let isBroken = false;
  const command = extensionCommand({
    name: 'SORT',
    isUid,
    charset: 'UTF-8',
    order: order.map((each) => ({ key: keyOf(each), isReverse: typeof each === 'object' && each.reverse === true })),
    key,
    ...(connection.protocol.capabilities?.has('ESORT') === true && { return: [{ type: 'all' }] as const }),
  });
  const accept = (event: UntaggedEvent): boolean => {
    if (event.type === 'invalid' && isAnswer(event.raw, 'SORT|ESEARCH')) isBroken = true;
    if (event.type !== 'unknown' || (event.name !== 'SORT' && event.name !== 'ESEARCH')) return false;
    const answer = readExtension(event);
    if (answer?.type === 'sort') isBroken ||= !addAll(found, answer.numbers as readonly Id[], exists);
    else if (answer?.type === 'extendedSearch')
      isBroken ||= !addInOrder(found, (answer.all?.ranges ?? []) as readonly MessageRange<Id>[], exists);
    else isBroken = true;
    return true;
  };
  await connection.run(command, { signal, accept });
  if (isBroken) throw new ImapError('IMAP_PROTOCOL', 'the server answered SORT with something unreadable');
  return found;
}

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

function checkNeeds(connection: Connection, key: SearchKey): void {
  for (const capability of needsOf(key).capabilities) {
    if (connection.protocol.capabilities?.has(capability) !== true)
      throw new ImapError('IMAP_UNSUPPORTED', `the server cannot search for this (${capability})`);
  }
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
function addInOrder<Id extends MessageId>(found: Id[], ranges: readonly MessageRange<Id>[], exists: number): boolean {
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
