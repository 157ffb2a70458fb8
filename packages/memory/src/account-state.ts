import {
  emailId,
  MAX_ID,
  type MailboxId,
  type MailboxPath,
  mailboxId,
  type SpecialUse,
  StoreError,
  type UidValidity,
  uidValidity,
} from '@posthorn/core';
import { ChangeHub } from './change-hub.ts';
import { FifoMutex } from './fifo-mutex.ts';
import { pathKey } from './mailbox-names.ts';
import { MailboxState } from './mailbox-state.ts';
import { StructureCache } from './structure-cache.ts';

/** What is about to be changed when the fault hook is called. */
export type FaultPoint =
  | 'append'
  | 'claimRecent'
  | 'create'
  | 'delete'
  | 'expunge'
  | 'rename'
  | 'store'
  | 'subscribe'
  | 'transfer';

/** The store's options with their defaults filled in. */
export interface Settings {
  readonly clock: () => number;
  readonly newId: () => string;
  readonly fault: (point: FaultPoint) => void | Promise<void>;
  readonly maxChangeLog: number;
}

/** What one account holds, shared by all handles on it. */
export class AccountState {
  readonly settings: Settings;
  readonly hub: ChangeHub = new ChangeHub();
  readonly structures: StructureCache = new StructureCache();
  readonly mailboxes = new Map<string, MailboxState>();
  readonly subscriptions = new Set<string>();
  readonly #mutex = new FifoMutex();
  readonly #highest = new Map<string, { readonly id: MailboxId; readonly uidValidity: UidValidity }>();
  #lastValidity = 0;

  constructor(settings: Settings) {
    this.settings = settings;
    this.addMailbox(['INBOX'], []);
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
    validity: UidValidity = this.nextValidity(),
  ): MailboxState {
    const state = new MailboxState(
      mailboxId(this.settings.newId()),
      path,
      validity,
      Object.freeze([...specialUse]),
      this.settings.maxChangeLog,
    );
    this.place(state, path);
    return state;
  }

  /** Puts a mailbox under a name. */
  place(state: MailboxState, path: MailboxPath): void {
    const key = pathKey(path);
    // A mailbox that comes back to a name it had keeps its UIDVALIDITY: its UIDs still name the same messages.
    const isNew = this.#highest.get(key)?.id !== state.id;
    if (isNew && state.uidValidity <= this.highestValidity(path)) state.uidValidity = this.nextValidity();
    this.#highest.set(key, { id: state.id, uidValidity: state.uidValidity });
    this.#lastValidity = Math.max(this.#lastValidity, state.uidValidity);
    state.path = path;
    this.mailboxes.set(key, state);
  }

  removeMailbox(state: MailboxState): void {
    state.isDeleted = true;
    this.mailboxes.delete(pathKey(state.path));
  }

  /** Lets a name that never held a message start anew. */
  forgetValidity(path: MailboxPath): void {
    this.#highest.delete(pathKey(path));
  }

  /** The highest UIDVALIDITY a name had so far, or 0. */
  highestValidity(path: MailboxPath): number {
    return this.#highest.get(pathKey(path))?.uidValidity ?? 0;
  }

  /** Greater than any given before, also before a restart, as long as the clock does not run backwards. */
  nextValidity(): UidValidity {
    const seconds = Math.min(Math.max(1, Math.floor(this.settings.clock() / 1_000)), MAX_ID);
    const next = Math.max(this.#lastValidity + 1, seconds);
    if (next > MAX_ID) throw new StoreError('STORE_LIMIT', 'no UIDVALIDITY is left in this account');
    this.#lastValidity = next;
    return uidValidity(next);
  }

  newEmailId(): ReturnType<typeof emailId> {
    return emailId(this.settings.newId());
  }
}
