import { isDeepStrictEqual } from 'node:util';
import { concatBytes, MailError } from '@posthorn/core';
import { octetByOctet, randomSplits } from '@posthorn/testkit';
import { seedOfBytes } from './random.ts';
import { expectSame, OracleError } from './target.ts';

/** What came of feeding a decoder. */
export interface Outcome<Event> {
  /** Neighbouring pieces of a literal or body joined. */
  readonly events: readonly Event[];
  /** How it failed; undefined when it did not. */
  readonly failure: string | undefined;
}

/** A decoder as the checks drive it. */
export interface Feed<Event> {
  push(chunk: Uint8Array): void;
  next(): Event | undefined;
  /** Says that no more octets come. */
  end?(): void;
}

interface Typed {
  readonly type: string;
}

const OCTET_BY_OCTET_BYTES = 96;

/** Feeds a decoder chunk by chunk. Its events must stay as they are whatever it decodes afterwards. */
export function outcomeOf<Event extends Typed>(feed: Feed<Event>, chunks: readonly Uint8Array[]): Outcome<Event> {
  const events: Event[] = [];
  let failure: string | undefined;
  try {
    for (const chunk of chunks) {
      feed.push(chunk);
      for (let event = feed.next(); event !== undefined; event = feed.next()) events.push(event);
    }
    feed.end?.();
  } catch (error) {
    failure = failureOf(error);
    expectFinished(feed, error);
  }
  return { events: joined(events), failure };
}

/** @throws the error itself, unless it is one that a peer may cause. */
export function failureOf(error: unknown): string {
  if (!MailError.is(error) || error instanceof OracleError) throw error;
  return `${error.code}: ${error.message}`;
}

/** A decoder that failed throws the same error for ever. */
function expectFinished<Event>(feed: Feed<Event>, error: unknown): void {
  try {
    feed.next();
  } catch (second) {
    if (second === error) return;
  }
  throw new OracleError('a decoder that failed does not fail again with the same error');
}

/** The outcome for the input in one piece, once it was found to be the same however the input is cut. */
export function outcomeHoweverCut<Event extends Typed>(makeFeed: () => Feed<Event>, input: Uint8Array): Outcome<Event> {
  const before = seedOfBytes(input);
  const whole = outcomeOf(makeFeed(), [input]);
  if (input.length < OCTET_BY_OCTET_BYTES) expectOutcome(makeFeed(), octetByOctet(input), whole, 'octet by octet');
  else
    for (const chunks of randomSplits(input, before, { count: 1 }))
      expectOutcome(makeFeed(), chunks, whole, 'in chunks');
  if (seedOfBytes(input) !== before) throw new OracleError('the decoder changed its input');
  return whole;
}

function expectOutcome<Event extends Typed>(
  feed: Feed<Event>,
  chunks: readonly Uint8Array[],
  expected: Outcome<Event>,
  how: string,
): void {
  const outcome = outcomeOf(feed, chunks);
  expectSame(isDeepStrictEqual(outcome, expected), `other events when fed ${how} than whole`, outcome, expected);
}

function joined<Event extends Typed>(events: readonly Event[]): readonly Event[] {
  if (!events.some(isData)) return events;
  const result: Event[] = [];
  let pieces: Uint8Array[] = [];
  for (const event of events) {
    if (isData(event)) {
      if (event.bytes.length === 0) throw new OracleError('data without octets');
      pieces.push(event.bytes);
      if (pieces.length === 1) result.push(event);
    } else {
      if (pieces.length > 0) result[result.length - 1] = { ...result.at(-1)!, bytes: concatBytes(pieces) };
      pieces = [];
      result.push(event);
    }
  }
  if (pieces.length > 0) result[result.length - 1] = { ...result.at(-1)!, bytes: concatBytes(pieces) };
  return result;
}

function isData(event: Typed): event is Typed & { readonly bytes: Uint8Array } {
  return event.type === 'literalData' || event.type === 'bodyData';
}
