import type { BodyHandle, MessageMeta, SequenceNumber, Uid, UidSet } from '@posthorn/core';
import { IdSetBuilder, ids, setOf } from '@posthorn/message-set';
import type { Timers } from '@posthorn/transport/serving';
import { emailIdOf } from '../fetch/email-id.ts';
import { storeErrorCode } from '../replies/error-replies.ts';
import { type KnownMessage, type MessageFacts, verdictOn } from './message-verdict.ts';
import { searchMessage } from './search-message.ts';
import { decide, type SearchPlan } from './search-plan.ts';
import type { SearchTarget } from './search-target.ts';

/** Longest that one search keeps other sessions waiting. */
const TURN_MS = 10;
/** Messages looked at between two looks at the clock. */
const MESSAGES_PER_LOOK = 256;

export interface SearchContext {
  readonly selected: Pick<SearchTarget, 'mailbox' | 'view'>;
  readonly plan: SearchPlan;
  readonly timers: Timers;
  readonly signal: AbortSignal;
  /** Seconds since 1970, for ages. */
  readonly nowSeconds: number;
  /** Called now and then, with how many messages were looked at. */
  readonly onProgress?: ((done: number, goal: number) => Promise<void>) | undefined;
}

/**
 * Finds messages the client knows. Asks first what the session knows by itself, then what the store keeps about a
 * message, and reads only messages that are still undecided. Messages that vanish on the way are not found.
 */
export async function runSearch(context: SearchContext): Promise<UidSet> {
  const search = new Search(context);
  const undecided = await search.askView();
  for await (const row of search.rows(undecided)) await search.askMessage(row);
  return search.found();
}

type Row = Partial<MessageMeta> & { readonly uid: Uid };

class Search {
  readonly #context: SearchContext;
  readonly #found: Uid[] = [];
  #turnStarted: number;
  /** Messages decided on. */
  #done = 0;
  readonly #pause = (): Promise<void> => this.#yield();

  constructor(context: SearchContext) {
    this.#context = context;
    this.#turnStarted = context.timers.now();
  }

  found(): UidSet {
    return setOf(this.#found);
  }

  /** Decides what can be decided without the store. @returns what is left */
  async askView(): Promise<UidSet> {
    const { view } = this.#context.selected;
    const undecided = new IdSetBuilder<Uid>();
    for (let number = 1; number <= view.exists; number++) {
      if (number % MESSAGES_PER_LOOK === 0) await this.#yield();
      const known = this.#known(number as SequenceNumber);
      const verdict = this.#decide({ known });
      if (verdict === undefined) undecided.add(known.uid);
      else this.#done++;
      if (verdict === true) this.#found.push(known.uid);
    }
    return undecided.build();
  }

  /** What the store keeps about messages, as far as anybody asks for it. */
  rows(uids: UidSet): AsyncIterable<Row> | Iterable<Row> {
    const { selected, plan, signal } = this.#context;
    if (uids.bounds.length === 0) return [];
    if (plan.fields.length === 0) return rowsOf(uids);
    return selected.mailbox.scan(uids, plan.fields, { signal });
  }

  async askMessage(row: Row): Promise<void> {
    await this.#yield();
    const number = this.#context.selected.view.numberOf(row.uid);
    if (number === undefined) return;
    const { mailbox } = this.#context.selected;
    const facts = { known: this.#known(number), meta: row, fallbackId: () => emailIdOf(mailbox, row.uid) };
    const verdict = this.#decide(facts) ?? (await this.#read(facts));
    this.#done++;
    if (verdict) this.#found.push(row.uid);
  }

  async #read(facts: MessageFacts): Promise<boolean> {
    const { selected, plan, signal, nowSeconds } = this.#context;
    let body: BodyHandle;
    try {
      body = await selected.mailbox.read(facts.known.uid, undefined, { signal });
    } catch (error) {
      if (storeErrorCode(error) === 'STORE_EXPUNGED') return false;
      throw error;
    }
    try {
      return await searchMessage(plan, facts, body, nowSeconds, this.#pause);
    } finally {
      await body.release();
    }
  }

  #known(number: SequenceNumber): KnownMessage {
    const { view } = this.#context.selected;
    return { uid: view.uidAt(number), number, flags: view.flagsAt(number), modSeq: view.modSeqAt(number) };
  }

  #decide(facts: MessageFacts): boolean | undefined {
    const { plan, nowSeconds } = this.#context;
    return decide(plan.query, (leaf) => verdictOn(leaf, facts, nowSeconds));
  }

  /** Lets others have a turn when it is time: stores in memory never wait for the event loop. */
  async #yield(): Promise<void> {
    const { timers, signal } = this.#context;
    if (timers.now() - this.#turnStarted < TURN_MS) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    await this.#context.onProgress?.(this.#done, this.#context.selected.view.exists);
    this.#turnStarted = timers.now();
  }
}

function* rowsOf(uids: UidSet): Iterable<Row> {
  for (const uid of ids<Uid>(uids)) yield { uid };
}
