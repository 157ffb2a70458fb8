import type { Flag, FlagOperation, Uid, UidSet, UidValidity } from '@posthorn/core';
import { difference, IdSetBuilder, isEmpty, parseSequenceSet, setFromRanges, setOf } from '@posthorn/message-set';
import type { ImapClient } from '../client.ts';
import { ImapError } from '../errors.ts';
import type { Conversion, ConvertedMessage, ConvertOptions, ConvertQuery } from '../extensions/convert.ts';
import type { FetchedMessage, FetchQuery } from '../fetch/fetch-query.ts';
import type { FetchedBody, StreamOptions } from '../fetch/fetched-body.ts';
import type { ReadTextOptions } from '../fetch/read-part.ts';
import type { SectionQuery } from '../fetch/section-query.ts';
import type { MailboxDifference } from '../mailbox/mailbox-changes.ts';
import { parseCursor } from '../mailbox/mailbox-cursor.ts';
import type { FetchOptions } from '../mailbox/searchable-mailbox.ts';
import type { SelectedMailbox } from '../mailbox/selected-mailbox.ts';
import type { StoreOptions, StoreResult } from '../mailbox/store-flags.ts';
import type { MailboxReference } from '../mailboxes/mailbox-reference.ts';
import type { SearchCriteria } from '../search/find-messages.ts';
import type { SortOrder } from '../search/sort-messages.ts';
import { Following } from './follow-changes.ts';
import { LastingBody } from './lasting-body.ts';
import type { PooledClient } from './pooled-client.ts';
import type { Need } from './waiters.ts';
import { watchAcross } from './watch-across.ts';
import { type AccountParts, Attempts, repeatedly, type WorkOptions, withClient } from './work.ts';

/** What a handle is bound to. */
export interface MailboxBinding {
  readonly mailbox: MailboxReference;
  readonly name: string;
  readonly key: string;
  readonly uidValidity: UidValidity;
  readonly isReadOnly: boolean;
  readonly host: string | undefined;
  /** Undefined when the provider decides. */
  readonly distrustsModSeq: boolean | undefined;
}

export interface AccountChangesOptions extends WorkOptions {
  /** Where to go on: what an event `cursor` gave. @defaultValue nothing is known, so every message is told of */
  readonly cursor?: string | undefined;
}

export interface AccountWatchOptions extends AccountChangesOptions {
  /** As `watch` of a selected mailbox has it. */
  readonly renewMs?: number | undefined;
  readonly pollMs?: number | undefined;
}

const HIGHEST_UID = 0xffff_ffff as Uid;

/**
 * A mailbox of an account, whatever connection it is open on. It is bound to one UIDVALIDITY and refuses to work when
 * the server has another, because its UIDs would name other messages.
 */
export class AccountMailbox {
  /** The decoded name. */
  readonly name: string;
  readonly uidValidity: UidValidity;
  readonly isReadOnly: boolean;
  readonly #parts: AccountParts;
  readonly #binding: MailboxBinding;

  /** @internal Accounts make them with `mailbox`. */
  constructor(parts: AccountParts, binding: MailboxBinding) {
    this.#parts = parts;
    this.#binding = binding;
    this.name = binding.name;
    this.uidValidity = binding.uidValidity;
    this.isReadOnly = binding.isReadOnly;
  }

  /**
   * Does anything with the mailbox while it is open on a connection. Others may use the same connection meanwhile. The
   * work is done once: after a failure it is not known how much of it happened.
   * @throws {@link ImapError} `IMAP_UIDVALIDITY_CHANGED`; what the work throws
   */
  use<T>(work: (mailbox: SelectedMailbox, client: ImapClient) => Promise<T>, options: WorkOptions = {}): Promise<T> {
    return withClient(this.#parts, this.#need, options, async (pooled) =>
      work(await this.#select(pooled, options.signal), pooled.client),
    );
  }

  /**
   * Messages, one by one. When the connection breaks the rest is fetched on another: each message comes once, and a body
   * that was being read goes on from the octet it had come to.
   */
  fetch<const Query extends FetchQuery>(
    uids: UidSet | string,
    query: Query,
    options: Omit<FetchOptions, 'changedSince'> & WorkOptions = {},
  ): AsyncIterable<FetchedMessage<Query>> {
    return { [Symbol.asyncIterator]: () => this.#fetch(uids, query, options) };
  }

  /** UIDs of the messages that match. Asked again after a broken connection. */
  search(criteria: SearchCriteria, options: WorkOptions = {}): Promise<UidSet> {
    return this.#repeatedly(options, (mailbox) => mailbox.search(criteria, { signal: options.signal }));
  }

  /** UIDs of the messages that match, in order, as `sort` of a selected mailbox has it. Asked again after a broken connection. */
  sort(order: readonly SortOrder[], criteria: SearchCriteria, options: WorkOptions = {}): Promise<readonly Uid[]> {
    return this.#repeatedly(options, (mailbox) => mailbox.sort(order, criteria, { signal: options.signal }));
  }

  /** The text to read of a message, as `readText` of a selected mailbox has it. Asked again after a broken connection. */
  readText(
    uid: Uid,
    { acquireMs, ...options }: ReadTextOptions & WorkOptions = {},
  ): Promise<{ readonly text: string; readonly mediaType: string } | null> {
    const { signal } = options;
    return this.#repeatedly({ signal, acquireMs }, (mailbox) => mailbox.readText(uid, options));
  }

  /** Converted parts, as `convert` of a selected mailbox has them. Asked again after a broken connection. */
  convert(
    uids: UidSet | string,
    conversion: Conversion,
    parts: readonly ConvertQuery[],
    { acquireMs, ...options }: ConvertOptions & WorkOptions = {},
  ): Promise<readonly ConvertedMessage[]> {
    const { signal } = options;
    const work = (mailbox: SelectedMailbox) => mailbox.convert(uids, conversion, parts, options);
    return this.#repeatedly({ signal, acquireMs }, work);
  }

  /** Changes flags; again after a broken connection, which changes nothing more. */
  store(
    uids: UidSet | string,
    operation: FlagOperation,
    flags: readonly Flag[],
    { acquireMs, ...options }: StoreOptions & WorkOptions = {},
  ): Promise<StoreResult> {
    const work = (mailbox: SelectedMailbox) => mailbox.store(uids, operation, flags, options);
    const { signal, unchangedSince } = options;
    // What was stored the first time would look changed by others the second time.
    if (unchangedSince !== undefined) return this.use(work, { signal, acquireMs });
    return this.#repeatedly({ signal, acquireMs }, work);
  }

  /**
   * What changed since the moment that a cursor stands for, up to now, and at the end a cursor for next time, as `changes`
   * of a selected mailbox has it. Goes on after a broken connection: flags may then be told twice, no message is new
   * twice, and nothing is left out.
   * @throws {@link ImapError} `IMAP_UIDVALIDITY_CHANGED` when the cursor, or the server, has another UIDVALIDITY
   * @throws RangeError when the cursor is not one
   */
  changes({ cursor, ...options }: AccountChangesOptions = {}): AsyncIterable<MailboxDifference> {
    this.#check(cursor);
    return { [Symbol.asyncIterator]: () => this.#changes(cursor, options) };
  }

  /**
   * What changes, from a cursor on and for as long as the loop goes on or the signal allows, across broken connections
   * and without gaps. A cursor follows each group of changes.
   */
  watch({ cursor, ...options }: AccountWatchOptions = {}): AsyncIterable<MailboxDifference> {
    this.#check(cursor);
    const parts = this.#parts;
    const binding = this.#binding;
    const select = (pooled: PooledClient, signal: AbortSignal | undefined) => this.#select(pooled, signal);
    return { [Symbol.asyncIterator]: () => watchAcross({ parts, binding, cursor, options, select }) };
  }

  /** @internal The error of a mailbox that ought to have another UIDVALIDITY. */
  otherThan(expected: number): ImapError {
    return otherMessages(this.name, expected, this.uidValidity);
  }

  get #need(): Need {
    return { key: this.#binding.key, isExclusive: false, isWatch: false };
  }

  /** @throws RangeError, {@link ImapError} `IMAP_UIDVALIDITY_CHANGED` */
  #check(cursor: string | undefined): void {
    if (cursor === undefined) return;
    const { uidValidity } = parseCursor(cursor);
    if (uidValidity !== this.uidValidity) throw otherMessages(this.name, uidValidity, this.uidValidity);
  }

  async *#fetch<const Query extends FetchQuery>(
    uids: UidSet | string,
    query: Query,
    { acquireMs, signal, onIncomplete }: Omit<FetchOptions, 'changedSince'> & WorkOptions,
  ): AsyncGenerator<FetchedMessage<Query>, undefined> {
    const attempts = new Attempts(this.#parts);
    const came = new IdSetBuilder<Uid>();
    let rest = uids;
    for (;;) {
      const pooled = await this.#parts.pool.acquire(this.#need, {
        signal,
        timeoutMs: acquireMs ?? this.#parts.acquireMs,
      });
      try {
        const mailbox = await this.#select(pooled, signal);
        for await (const message of mailbox.fetch(rest, query, { signal, onIncomplete })) {
          came.add(message.uid);
          attempts.progressed();
          const body = this.#lasting(message, query, { acquireMs, signal });
          try {
            yield body === undefined ? message : { ...message, body };
          } finally {
            body?.expire();
          }
        }
        return;
      } catch (error) {
        await attempts.failed(error, signal);
      } finally {
        this.#parts.pool.release(pooled);
      }
      rest = difference(resolved(uids), came.build());
      if (isEmpty(rest)) return;
    }
  }

  /** The body of a message, over as many connections as it takes; undefined when it has none. */
  #lasting(
    message: { readonly uid: Uid; readonly body?: FetchedBody | null | undefined },
    { body: asked }: FetchQuery,
    { acquireMs, signal: outer }: WorkOptions,
  ): LastingBody | undefined {
    const { uid, body } = message;
    if (!body) return undefined;
    const attempts = new Attempts(this.#parts);
    const section: SectionQuery = asked === true || asked === undefined ? {} : asked;
    const until = (over: AbortSignal): AbortSignal => (outer === undefined ? over : AbortSignal.any([outer, over]));
    return new LastingBody(body, {
      progressed: () => attempts.progressed(),
      failed: (error, over) => attempts.failed(error, until(over)),
      rest: (offset, over, how) => {
        const partial = { offset: (section.partial?.offset ?? 0) + offset, length: body.size - offset };
        return this.#restOf(uid, { ...section, partial }, { acquireMs, signal: until(over), ...how });
      },
    });
  }

  async *#restOf(
    uid: Uid,
    section: SectionQuery,
    options: WorkOptions & StreamOptions,
  ): AsyncGenerator<Uint8Array, undefined> {
    const { signal, acquireMs: timeoutMs = this.#parts.acquireMs } = options;
    const pooled = await this.#parts.pool.acquire(this.#need, { signal, timeoutMs });
    try {
      const mailbox = await this.#select(pooled, signal);
      for await (const { body } of mailbox.fetch(setOf([uid]), { body: section }, { signal })) {
        if (body?.size !== section.partial?.length)
          throw new ImapError('IMAP_PROTOCOL', `message ${uid} has another length than before the connection broke`);
        if (body !== null) yield* body.stream(options);
        return;
      }
      throw new ImapError('IMAP_MESSAGE_GONE', `message ${uid} is gone`);
    } finally {
      this.#parts.pool.release(pooled);
    }
  }

  async *#changes(cursor: string | undefined, options: WorkOptions): AsyncGenerator<MailboxDifference, undefined> {
    const { signal, acquireMs = this.#parts.acquireMs } = options;
    const attempts = new Attempts(this.#parts);
    const following = new Following(cursor, this.#binding);
    for (;;) {
      const pooled = await this.#parts.pool.acquire(this.#need, { signal, timeoutMs: acquireMs });
      try {
        const mailbox = await this.#select(pooled, signal);
        for await (const difference of following.compare(mailbox, pooled, signal)) {
          attempts.progressed();
          yield difference;
        }
        return;
      } catch (error) {
        await attempts.failed(error, signal);
      } finally {
        this.#parts.pool.release(pooled);
      }
    }
  }

  #repeatedly<T>(options: WorkOptions, work: (mailbox: SelectedMailbox) => Promise<T>): Promise<T> {
    return repeatedly(this.#parts, this.#need, options, async (pooled) =>
      work(await this.#select(pooled, options.signal)),
    );
  }

  async #select(pooled: PooledClient, signal: AbortSignal | undefined): Promise<SelectedMailbox> {
    const selected = await pooled.select(this.#binding.mailbox, this.isReadOnly, signal);
    if (selected.uidValidity !== this.uidValidity)
      throw otherMessages(this.name, this.uidValidity, selected.uidValidity);
    return selected;
  }
}

function otherMessages(name: string, expected: number, found: number): ImapError {
  return new ImapError(
    'IMAP_UIDVALIDITY_CHANGED',
    `the mailbox "${name}" had UIDVALIDITY ${expected} and has ${found}: its UIDs name other messages now, so open it ` +
      'anew and forget what was known',
  );
}

/** The same messages, named so that some can be taken away. */
function resolved(uids: UidSet | string): UidSet {
  if (typeof uids !== 'string') return uids;
  const end = (uid: Uid | '*'): Uid => (uid === '*' ? HIGHEST_UID : uid);
  return setFromRanges(
    parseSequenceSet<Uid>(uids).ranges.map(({ first, last }) => ({ first: end(first), last: end(last) })),
  );
}
