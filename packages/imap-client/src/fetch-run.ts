import { InvalidStateError, type ModSeq, type SequenceNumber, type Uid, type UidSet } from '@posthorn/core';
import {
  contains,
  count,
  emptySet,
  IdSetBuilder,
  sequenceSetOf,
  sliceSet,
  splitSequenceSet,
  union,
} from '@posthorn/message-set';
import {
  type FetchData,
  type FetchItems,
  type InvalidResponse,
  type LiteralData,
  type LiteralEnd,
  type LiteralStart,
  type MessageSelector,
  WHOLE_MESSAGE,
} from '@posthorn/wire';
import type { ClientCommand, UntaggedEvent } from './client-protocol.ts';
import type { Connection } from './connection.ts';
import { FetchIncompleteError, type IncompleteMessage, ServerRefusedError } from './errors.ts';
import { findSection, hasItems, isSection, missingItems, type PreparedQuery } from './fetch-query.ts';
import { fetchRest } from './fetch-rest.ts';
import { type BodyOwner, IncomingBody } from './fetched-body.ts';
import type { MessageSelection } from './message-selection.ts';
import { PartialAnswers } from './partial-answers.ts';
import { SeenIds } from './seen-ids.ts';

/** What a fetch needs to know. */
export interface FetchRequest {
  readonly connection: Connection;
  readonly selection: MessageSelection;
  readonly query: PreparedQuery;
  readonly changedSince?: ModSeq | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Gets the messages that are not complete, instead of an error at the end. */
  readonly onIncomplete?: ((message: IncompleteMessage) => void) | undefined;
  /** @throws InvalidStateError when the mailbox is not selected any more */
  checkSelected(): void;
}

/** A message ready for the loop, typed by whoever knows the query. */
interface Ready {
  readonly message: { readonly uid: Uid; readonly sequenceNumber: SequenceNumber; readonly body?: IncomingBody | null };
  /** Octets held for it besides its fields. */
  readonly held: number;
}

/** One FETCH command of a run. */
interface Batch {
  readonly command: ClientCommand;
  matches(uid: Uid, sequenceNumber: SequenceNumber): boolean;
}

interface Waiter {
  readonly resolve: (result: IteratorResult<unknown, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}

/** A body whose message is not known yet. */
interface Spool {
  readonly chunks: Uint8Array[];
  octets: number;
}

/** An answer whose body is on its way. */
interface OpenAnswer {
  /** Where the octets go: to a body somebody reads, to memory because more must come first, or nowhere. */
  readonly target: IncomingBody | Spool | undefined;
  /** Whether the message was handed out, so that the rest of the answer says nothing new. */
  readonly isDelivered: boolean;
}

/** Reading stops when so much waits for the loop. */
const FULL_MESSAGES = 512;
const FULL_BYTES = 1024 * 1024;
/** When reading must go on all the same, answers beyond this are let go and asked for again. */
const MOST_MESSAGES = 8192;
const MOST_BYTES = 32 * 1024 * 1024;
/** A fetch of bodies asks for so much at a time, to keep a command inside the loop from waiting for all of them. */
const BATCH_BYTES = 4 * 1024 * 1024;
const FIRST_BATCH = 16;
const LARGEST_BATCH = 512;
/** Commands of one run that are in progress together. */
const COMMANDS_AHEAD = 2;
const MOST_REPORTED = 1000;
const DONE: IteratorResult<never, undefined> = { done: true, value: undefined };

/**
 * One pass over fetched messages. It asks for bodies batch by batch; answers that arrive while the loop is busy wait in
 * a bounded queue, and what does not fit, because a command inside the loop needs the answers behind, is asked for again.
 */
export class FetchRun implements AsyncIterator<unknown, undefined> {
  readonly #request: FetchRequest;
  readonly #seen = new SeenIds();
  readonly #partials = new PartialAnswers((answer) =>
    this.#report(answer.uid, answer.sequenceNumber, answer.items, answer.diagnostics),
  );
  readonly #batches = new Set<Batch>();
  readonly #incomplete: IncompleteMessage[] = [];
  #incompleteCount = 0;
  #queue: Ready[] = [];
  #position = 0;
  #heldBytes = 0;
  #waiter: Waiter | undefined;
  #current: IncomingBody | null | undefined;
  #open: OpenAnswer | undefined;
  #isStarted = false;
  #isResolving = false;
  #isOver = false;
  #failure: { readonly reason: unknown } | undefined;
  /** Pieces of the selection not asked for yet, then UIDs not asked for yet. */
  #selectors: MessageSelector[] = [];
  #uids: UidSet = emptySet();
  #resolved: IdSetBuilder<Uid> | undefined;
  #dropped: IdSetBuilder<Uid> | undefined;
  #bodies = 0;
  #bodyBytes = 0;
  readonly #abort = (): void => {
    this.#clear(this.#request.signal?.reason);
    this.#fail(this.#request.signal?.reason);
  };

  constructor(request: FetchRequest) {
    this.#request = request;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    this.#moveOn();
    const ready = this.#queue[this.#position];
    if (ready !== undefined) return Promise.resolve(this.#take(ready));
    if (this.#failure !== undefined) return this.#finish();
    if (this.#isOver) return Promise.resolve(DONE);
    if (this.#waiter !== undefined) return Promise.reject(new InvalidStateError('the fetch is waited for already'));
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#advance();
      this.#request.connection.wake();
    });
  }

  /** The loop was left: nothing more is kept, and nothing more is asked for. */
  return(): Promise<IteratorResult<unknown, undefined>> {
    this.#end();
    return Promise.resolve(DONE);
  }

  #take(ready: Ready): IteratorResult<unknown, undefined> {
    this.#position++;
    this.#current = ready.message.body;
    if (this.#position === this.#queue.length) {
      this.#queue = [];
      this.#position = 0;
    }
    this.#refill();
    return { done: false, value: ready.message };
  }

  /** There may be room again. */
  #refill(): void {
    if (this.#isOver || this.#isFull()) return;
    if (this.#batches.size < COMMANDS_AHEAD) this.#advance();
    this.#request.connection.wake();
  }

  #moveOn(): void {
    const body = this.#current;
    this.#current = undefined;
    body?.expire();
  }

  #isFull(): boolean {
    return this.#queue.length - this.#position >= FULL_MESSAGES || this.#heldBytes >= FULL_BYTES;
  }

  #isOverflowing(): boolean {
    return this.#queue.length - this.#position >= MOST_MESSAGES || this.#heldBytes >= MOST_BYTES;
  }

  /** Asks for more, or finds that all is there. */
  #advance(): void {
    if (this.#isOver || this.#failure !== undefined) return;
    try {
      if (!this.#isStarted) this.#start();
      while (this.#batches.size < COMMANDS_AHEAD && !this.#isFull() && this.#ask());
      if (this.#batches.size === 0 && this.#position === this.#queue.length) this.#fail(undefined);
    } catch (error) {
      this.#fail(error);
    }
  }

  #start(): void {
    const { signal, selection, query } = this.#request;
    this.#isStarted = true;
    signal?.throwIfAborted();
    signal?.addEventListener('abort', this.#abort, { once: true });
    this.#selectors = [...selection.selectors];
    this.#isResolving = query.section !== undefined && selection.size > FIRST_BATCH;
  }

  /** Sends the next command. @returns false when there is nothing to ask for now */
  #ask(): boolean {
    const { selection } = this.#request;
    const selector = this.#selectors.shift();
    if (selector !== undefined) {
      this.#send(selector, selection.matches);
      return true;
    }
    if (this.#isResolving) {
      if (this.#batches.size > 0) return false;
      this.#isResolving = false;
      this.#uids = this.#resolved?.build() ?? this.#uids;
      this.#resolved = undefined;
    }
    if (this.#dropped !== undefined && this.#batches.size === 0) {
      this.#uids = union(this.#uids, this.#dropped.build());
      this.#dropped = undefined;
    }
    const length = this.#batchLength();
    const batch = sliceSet(this.#uids, 0, length);
    if (count(batch) === 0) return false;
    const [first, ...others] = splitSequenceSet(sequenceSetOf(batch), 8000);
    this.#uids = sliceSet(this.#uids, length);
    this.#selectors = others.map((set) => ({ type: 'uids', set }));
    this.#send({ type: 'uids', set: first! }, (uid) => contains(batch, uid));
    return true;
  }

  /** So many messages as probably fit the budget, learning from those seen. */
  #batchLength(): number {
    if (this.#request.query.section === undefined) return LARGEST_BATCH * 8;
    if (this.#bodies === 0) return FIRST_BATCH;
    return Math.max(1, Math.min(LARGEST_BATCH, Math.floor(BATCH_BYTES / (1 + this.#bodyBytes / this.#bodies))));
  }

  #send(messages: MessageSelector, matches: Batch['matches']): void {
    const { connection, query, changedSince } = this.#request;
    this.#request.checkSelected();
    const items = this.#isResolving ? query.items.slice(0, 1) : query.items;
    const command = connection.submit(
      { name: 'FETCH', messages, items, changedSince },
      {
        accept: (event) => this.#accept(event, batch),
        literal: (event) => this.#literal(event),
        isFull: () => this.#failure === undefined && !this.#isOver && this.#isFull(),
        isWanted: () => this.#waiter !== undefined || this.#current?.isWanted === true,
        done: () => this.#completed(batch),
        fail: (reason) => (isOnlyGone(reason) ? this.#completed(batch) : this.#failed(batch, reason)),
      },
    );
    const batch: Batch = { command, matches };
    this.#batches.add(batch);
  }

  #completed(batch: Batch): void {
    this.#batches.delete(batch);
    if (this.#batches.size === 0) this.#partials.flush();
    this.#advance();
  }

  #failed(batch: Batch, reason: unknown): void {
    this.#batches.delete(batch);
    this.#current?.failUnlessEnded(reason);
    for (let index = this.#position; index < this.#queue.length; index++)
      this.#queue[index]!.message.body?.failUnlessEnded(reason);
    this.#fail(reason);
  }

  #accept(event: UntaggedEvent, batch: Batch): boolean {
    switch (event.type) {
      case 'fetch':
        return this.#acceptAnswer(event, batch);
      case 'literalStart':
        return this.#acceptLiteral(event, batch);
      case 'expunge':
        this.#partials.expunge(event.sequenceNumber);
        return false;
      case 'invalid':
        return this.#acceptInvalid(event);
      default:
        return false;
    }
  }

  /** An answer that cannot be read must not look like a message that does not exist. */
  #acceptInvalid({ raw, diagnostics }: InvalidResponse): boolean {
    const open = this.#open;
    this.#open = undefined;
    if (open?.isDelivered) return true;
    if (this.#isOver || (open === undefined && !isFetch(raw))) return false;
    this.#reportAs({ uid: undefined, sequenceNumber: undefined, missing: [], diagnostics });
    return true;
  }

  #acceptAnswer(data: FetchData, batch: Batch): boolean {
    const open = this.#open;
    this.#open = undefined;
    if (open?.isDelivered) return true;
    const { sequenceNumber } = data;
    const earlier = this.#partials.get(sequenceNumber);
    const items = earlier === undefined ? data.items : { ...earlier.items, ...data.items };
    const { uid } = items;
    if (uid === undefined) {
      // Without its UID it may be news about any message; only what was asked for begins an answer.
      if (earlier === undefined && !this.#isAnswer(items)) return false;
    } else {
      if (!batch.matches(uid, sequenceNumber)) return false;
      if (this.#isOver) return true;
      if (this.#resolved !== undefined || this.#isResolving) {
        this.#resolved ??= new IdSetBuilder();
        this.#resolved.add(uid);
        return true;
      }
    }
    const body = this.#bodyOf(items, open);
    if (body === MISSING || !hasItems(this.#request.query, items)) {
      this.#partials.set({ sequenceNumber, uid, items, diagnostics: data.diagnostics ?? earlier?.diagnostics ?? [] });
      return true;
    }
    this.#partials.delete(sequenceNumber);
    return this.#deliver(uid!, sequenceNumber, items, body) !== 'known';
  }

  /** Whether an answer without UID holds more than the flags that a server may mention at any time. */
  #isAnswer(items: FetchItems): boolean {
    const { query } = this.#request;
    if (query.section !== undefined && findSection(query.section, items) !== undefined) return true;
    return query.names.some((name) => name !== 'flags' && name !== 'modSeq' && items[name] !== undefined);
  }

  /** The body in an answer: in memory, null when the section does not exist, undefined when none was asked for. */
  #bodyOf(items: FetchItems, open: OpenAnswer | undefined): IncomingBody | null | undefined | typeof MISSING {
    const { section, isSectionOptional } = this.#request.query;
    if (section === undefined) return undefined;
    const value = findSection(section, items)?.value;
    if (value === undefined) return MISSING;
    if (value === null) return isSectionOptional ? null : MISSING;
    if (value.type === 'inline') return this.#wholeBody([value.bytes], value.bytes.length);
    return isSpool(open?.target) ? this.#wholeBody(open.target.chunks, value.size) : MISSING;
  }

  #wholeBody(chunks: readonly Uint8Array[], size: number): IncomingBody {
    const body = new IncomingBody(size, this.#ownerOf());
    for (const chunk of chunks) if (chunk.length > 0) body.push(chunk);
    body.end();
    return body;
  }

  #ownerOf(uid?: Uid): BodyOwner {
    return {
      released: (octets) => {
        this.#heldBytes -= octets;
        if (!this.#isFull()) this.#refill();
      },
      resume: (offset, size) => {
        const { connection, query, checkSelected, signal } = this.#request;
        return fetchRest({
          connection,
          checkSelected,
          signal,
          uid: uid!,
          section: query.section ?? WHOLE_MESSAGE,
          offset,
          size,
        });
      },
    };
  }

  /** Queues a message for the loop, unless it came before: then it is news, not an answer. */
  #deliver(
    uid: Uid,
    sequenceNumber: SequenceNumber,
    items: FetchItems,
    body: IncomingBody | null | undefined,
  ): 'queued' | 'dropped' | 'known' {
    if (this.#isOver || this.#failure !== undefined) return 'dropped';
    if (this.#isOverflowing()) {
      this.#dropped ??= new IdSetBuilder();
      this.#dropped.add(uid);
      return 'dropped';
    }
    if (!this.#seen.add(uid)) return 'known';
    const message: Record<string, unknown> = { uid, sequenceNumber };
    for (const name of this.#request.query.names) message[name] = items[name];
    if (body !== undefined) message['body'] = body;
    const held = body?.held ?? 0;
    this.#heldBytes += held;
    if (body) {
      this.#bodies++;
      this.#bodyBytes += body.size;
    }
    this.#queue.push({ message: message as unknown as Ready['message'], held });
    const waiter = this.#waiter;
    if (waiter !== undefined) {
      this.#waiter = undefined;
      waiter.resolve(this.#take(this.#queue[this.#position]!));
    }
    return 'queued';
  }

  /** A big body begins. It streams to the loop when everything else of its message is known. */
  #acceptLiteral(start: LiteralStart, batch: Batch): boolean {
    const { query } = this.#request;
    const { sequenceNumber } = start;
    const earlier = this.#partials.get(sequenceNumber);
    const items = earlier === undefined ? start.items : { ...earlier.items, ...start.items };
    const { uid } = items;
    if (uid !== undefined && !batch.matches(uid, sequenceNumber)) return false;
    const isAsked = query.section !== undefined && isSection(query.section, start) && start.origin === undefined;
    if (!isAsked) return false;
    if (this.#isOver || this.#isResolving) this.#open = { target: undefined, isDelivered: true };
    else if (uid === undefined || !hasItems(query, items))
      this.#open = { target: { chunks: [], octets: 0 }, isDelivered: false };
    else {
      this.#partials.delete(sequenceNumber);
      const body = new IncomingBody(start.size, this.#ownerOf(uid));
      const outcome = this.#deliver(uid, sequenceNumber, items, body);
      if (outcome === 'known') return false;
      this.#open = { target: outcome === 'queued' ? body : undefined, isDelivered: true };
    }
    return true;
  }

  #literal(event: LiteralData | LiteralEnd): void {
    const target = this.#open?.target;
    if (target === undefined) return;
    if (isSpool(target)) {
      if (event.type === 'literalData') this.#spool(target, event.bytes);
    } else if (event.type === 'literalEnd') target.end();
    else {
      this.#heldBytes += target.push(event.bytes);
      if (this.#isOverflowing()) target.cut();
    }
  }

  /** Keeps a body whose message is not known yet, up to a limit. */
  #spool(spool: Spool, bytes: Uint8Array): void {
    spool.octets += bytes.length;
    if (spool.octets <= MOST_BYTES) spool.chunks.push(bytes);
    else this.#open = { target: undefined, isDelivered: false };
  }

  #report(
    uid: Uid | undefined,
    sequenceNumber: SequenceNumber,
    items: FetchItems,
    diagnostics: IncompleteMessage['diagnostics'],
  ): void {
    const { query } = this.#request;
    const missing: string[] = [...missingItems(query, items)];
    if (query.section !== undefined && findSection(query.section, items)?.value == null) missing.push('body');
    this.#reportAs({ uid, sequenceNumber, missing, diagnostics });
  }

  #reportAs(message: IncompleteMessage): void {
    if (this.#isOver) return;
    const { onIncomplete } = this.#request;
    if (onIncomplete !== undefined) {
      this.#tell(message, onIncomplete);
      return;
    }
    this.#incompleteCount++;
    if (this.#incomplete.length < MOST_REPORTED) this.#incomplete.push(message);
  }

  #tell(message: IncompleteMessage, onIncomplete: (message: IncompleteMessage) => void): void {
    try {
      onIncomplete(message);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The run ends, after the messages that wait for the loop: with an error, or, for undefined, because all is there. */
  #fail(reason: unknown): void {
    if (this.#isOver || this.#failure !== undefined) return;
    const isIncomplete = reason === undefined && this.#incompleteCount > 0;
    this.#failure = {
      reason: isIncomplete ? new FetchIncompleteError(this.#incomplete, this.#incompleteCount) : reason,
    };
    this.#abandon();
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter === undefined) return;
    this.#finish().then(waiter.resolve, waiter.reject);
  }

  #finish(): Promise<IteratorResult<unknown, undefined>> {
    const reason = this.#failure?.reason;
    this.#end();
    return reason === undefined ? Promise.resolve(DONE) : Promise.reject(reason);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#moveOn();
    this.#clear();
    this.#abandon();
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.resolve(DONE);
    this.#request.connection.wake();
  }

  /** Forgets what waits for the loop, and, given a reason, what it is about to read. */
  #clear(reason?: unknown): void {
    if (reason !== undefined) this.#current?.fail(reason);
    const queue = this.#queue.slice(this.#position);
    this.#queue = [];
    this.#position = 0;
    for (const { message } of queue) message.body?.expire();
  }

  #abandon(): void {
    this.#request.signal?.removeEventListener('abort', this.#abort);
    for (const { command } of this.#batches) this.#request.connection.abandon(command);
  }
}

const MISSING = Symbol('missing');

function isSpool(target: IncomingBody | Spool | undefined): target is Spool {
  return target !== undefined && 'chunks' in target;
}

/** `* 12 FETCH …` in a frame that does not parse. */
function isFetch(raw: Uint8Array): boolean {
  return /^\* \d{1,10} FETCH\b/i.test(String.fromCharCode(...raw.subarray(0, 24)));
}

/** QUIRK: servers refuse a whole UID FETCH with NO [EXPUNGEISSUED] because some of its messages are gone (RFC 5530). */
function isOnlyGone(reason: unknown): boolean {
  return reason instanceof ServerRefusedError && reason.status === 'NO' && reason.reason === 'EXPUNGEISSUED';
}
