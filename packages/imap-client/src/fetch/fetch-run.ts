import { InvalidStateError, type ModSeq, type SequenceNumber, type Uid, type UidSet } from '@posthorn/core';
import type { FetchData, FetchItems, PartialRange, StatusResponse } from '@posthorn/wire';
import type { ClientCommand } from '../connection/client-events.ts';
import type { Connection } from '../connection/connection.ts';
import { restOf } from '../connection/message-limit.ts';
import { FetchIncompleteError, type IncompleteMessage, ServerRefusedError } from '../errors.ts';
import type { MessageSelection } from '../mailbox/message-selection.ts';
import { SeenIds } from '../search/seen-ids.ts';
import { type CompleteAnswer, FetchAnswers } from './fetch-answers.ts';
import { FetchPlan, type PlannedFetch } from './fetch-plan.ts';
import type { PreparedQuery } from './fetch-query.ts';
import { fetchRest } from './fetch-rest.ts';
import { type BodyOwner, IncomingBody } from './fetched-body.ts';

/** What a fetch needs to know. */
export interface FetchRequest {
  readonly connection: Connection;
  readonly selection: MessageSelection;
  readonly query: PreparedQuery;
  readonly changedSince?: ModSeq | undefined;
  /** Only messages in this window of those meant, counted in messages. */
  readonly partial?: PartialRange | undefined;
  /** Hears which of the messages asked for are gone since `changedSince`. Needs QRESYNC. */
  readonly onVanished?: ((uids: UidSet) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Gets the messages that are not complete, instead of an error at the end. */
  readonly onIncomplete?: ((message: IncompleteMessage) => void) | undefined;
  /** Gets flags that came along without having been asked for. */
  onNews(data: FetchData): void;
  /** Hears which UID belongs to a sequence number. */
  onUid(uid: Uid, sequenceNumber: SequenceNumber): void;
  /** @throws InvalidStateError when the mailbox is not selected any more */
  checkSelected(): void;
}

/** A message ready for the loop, typed by whoever knows the query. */
interface Ready {
  readonly uid: Uid;
  readonly sequenceNumber: SequenceNumber | undefined;
  readonly body?: IncomingBody | null;
}

interface Waiter {
  readonly resolve: (result: IteratorResult<unknown, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Reading stops when so much waits for the loop, and goes on when little is left of it: in turns that are long enough to
 * cost little, and short enough for what is read to be young garbage when it is not needed any more.
 */
const FULL_MESSAGES = 128;
const FULL_BYTES = 1024 * 1024;
const LOW_MESSAGES = 16;
const LOW_BYTES = 256 * 1024;
/** When reading must go on all the same, answers beyond this are let go and asked for again. */
const MOST_MESSAGES = 8192;
const MOST_BYTES = 32 * 1024 * 1024;
/**
 * Commands of one run that are in progress together. With bodies it is one: a server whose output is blocked may go on
 * with the next command (Dovecot does), and messages would come in another order than they were asked for.
 */
const COMMANDS_AHEAD = 2;
const COMMANDS_AHEAD_WITH_BODIES = 1;
const MOST_REPORTED = 1000;
/** Messages that were taken and are still in the queue. */
const MOST_TAKEN = 128;
const DONE: IteratorResult<never, undefined> = { done: true, value: undefined };

/**
 * One pass over fetched messages. Answers that arrive while the loop is busy wait in a bounded queue, and what does not
 * fit, because a command inside the loop needs the answers behind, is asked for again.
 */
export class FetchRun implements AsyncIterator<unknown, undefined> {
  readonly #request: FetchRequest;
  readonly #plan: FetchPlan;
  readonly #commandsAhead: number;
  readonly #isUidOnly: boolean;
  readonly #answers: FetchAnswers;
  readonly #seen = new SeenIds();
  readonly #commands = new Set<ClientCommand>();
  readonly #incomplete: IncompleteMessage[] = [];
  #incompleteCount = 0;
  #queue: Ready[] = [];
  #position = 0;
  #heldBytes = 0;
  /** Reading has stopped, and goes on when little is left. */
  #isHeld = false;
  #waiter: Waiter | undefined;
  #current: IncomingBody | null | undefined;
  /** The body that octets come for, or came for. */
  #latest: IncomingBody | undefined;
  #isStarted = false;
  /** Nothing more will be queued; what is queued may still be taken. `reason` is undefined when all is there. */
  #end: { readonly reason: unknown } | undefined;
  #isOver = false;
  readonly #abort = (): void => {
    const reason: unknown = this.#request.signal?.reason;
    this.#current?.fail(reason);
    this.#clear();
    this.#finish(reason);
  };

  constructor(request: FetchRequest) {
    const { query, selection } = request;
    this.#request = request;
    this.#isUidOnly = request.connection.protocol.isEnabled('UIDONLY');
    const hasBodies = query.body !== undefined;
    this.#plan = new FetchPlan(selection, hasBodies);
    this.#commandsAhead = hasBodies ? COMMANDS_AHEAD_WITH_BODIES : COMMANDS_AHEAD;
    this.#answers = new FetchAnswers(query, {
      deliver: (answer) => this.#deliver(answer),
      isKnown: (uid) => this.#seen.has(uid),
      report: (message) => this.#report(message),
      news: (data) => request.onNews(data),
      listed: (uid) => this.#plan.list(uid),
      newBody: (size, uid) => {
        this.#latest = new IncomingBody(size, this.#ownerOf(uid));
        return this.#latest;
      },
      hold: (octets) => {
        this.#heldBytes += octets;
        return this.#isOverflowing();
      },
    });
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    this.#moveOn();
    const ready = this.#queue[this.#position];
    if (ready !== undefined) return Promise.resolve(this.#take(ready));
    if (this.#end !== undefined) return this.#settle(this.#end.reason);
    if (this.#waiter !== undefined) return Promise.reject(new InvalidStateError('the fetch is waited for already'));
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#advance();
      this.#request.connection.wake();
    });
  }

  /** The loop was left: nothing more is kept, and nothing more is asked for. */
  return(): Promise<IteratorResult<unknown, undefined>> {
    this.#finish(undefined);
    return this.#settle(undefined);
  }

  #take(ready: Ready): IteratorResult<unknown, undefined> {
    this.#position++;
    this.#current = ready.body;
    // What was taken is let go even when the queue is never empty.
    if (this.#position === this.#queue.length || this.#position >= MOST_TAKEN) {
      this.#queue.splice(0, this.#position);
      this.#position = 0;
    }
    this.#refill();
    return { done: false, value: ready };
  }

  /** There may be room again. */
  #refill(): void {
    if (this.#end !== undefined || this.#isFull()) return;
    if (this.#commands.size < this.#commandsAhead) this.#advance();
    this.#request.connection.wake();
  }

  #moveOn(): void {
    const body = this.#current;
    this.#current = undefined;
    body?.expire();
  }

  #isFull(): boolean {
    const waiting = this.#queue.length - this.#position;
    this.#isHeld = this.#isHeld
      ? waiting > LOW_MESSAGES || this.#heldBytes > LOW_BYTES
      : waiting >= FULL_MESSAGES || this.#heldBytes >= FULL_BYTES;
    // Octets that are lent would have to be copied to wait for their reader, so reading waits instead.
    return this.#isHeld || (this.#latest?.wouldHold === true && this.#request.connection.isLending);
  }

  #isOverflowing(): boolean {
    return this.#queue.length - this.#position >= MOST_MESSAGES || this.#heldBytes >= MOST_BYTES;
  }

  /** Asks for more, or finds that all is there. */
  #advance(): void {
    if (this.#end !== undefined) return;
    try {
      if (!this.#isStarted) this.#start();
      while (this.#commands.size < this.#commandsAhead && !this.#isFull()) {
        const planned = this.#plan.next(this.#commands.size);
        if (planned === undefined) break;
        this.#send(planned);
      }
      if (this.#commands.size === 0 && this.#position === this.#queue.length) this.#finish(this.#incompleteError());
    } catch (error) {
      this.#finish(error);
    }
  }

  #start(): void {
    const { signal } = this.#request;
    this.#isStarted = true;
    signal?.throwIfAborted();
    signal?.addEventListener('abort', this.#abort, { once: true });
  }

  #send(planned: PlannedFetch): void {
    const { connection, query, changedSince, partial, onVanished, checkSelected } = this.#request;
    checkSelected();
    const items = planned.isListing ? query.items.slice(0, 1) : query.items;
    const command = connection.submit(
      { name: 'FETCH', messages: planned.messages, items, changedSince, partial, vanished: onVanished !== undefined },
      {
        accept: (event) => {
          if (event.type !== 'vanished' || !event.isEarlier || onVanished === undefined)
            return this.#answers.accept(event, planned);
          onVanished(event.uids);
          return true;
        },
        literal: (event, loan) => this.#answers.literal(event, loan),
        takesLoans: true,
        isFull: () => this.#end === undefined && this.#isFull(),
        isWanted: () => this.#waiter !== undefined || this.#current?.isWanted === true,
        done: (response) => this.#done(command, planned, response),
        fail: (reason) => (isOnlyGone(reason) ? this.#completed(command) : this.#failed(command, reason)),
      },
    );
    this.#commands.add(command);
  }

  #done(command: ClientCommand, { messages }: PlannedFetch, response: StatusResponse): void {
    try {
      const rest = restOf(messages, response);
      if (rest !== undefined) this.#plan.goOn(rest);
    } catch (error) {
      this.#failed(command, error);
      return;
    }
    this.#completed(command);
  }

  #completed(command: ClientCommand): void {
    this.#commands.delete(command);
    if (this.#commands.size === 0) this.#answers.flush();
    this.#advance();
  }

  #failed(command: ClientCommand, reason: unknown): void {
    this.#commands.delete(command);
    // First, for a body that fails lets go of octets, which would look like room for more.
    this.#finish(reason);
    this.#current?.failUnlessEnded(reason);
    for (let index = this.#position; index < this.#queue.length; index++)
      this.#queue[index]!.body?.failUnlessEnded(reason);
  }

  /** Queues a message for the loop. */
  #deliver({ uid, sequenceNumber, items, body }: CompleteAnswer): 'queued' | 'dropped' {
    if (this.#end !== undefined) return 'dropped';
    if (this.#isOverflowing()) {
      this.#plan.drop(uid);
      return 'dropped';
    }
    this.#seen.add(uid);
    if (!this.#isUidOnly) this.#request.onUid(uid, sequenceNumber);
    const message: Record<string, unknown> = { uid, sequenceNumber: this.#isUidOnly ? undefined : sequenceNumber };
    for (const name of this.#request.query.names) message[name] = items[name];
    if (body !== undefined) message['body'] = body;
    if (this.#request.query.hasSections) message['sections'] = this.#sectionsOf(items);
    if (body) {
      this.#heldBytes += body.held;
      this.#plan.measure(body.size);
    }
    this.#queue.push(message as unknown as Ready);
    const waiter = this.#waiter;
    if (waiter !== undefined) {
      this.#waiter = undefined;
      waiter.resolve(this.#take(this.#queue[this.#position]!));
    }
    return 'queued';
  }

  #sectionsOf(items: FetchItems): Readonly<Record<string, Uint8Array | null>> {
    const found = this.#request.query.sections.map((section): [string, Uint8Array | null] => {
      const value = section.find(items)?.value;
      return [section.name, value?.type === 'inline' ? value.bytes : null];
    });
    return Object.fromEntries(found);
  }

  #ownerOf(uid: Uid): BodyOwner {
    const { connection, query, checkSelected, signal } = this.#request;
    return {
      released: (octets) => {
        this.#heldBytes -= octets;
        this.#refill();
      },
      resume: (offset, size) =>
        fetchRest({ connection, checkSelected, signal, uid, wanted: query.body!, offset, size }),
    };
  }

  #report(message: IncompleteMessage): void {
    if (this.#end !== undefined) return;
    const { onIncomplete } = this.#request;
    if (onIncomplete === undefined) {
      this.#incompleteCount++;
      if (this.#incomplete.length < MOST_REPORTED) this.#incomplete.push(message);
      return;
    }
    try {
      onIncomplete(message);
    } catch (error) {
      this.#finish(error);
    }
  }

  #incompleteError(): FetchIncompleteError | undefined {
    return this.#incompleteCount === 0 ? undefined : new FetchIncompleteError(this.#incomplete, this.#incompleteCount);
  }

  /** Nothing more is asked for or queued; a reason is told after the messages that wait for the loop. */
  #finish(reason: unknown): void {
    if (this.#end !== undefined) return;
    const { signal, connection } = this.#request;
    this.#end = { reason };
    signal?.removeEventListener('abort', this.#abort);
    for (const command of this.#commands) connection.abandon(command);
    connection.wake();
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter !== undefined) this.#settle(reason).then(waiter.resolve, waiter.reject);
  }

  /** Ends the loop: with the reason the first time, in any case at last. */
  #settle(reason: unknown): Promise<IteratorResult<unknown, undefined>> {
    const isFirst = !this.#isOver;
    this.#isOver = true;
    this.#moveOn();
    this.#clear();
    return isFirst && reason !== undefined ? Promise.reject(reason) : Promise.resolve(DONE);
  }

  /** Forgets what waits for the loop. */
  #clear(): void {
    const queue = this.#queue.slice(this.#position);
    this.#queue = [];
    this.#position = 0;
    for (const { body } of queue) body?.expire();
  }
}

/** QUIRK: servers refuse a whole UID FETCH with NO [EXPUNGEISSUED] because some of its messages are gone (RFC 5530). */
function isOnlyGone(reason: unknown): boolean {
  return reason instanceof ServerRefusedError && reason.status === 'NO' && reason.reason === 'EXPUNGEISSUED';
}
