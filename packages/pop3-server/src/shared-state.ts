import type { AccountId, Mailbox, MailStore } from '@posthorn/core';
import { MessageEnds } from './message-ends.ts';

/** Mailboxes whose message ends are remembered. */
const MAX_MAILBOXES = 1_000;

/** What the sessions over one store share, whichever server they belong to. */
export class SharedState {
  /** Maildrops that a session has for itself. */
  readonly #locked = new Set<string>();
  readonly #lastLogins = new Map<AccountId, number>();
  readonly #ends = new Map<string, MessageEnds>();

  /** Takes a maildrop for one session; undefined when another has it. The function given back releases it. */
  lock(account: AccountId, { id }: Mailbox): (() => void) | undefined {
    const key = `${account}\n${id}`;
    if (this.#locked.has(key)) return undefined;
    this.#locked.add(key);
    return () => this.#locked.delete(key);
  }

  /** Notes a login. False, and nothing is noted, when less than `delayMs` passed since the last one. */
  noteLogin(account: AccountId, nowMs: number, delayMs: number): boolean {
    for (const [each, atMs] of this.#lastLogins) {
      // In the order of time, for each login is put at the end.
      if (nowMs - atMs < delayMs) break;
      this.#lastLogins.delete(each);
    }
    if (this.#lastLogins.has(account)) return false;
    if (delayMs > 0) this.#lastLogins.set(account, nowMs);
    return true;
  }

  /** Takes back the note of a login that led to nothing. */
  forgetLogin(account: AccountId): void {
    this.#lastLogins.delete(account);
  }

  /** What is remembered of the messages of a mailbox. */
  endsOf(account: AccountId, { id, uidValidity }: Mailbox): MessageEnds {
    const key = `${account}\n${id}\n${uidValidity}`;
    const ends = this.#ends.get(key) ?? new MessageEnds();
    this.#ends.delete(key);
    this.#ends.set(key, ends);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > MAX_MAILBOXES && oldest !== undefined) this.#ends.delete(oldest);
    return ends;
  }
}

const states = new WeakMap<MailStore, SharedState>();

export function sharedStateOf(store: MailStore): SharedState {
  const state = states.get(store) ?? new SharedState();
  states.set(store, state);
  return state;
}
