import type { Pop3Client } from '../client.ts';
import { type ListedMessage, type Maildrop, readMaildrop } from './maildrop.ts';
import type { SeenMessage, SeenMessages } from './seen-messages.ts';

/**
 * What becomes of messages at the server: they stay, they are deleted once they are stored, or when they were stored so
 * many days ago.
 */
export type DeletePolicy = 'keep' | 'deleteStored' | { readonly deleteAfterDays: number };

/** A message that was left for another time. */
export interface FetchWarning {
  /**
   * `refused` the server does not send it; `notRead` the loop moved on before it was read; `notDeleted` the server does
   * not delete it.
   */
  readonly type: 'refused' | 'notRead' | 'notDeleted';
  readonly number: number;
  readonly uniqueId: string | undefined;
}

/** What to delete, and whom to tell. */
export interface FetchPlanOptions {
  /** @defaultValue 'keep' */
  readonly policy?: DeletePolicy | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of what was left for another time, and why. */
  readonly onWarning?: ((warning: FetchWarning) => void) | undefined;
  /** The time, in milliseconds since 1970. @defaultValue the system's clock */
  readonly now?: (() => number) | undefined;
}

/** A message that the caller has stored. */
export interface StoredMessage {
  readonly number: number;
  /** Its octets, as they came. */
  readonly octets: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** So long a message stays remembered that the maildrop no longer has. A listing may err once. */
const FORGET_AFTER_MS = 30 * DAY_MS;

/**
 * One session with a maildrop, in steps, for those who store messages in batches: download what is {@link missing},
 * say with {@link stored} what is stored durably, and {@link finish}. `fetchNew` is this as a loop.
 */
export class FetchPlan {
  /** The messages that were not stored before, in the order of their numbers. */
  readonly missing: readonly ListedMessage[];
  /** How many messages the maildrop has. */
  readonly messages: number;
  readonly #client: Pop3Client;
  readonly #seen: SeenMessages;
  readonly #maildrop: Maildrop;
  readonly #byNumber: ReadonlyMap<number, ListedMessage>;
  /** What is remembered, and what this session added. */
  readonly #known: Map<string, SeenMessage>;
  /** Numbers of messages that are not stored. */
  readonly #open: Set<number>;
  readonly #keepMs: number;
  readonly #options: FetchPlanOptions;

  private constructor(client: Pop3Client, seen: SeenMessages, maildrop: Maildrop, options: FetchPlanOptions) {
    this.#client = client;
    this.#seen = seen;
    this.#maildrop = maildrop;
    this.#options = options;
    this.#keepMs = keepTime(options.policy ?? 'keep');
    this.#known = new Map(Array.from(seen.entries(), (entry) => [entry.key, entry]));
    this.#byNumber = new Map(maildrop.messages.map((message) => [message.number, message]));
    this.missing = maildrop.messages.filter((message) => this.#isNew(message));
    this.messages = maildrop.messages.length;
    this.#open = new Set(this.missing.map(({ number }) => number));
  }

  /** Lists the maildrop and compares it with what is remembered. @throws as the client does; RangeError for the policy */
  static async read(client: Pop3Client, seen: SeenMessages, options: FetchPlanOptions = {}): Promise<FetchPlan> {
    keepTime(options.policy ?? 'keep');
    return new FetchPlan(client, seen, await readMaildrop(client, options.signal), options);
  }

  /** Tells of a message that is left for another time. */
  warn(type: FetchWarning['type'], number: number): void {
    this.#options.onWarning?.({ type, number, uniqueId: this.#byNumber.get(number)?.uniqueId });
  }

  /** These messages are stored durably. When it settles, that is remembered, in one step for all of them. */
  async stored(messages: readonly StoredMessage[]): Promise<void> {
    const storedAt = this.#now();
    const entries = messages.map(({ number, octets }) => ({ key: this.#keyOf(number), storedAt, octets }));
    await this.#seen.put(entries);
    for (const entry of entries) this.#known.set(entry.key, entry);
    for (const { number } of messages) this.#open.delete(number);
  }

  /**
   * Deletes what is stored and due, and ends the session with QUIT.
   * @returns how many messages were deleted
   * @throws {@link CommitFailedError} when the server did not confirm the deletions; the next session tries them again.
   */
  async finish(): Promise<number> {
    const { signal } = this.#options;
    const due = this.#maildrop.messages.filter((message) => this.#isDue(message));
    const refused = await this.#client.deleteMany(
      due.map(({ number }) => number),
      { signal },
    );
    for (const number of refused) this.warn('notDeleted', number);
    const deleted = new Set(this.#client.deleted);
    await this.#client.quit({ signal });
    const forgotten = due.filter(({ number }) => deleted.has(number)).map(({ key }) => key);
    for (const key of forgotten) this.#known.delete(key);
    if (forgotten.length > 0) await this.#seen.delete(forgotten);
    await this.#noteMissing();
    return forgotten.length;
  }

  /**
   * Whether a message was not stored yet. A server may give the unique id of a deleted message to another one: when it
   * was gone in between, its size has to be the same too.
   */
  #isNew({ key, octets }: ListedMessage): boolean {
    const entry = this.#known.get(key);
    return entry === undefined || (entry.missingSince !== undefined && entry.octets !== octets);
  }

  #isDue({ key, number }: ListedMessage): boolean {
    const entry = this.#known.get(key);
    return entry !== undefined && !this.#open.has(number) && this.#now() - entry.storedAt >= this.#keepMs;
  }

  /** Remembers what the maildrop no longer has as missing, and forgets what it has not had for long. */
  async #noteMissing(): Promise<void> {
    const now = this.#now();
    const listed = new Map(this.#maildrop.messages.map(({ key, number }) => [key, number]));
    const changed: SeenMessage[] = [];
    const gone: string[] = [];
    for (const { missingSince, ...present } of this.#known.values()) {
      const number = listed.get(present.key);
      if (number !== undefined) {
        // One that came back as another message, and is not stored yet, stays as it is.
        if (missingSince !== undefined && !this.#open.has(number)) changed.push(present);
      } else if (!this.#maildrop.isWhole) continue;
      else if (missingSince === undefined) changed.push({ ...present, missingSince: now });
      else if (now - missingSince >= FORGET_AFTER_MS) gone.push(present.key);
    }
    if (changed.length > 0) await this.#seen.put(changed);
    if (gone.length > 0) await this.#seen.delete(gone);
  }

  #keyOf(number: number): string {
    const listed = this.#byNumber.get(number);
    if (listed === undefined) throw new RangeError(`the maildrop has no message ${number}`);
    return listed.key;
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

function keepTime(policy: DeletePolicy): number {
  if (policy === 'keep') return Number.POSITIVE_INFINITY;
  if (policy === 'deleteStored') return 0;
  if (!(policy.deleteAfterDays >= 0)) throw new RangeError('the days after which to delete are a number from 0');
  return policy.deleteAfterDays * DAY_MS;
}
