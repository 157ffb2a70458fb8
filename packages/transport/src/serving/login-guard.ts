import type { AccountId } from '@posthorn/core';
import { backgroundTimers, type Timers } from '../timers.ts';
import { SERVING_LIMITS, type ServingLimits } from './serving-limits.ts';

const MINUTE_MS = 60_000;
/** How long a failed login counts. */
const MEMORY_MS = 15 * MINUTE_MS;
/** Failed logins of one address that cost nothing: anybody mistypes. */
const FREE_FAILURES = 3;
/** Addresses and users that are remembered; the oldest are forgotten first. */
const MAX_REMEMBERED = 10_000;

/** What a guard tells others that guard the same accounts, in other processes. Names users: never log it. */
export type LoginEvent =
  | { readonly type: 'failed'; readonly address: string; readonly user?: string | undefined }
  | { readonly type: 'succeeded'; readonly user: string }
  | { readonly type: 'entered' | 'left'; readonly account: AccountId };

export interface LoginGuardOptions {
  /** Is told what other guards are to {@link LoginGuard.learn}. */
  readonly tell?: ((event: LoginEvent) => void) | undefined;
  readonly limits?: Partial<ServingLimits> | undefined;
  /** For tests. */
  readonly timers?: Timers | undefined;
}

interface Failures {
  readonly count: number;
  readonly last: number;
}

/**
 * What the connections of one server know together: how often logins of an address and of a user failed, and how many
 * connections a user has. Its memory is bounded, however many addresses and names come by.
 */
export class LoginGuard {
  readonly #limits: ServingLimits;
  readonly #timers: Timers;
  readonly #failures = new Map<string, Failures>();
  readonly #connections = new Map<AccountId, number>();
  /** Connections that other guards told of. */
  readonly #elsewhere = new Map<string, Map<AccountId, number>>();
  readonly #tell: (event: LoginEvent) => void;

  constructor({ limits, timers = backgroundTimers, tell = () => {} }: LoginGuardOptions = {}) {
    this.#tell = tell;
    this.#limits = { ...SERVING_LIMITS, ...limits };
    this.#timers = timers;
  }

  /** How long an address waits before its next login is looked at, whether it is right or not: milliseconds. */
  delayBefore(address: string): number {
    const failures = this.#count(`address ${address}`) - FREE_FAILURES;
    return failures < 0 ? 0 : this.#delay(failures);
  }

  /** How long a failed login waits for its answer: longer each time for one user, wherever it comes from. */
  delayAfter(user: string | undefined): number {
    return user === undefined ? 0 : this.#delay(Math.max(0, this.#count(`user ${user}`) - 1));
  }

  /** @param user - Undefined when the mechanism did not say. */
  failed(address: string, user: string | undefined): void {
    this.#noteFailure(address, user);
    this.#tell({ type: 'failed', address, user });
  }

  /** A right password says nothing about the address, which may guess those of others. */
  succeeded(user: string | undefined): void {
    // Nobody else has to hear of a success after no failure.
    if (user !== undefined && this.#failures.delete(`user ${user}`)) this.#tell({ type: 'succeeded', user });
  }

  /** Counts a connection of a user. @returns false when there are too many already, and it does not count */
  enter(account: AccountId): boolean {
    let connections = this.#connections.get(account) ?? 0;
    for (const counts of this.#elsewhere.values()) connections += counts.get(account) ?? 0;
    if (connections >= this.#limits.maxConnectionsPerUser) return false;
    change(this.#connections, account, 1);
    this.#tell({ type: 'entered', account });
    return true;
  }

  leave(account: AccountId): void {
    change(this.#connections, account, -1);
    this.#tell({ type: 'left', account });
  }

  /** Takes note of what another guard, known by a name, told. */
  learn(guard: string, event: LoginEvent): void {
    if (event.type === 'failed') this.#noteFailure(event.address, event.user);
    else if (event.type === 'succeeded') this.#failures.delete(`user ${event.user}`);
    else {
      const counts = this.#elsewhere.get(guard) ?? new Map<AccountId, number>();
      this.#elsewhere.set(guard, counts);
      change(counts, event.account, event.type === 'entered' ? 1 : -1);
    }
  }

  /** Another guard is gone, and its connections with it. */
  forget(guard: string): void {
    this.#elsewhere.delete(guard);
  }

  #noteFailure(address: string, user: string | undefined): void {
    this.#add(`address ${address}`);
    if (user !== undefined) this.#add(`user ${user}`);
  }

  #delay(doublings: number): number {
    const { loginFailureDelayMs, maxLoginDelayMs } = this.#limits;
    return Math.min(maxLoginDelayMs, loginFailureDelayMs * 2 ** Math.min(doublings, 32));
  }

  #count(key: string): number {
    const failures = this.#failures.get(key);
    return failures === undefined || this.#timers.now() - failures.last > MEMORY_MS ? 0 : failures.count;
  }

  #add(key: string): void {
    const count = this.#count(key) + 1;
    // Taken out first, so that the map stays in the order of the last failures.
    this.#failures.delete(key);
    this.#failures.set(key, { count, last: this.#timers.now() });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_REMEMBERED && oldest !== undefined) this.#failures.delete(oldest);
  }
}

function change(counts: Map<AccountId, number>, account: AccountId, by: number): void {
  const count = (counts.get(account) ?? 0) + by;
  if (count > 0) counts.set(account, count);
  else counts.delete(account);
}
