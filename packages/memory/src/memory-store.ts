import {
  type AbortOptions,
  type Account,
  type AccountId,
  type MailStore,
  StoreError,
  type StoreTraits,
} from '@posthorn/core';
import type { AccountLimits } from './account-quota.ts';
import { AccountState, type FaultPoint, type Settings } from './account-state.ts';
import { MemoryAccount } from './memory-account.ts';

export interface MemoryStoreOptions {
  /** Now, in milliseconds since 1970. @defaultValue `Date.now` */
  readonly clock?: (() => number) | undefined;
  /** A fresh object id: unique, 1 to 255 letters, digits, `_` or `-`. @defaultValue random ones */
  readonly newId?: (() => string) | undefined;
  /** Called before each change, while nothing else can change: for tests that let it fail or wait. */
  readonly fault?: ((point: FaultPoint) => void | Promise<void>) | undefined;
  /**
   * Most ranges of UIDs that each mailbox remembers as vanished, and as many as changed. A cursor from before
   * gets an answer that is not `complete`. @defaultValue 65_536
   */
  readonly maxChangeLog?: number | undefined;
  /** Most that each account may hold. @defaultValue no limit */
  readonly limits?: AccountLimits | undefined;
}

const TRAITS: StoreTraits = { durableModSeq: false, crossProcess: false, maxKeywords: undefined, keepsZone: true };

/** A mail store that keeps everything in memory and makes accounts by itself. It is the model that other stores are compared with. */
export function memoryStore(options: MemoryStoreOptions = {}): MailStore {
  return new MemoryStore({
    clock: options.clock ?? Date.now,
    newId: options.newId ?? randomIds(),
    fault: options.fault ?? (() => {}),
    maxChangeLog: options.maxChangeLog ?? 65_536,
    limits: options.limits ?? {},
  });
}

class MemoryStore implements MailStore {
  readonly traits = TRAITS;
  readonly #settings: Settings;
  readonly #accounts = new Map<AccountId, AccountState>();
  readonly #handles = new Set<MemoryAccount>();
  #isClosed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async open(account: AccountId, { signal }: AbortOptions = {}): Promise<Account> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new StoreError('STORE_CLOSED', 'the store was closed');
    const state = this.#accounts.get(account) ?? new AccountState(this.#settings);
    this.#accounts.set(account, state);
    const handle = new MemoryAccount(state, () => this.#handles.delete(handle));
    this.#handles.add(handle);
    return handle;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const handle of [...this.#handles]) await handle.close();
    this.#accounts.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Ids with a random start, so that those of two stores differ, and a counter. */
function randomIds(): () => string {
  const start = [...crypto.getRandomValues(new Uint8Array(9))]
    .map((octet) => octet.toString(36).padStart(2, '0'))
    .join('');
  let counter = 0;
  return () => `${start}-${(counter++).toString(36)}`;
}
