import { createHash, randomUUID } from 'node:crypto';
import type { Pop3Client } from '../client.ts';
import { ServerRefusedError } from '../errors.ts';
import type { RetrievedMessage } from '../incoming-message.ts';

/** A message of the maildrop and what names it across sessions. */
export interface ListedMessage {
  readonly number: number;
  /** As LIST has it. */
  readonly octets: number;
  /** Undefined where the server tells none, or one that several messages have. */
  readonly uniqueId: string | undefined;
  readonly key: string;
}

/** What is in the maildrop. */
export interface Maildrop {
  /** In the order of their numbers. */
  readonly messages: readonly ListedMessage[];
  /** Whether the listing holds as many messages as the server claims to have. */
  readonly isWhole: boolean;
}

/** Longest unique id that is trusted. The RFC allows 70 characters. */
const LONGEST_ID = 512;
/** So many lines of a body tell messages of the same header apart. */
const BODY_LINES = 30;

/**
 * Lists the maildrop. A message without a unique id of its own, because the server does not know UIDL, left it out or
 * gave it to several, is named by its header and the first lines of its body, and by a count where these are the same.
 */
export async function readMaildrop(client: Pop3Client, signal: AbortSignal | undefined): Promise<Maildrop> {
  const [status, sizes, uniqueIds] = await Promise.all([
    client.stat({ signal }),
    client.list({ signal }),
    readUniqueIds(client, signal),
  ]);
  const octets = new Map<number, number>();
  for (const size of sizes) octets.set(size.number, size.octets);
  const numbers = [...octets.keys()].sort((left, right) => left - right);
  const keys = await keysOf(client, numbers, uniqueIds, signal);
  const messages = numbers.map((number) => {
    const uniqueId = uniqueIds.get(number);
    return { number, octets: octets.get(number)!, uniqueId, key: keys.get(number)! };
  });
  return { messages, isWhole: messages.length >= status.messages };
}

/** Ids by number, without those that do not tell two messages apart. Empty when the server knows no UIDL. */
async function readUniqueIds(
  client: Pop3Client,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, string>> {
  // QUIRK: some servers know UIDL and do not say so in CAPA (RFC 2449 section 6.8), so it is asked for in any case.
  const listed = await client.uniqueIds({ signal }).catch(nothingWhenRefused);
  const numbersOf = new Map<string, number>();
  const counts = new Map<number, number>();
  for (const { number, uniqueId } of listed) {
    numbersOf.set(uniqueId, (numbersOf.get(uniqueId) ?? 0) + 1);
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  const ids = new Map<number, string>();
  for (const { number, uniqueId } of listed) {
    const isOnly = numbersOf.get(uniqueId) === 1 && counts.get(number) === 1;
    if (isOnly && uniqueId.length <= LONGEST_ID) ids.set(number, uniqueId);
  }
  return ids;
}

function nothingWhenRefused(error: unknown): readonly never[] {
  if (error instanceof ServerRefusedError && !error.isTemporary) return [];
  throw error;
}

async function keysOf(
  client: Pop3Client,
  numbers: readonly number[],
  uniqueIds: ReadonlyMap<number, string>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, string>> {
  const keys = new Map<number, string>();
  const nameless: number[] = [];
  for (const number of numbers) {
    const uniqueId = uniqueIds.get(number);
    if (uniqueId === undefined) nameless.push(number);
    else keys.set(number, `uidl:${uniqueId}`);
  }
  if (nameless.length === 0) return keys;
  const digests = await digestsOf(client, nameless, signal);
  const counts = new Map<string, number>();
  for (const number of nameless) {
    // One that the server refuses to show has no name that lasts: it is tried again every time.
    const digest = digests.get(number) ?? `refused:${randomUUID()}`;
    const count = (counts.get(digest) ?? 0) + 1;
    counts.set(digest, count);
    keys.set(number, count === 1 ? `content:${digest}` : `content:${digest}#${count}`);
  }
  return keys;
}

/** Digests of the messages, with TOP, and with RETR where the server refuses that. */
async function digestsOf(
  client: Pop3Client,
  numbers: readonly number[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, string>> {
  const digests = new Map<number, string>();
  const refused: number[] = [];
  const tops = client.retrieveMany(numbers, {
    signal,
    lines: BODY_LINES,
    onRefused: (number) => refused.push(number),
  });
  for await (const message of tops) digests.set(message.number, await digestOf(message));
  const wholes = client.retrieveMany(refused, { signal, onRefused: () => {} });
  for await (const message of wholes) digests.set(message.number, await digestOf(message));
  return digests;
}

/** Lines that servers add to headers, or change in them, once a message was read. */
const CHANGING = /^(?:status|x-status|x-keywords|x-uidl|x-mozilla-status2?):/i;
/** Longest line that is looked at whole. */
const LONGEST_HEADER = 64;

async function digestOf(message: RetrievedMessage): Promise<string> {
  const hash = createHash('sha256');
  let bodyLines = -1;
  for await (const line of message.lines({ maxLineBytes: Number.POSITIVE_INFINITY })) {
    if (bodyLines >= 0) bodyLines++;
    else if (line.length === 0) bodyLines = 0;
    // The rest of a message that RETR had to bring is received and dropped.
    if (bodyLines > BODY_LINES) continue;
    if (bodyLines < 0 && CHANGING.test(String.fromCharCode(...line.subarray(0, LONGEST_HEADER)))) continue;
    hash.update(line).update('\n');
  }
  return hash.digest('hex');
}
