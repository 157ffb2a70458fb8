import {
  emailId,
  FifoMutex,
  MAX_ID,
  type MailboxId,
  type MailboxPath,
  mailboxId,
  type SpecialUse,
  StoreError,
  type UidValidity,
  uidValidity,
} from '@posthorn/core';
import type { FilterTable } from './account-filters.ts';
import type { AccountLimits } from './account-quota.ts';
import { ChangeHub } from './change-hub.ts';
import { pathKey } from './mailbox-names.ts';
import { MailboxState } from './mailbox-state.ts';
import { StructureCache } from './structure-cache.ts';

/** What is about to be changed when the fault hook is called. */
export type FaultPoint =
  | 'annotate'
  | 'append'
  | 'claimRecent'
  | 'create'
  | 'delete'
  | 'expunge'
  | 'filter'
  | 'limit'
  | 'rename'
  | 'share'
  | 'store'
  | 'subscribe'
  | 'transfer';

/** The store's options with their defaults filled in. */
export interface Settings {
  readonly clock: () => number;
  readonly newId: () => string;
  readonly fault: (point: FaultPoint) => void | Promise<void>;
  readonly maxChangeLog: number;
  readonly limits: AccountLimits;
  readonly settableLimits: boolean;
  /** Keys of the names of mailboxes that are not counted. */
  readonly uncounted: ReadonlySet<string>;
  readonly acl: boolean;
}

/** An account as a snapshot holds it, without its mailboxes and scripts. */
export interface SavedAccount {
  readonly lastValidity: number;
  /** What each name had last. */
  readonly names: readonly (readonly [key: string, id: MailboxId, uidValidity: UidValidity])[];
  readonly subscriptions: readonly string[];
  readonly annotations: readonly (readonly [name: string, value: string])[];
  readonly activeScript: string | undefined;
  /** When they were set; else those of the store. */
  readonly limits?: AccountLimits | undefined;
}

/** What one account holds, shared by all handles on it. */
export class AccountState {
  readonly settings: Settings;
  readonly hub: ChangeHub = new ChangeHub();
  readonly structures: StructureCache = new StructureCache();
  readonly mailboxes: Map<string, MailboxState> = new Map();
  readonly subscriptions: Set<string> = new Set();
  readonly annotations: Map<string, string> = new Map();
  readonly filters: FilterTable = { scripts: new Map(), active: undefined };
  /** The limits that the account was given; without them those of the store hold. */
  ownLimits: AccountLimits | undefined;
  readonly #mutex = new FifoMutex();
  readonly #highest = new Map<string, { readonly id: MailboxId; readonly uidValidity: UidValidity }>();
  #lastValidity = 0;

  constructor(settings: Settings, saved?: SavedAccount) {
    this.settings = settings;
    if (saved === undefined) this.addMailbox(['INBOX'], []);
    else this.#restore(saved);
  }

  /** What a snapshot is to hold beside mailboxes and scripts. */
  saved(): SavedAccount {
    return {
      lastValidity: this.#lastValidity,
      names: [...this.#highest].map(([key, { id, uidValidity: validity }]) => [key, id, validity]),
      subscriptions: [...this.subscriptions],
      annotations: [...this.annotations],
      activeScript: this.filters.active,
      limits: this.ownLimits,
    };
  }

  get limits(): AccountLimits {
    return this.ownLimits ?? this.settings.limits;
  }

  /** Whether the messages of a mailbox count. */
  counts({ path }: MailboxState): boolean {
    return !this.settings.uncounted.has(pathKey(path));
  }

  /** Runs one change alone. The change itself is one step, so an abort comes before it or not at all. */
  change<Result>(point: FaultPoint, signal: AbortSignal | undefined, step: () => Result): Promise<Result> {
    return this.#mutex.run(async () => {
      await this.settings.fault(point);
      signal?.throwIfAborted();
      return step();
    }, signal);
  }

  /** @throws {@link StoreError} `STORE_NONEXISTENT` */
  mailboxAt(path: MailboxPath): MailboxState {
    const state = this.mailboxes.get(pathKey(path));
    if (state === undefined) throw new StoreError('STORE_NONEXISTENT', 'there is no such mailbox');
    return state;
  }

  addMailbox(
    path: MailboxPath,
    specialUse: readonly SpecialUse[],
    validity: UidValidity = this.#nextValidity(path),
  ): MailboxState {
    const id = mailboxId(this.settings.newId());
    const state = new MailboxState(id, path, validity, Object.freeze([...specialUse]), this.settings.maxChangeLog);
    this.place(state, path, validity);
    return state;
  }

  /** Puts a mailbox under a name. */
  place(state: MailboxState, path: MailboxPath, validity: UidValidity): void {
    const key = pathKey(path);
    this.#highest.set(key, { id: state.id, uidValidity: validity });
    state.uidValidity = validity;
    state.path = path;
    this.mailboxes.set(key, state);
  }

  /**
   * The UIDVALIDITY a mailbox has under another name: its own, unless that name had it or a higher one with other
   * messages. A mailbox that comes back to a name keeps it, as its UIDs still name the same messages.
   */
  validityUnder(path: MailboxPath, { id, uidValidity: own }: MailboxState): UidValidity {
    const isKnownThere = this.#highest.get(pathKey(path))?.id === id;
    return isKnownThere || own > this.highestValidity(path) ? own : this.#nextValidity(path);
  }

  /** The highest UIDVALIDITY a name had so far, or 0. */
  highestValidity(path: MailboxPath): number {
    return this.#highest.get(pathKey(path))?.uidValidity ?? 0;
  }

  #restore({ lastValidity, names, subscriptions, annotations, activeScript, limits }: SavedAccount): void {
    this.#lastValidity = lastValidity;
    for (const [key, id, validity] of names) this.#highest.set(key, { id, uidValidity: validity });
    for (const key of subscriptions) this.subscriptions.add(key);
    for (const [name, value] of annotations) this.annotations.set(name, value);
    this.filters.active = activeScript;
    this.ownLimits = limits;
  }

  /**
   * Greater than any chosen before, also before a restart as long as the clock does not run backwards, and than any
   * the name was given. One that was given does not count for other names: it may be the highest there is.
   */
  #nextValidity(path: MailboxPath): UidValidity {
    const seconds = Math.min(Math.max(1, Math.floor(this.settings.clock() / 1_000)), MAX_ID);
    const chosen = Math.max(this.#lastValidity + 1, seconds);
    const next = Math.max(chosen, this.highestValidity(path) + 1);
    if (next > MAX_ID) throw new StoreError('STORE_LIMIT', 'no UIDVALIDITY is left');
    this.#lastValidity = chosen;
    return uidValidity(next);
  }

  newEmailId(): ReturnType<typeof emailId> {
    return emailId(this.settings.newId());
  }
}
