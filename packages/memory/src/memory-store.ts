import {
  type AbortOptions,
  type Account,
  type AccountId,
  type MailboxPath,
  type MailStore,
  StoreError,
  type StoreSharing,
  type StoreTraits,
} from '@posthorn/core';
import type { AccountLimits } from './account-quota.ts';
import { AccountState, type FaultPoint, type Settings } from './account-state.ts';
import { pathKey } from './mailbox-names.ts';
import { MemoryAccount } from './memory-account.ts';
import type { Chunks } from './snapshot/frames.ts';
import { readSnapshot } from './snapshot/read-snapshot.ts';
import { writeSnapshot } from './snapshot/write-snapshot.ts';

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
  /** Whether users may give their account other limits (SETQUOTA). @defaultValue false */
  readonly settableLimits?: boolean | undefined;
  /** Mailboxes whose messages do not count, such as `[['Trash']]`; those below them do. @defaultValue none */
  readonly exemptFromLimits?: readonly MailboxPath[] | undefined;
  /**
   * Whether accounts keep who may do what, so that whoever serves the store can let others use their mailboxes.
   * @defaultValue false
   */
  readonly acl?: boolean | undefined;
}

/** A mail store that keeps everything in memory. */
export interface MemoryStore extends MailStore {
  /**
   * All that the store holds at this moment, as octets that {@link restoreMemoryStore} takes: messages, UIDs,
   * mod-sequences and what vanished, so that cursors given before stay good. The store goes on while they are read.
   * @throws {@link StoreError} `STORE_CLOSED`.
   */
  snapshot(options?: AbortOptions): AsyncIterable<Uint8Array>;
}

const TRAITS: StoreTraits = { durableModSeq: false, crossProcess: false, maxKeywords: undefined, keepsZone: true };

/** A mail store that keeps everything in memory and makes accounts by itself. It is the model that other stores are compared with. */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  return new AccountsInMemory(settingsOf(options));
}

/**
 * Makes a store of a snapshot. A `newId` that is given must not give out the ids of the snapshot again.
 *
 * @param snapshot - Its octets, whole or as they come.
 * @throws {@link StoreError} `STORE_CORRUPT` when it is no snapshot, or was cut; what reading it throws, unchanged.
 */
export async function restoreMemoryStore(
  snapshot: Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { signal, ...options }: MemoryStoreOptions & AbortOptions = {},
): Promise<MemoryStore> {
  const settings = settingsOf(options);
  const chunks: Chunks = snapshot instanceof Uint8Array ? [snapshot] : snapshot;
  return new AccountsInMemory(settings, await readSnapshot(chunks, settings, signal));
}

function settingsOf(options: MemoryStoreOptions): Settings {
  return {
    clock: options.clock ?? Date.now,
    newId: options.newId ?? randomIds(),
    fault: options.fault ?? (() => {}),
    maxChangeLog: options.maxChangeLog ?? 65_536,
    limits: options.limits ?? {},
    settableLimits: options.settableLimits ?? false,
    uncounted: new Set(options.exemptFromLimits?.map(pathKey)),
    acl: options.acl ?? false,
  };
}

class AccountsInMemory implements MemoryStore {
  readonly traits = TRAITS;
  readonly sharing: StoreSharing | undefined;
  readonly #settings: Settings;
  readonly #accounts: Map<AccountId, AccountState>;
  readonly #handles = new Set<MemoryAccount>();
  #isClosed = false;

  constructor(settings: Settings, accounts: Map<AccountId, AccountState> = new Map()) {
    this.#settings = settings;
    this.#accounts = accounts;
    this.sharing = settings.acl ? { owners: (asked) => this.#owners(asked) } : undefined;
  }

  async open(account: AccountId, { signal }: AbortOptions = {}): Promise<Account> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new StoreError('STORE_CLOSED', 'the store was closed');
    const state = this.#accounts.get(account) ?? new AccountState(this.#settings);
    this.#accounts.set(account, state);
    const handle = new MemoryAccount(state, account, () => this.#handles.delete(handle));
    this.#handles.add(handle);
    return handle;
  }

  snapshot({ signal }: AbortOptions = {}): AsyncIterable<Uint8Array> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new StoreError('STORE_CLOSED', 'the store was closed');
    return writeSnapshot(this.#accounts, signal);
  }

  async #owners({ signal }: AbortOptions = {}): Promise<readonly AccountId[]> {
    signal?.throwIfAborted();
    const isShared = ({ mailboxes }: AccountState): boolean =>
      [...mailboxes.values()].some(({ rights }) => rights.size > 0);
    return [...this.#accounts].filter(([, account]) => isShared(account)).map(([owner]) => owner);
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
