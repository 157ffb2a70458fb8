import { ConnectionClosedError, type Transport } from '@posthorn/core';
import type { Timers } from '../timers.ts';
import { remoteHost } from './remote-host.ts';
import type { ServerObserver } from './server-observer.ts';
import type { ServingLimits } from './serving-limits.ts';

/** A session of any protocol, from greeting to good-bye. */
export interface ServedSession {
  /** Never rejects. */
  run(): Promise<void>;
  /** Ends the session once the command under way is done, with these words. */
  shutDown(text: string): void;
  /** Drops the session now. */
  destroy(reason: unknown): void;
}

/** What a session tells the table it belongs to. */
export interface SessionPlace {
  /** It counts no longer as one that is not logged in. */
  loggedIn(): void;
  loggedOff(): void;
}

/** A connection that was let in, until it is released. */
export interface Admission extends SessionPlace {
  readonly transport: Transport;
  release(): void;
}

interface Guest extends Admission {
  readonly address: string;
  session: ServedSession | undefined;
}

export interface SessionTableOptions {
  readonly limits: ServingLimits;
  readonly timers: Timers;
  readonly observer: ServerObserver;
}

/**
 * The connections of a server: how many there are, how many of each address, and how many that are not logged in. When
 * there are too many of those, the oldest goes, so that nobody who only waits keeps others out.
 */
export class SessionTable {
  readonly #limits: ServingLimits;
  readonly #timers: Timers;
  readonly #observer: ServerObserver;
  readonly #running = new Map<Guest, Promise<void>>();
  readonly #guests = new Set<Guest>();
  /** Those that are not logged in and were not asked to go, the oldest first. */
  readonly #waiting = new Set<Guest>();
  readonly #byAddress = new Map<string, number>();
  readonly #waitingByAddress = new Map<string, number>();
  #isClosed = false;
  #bytesRead = 0;
  #bytesWritten = 0;

  constructor({ limits, timers, observer }: SessionTableOptions) {
    this.#limits = limits;
    this.#timers = timers;
    this.#observer = observer;
  }

  get size(): number {
    return this.#guests.size;
  }

  get bytesRead(): number {
    return this.#sum('bytesRead', this.#bytesRead);
  }

  get bytesWritten(): number {
    return this.#sum('bytesWritten', this.#bytesWritten);
  }

  /** Lets a connection in; undefined when there are too many. */
  admit(transport: Transport): Admission | undefined {
    const address = remoteHost(transport);
    const { maxConnections, maxConnectionsPerAddress, maxConnectionsBeforeLoginPerAddress } = this.#limits;
    const isFull =
      this.#isClosed ||
      this.size >= maxConnections ||
      (this.#byAddress.get(address) ?? 0) >= maxConnectionsPerAddress ||
      (this.#waitingByAddress.get(address) ?? 0) >= maxConnectionsBeforeLoginPerAddress;
    if (isFull) {
      this.#observer.connectionRefused?.();
      return undefined;
    }
    if (this.#waiting.size >= this.#limits.maxConnectionsBeforeLogin) this.#dropOldest();
    const guest: Guest = {
      transport,
      address,
      session: undefined,
      loggedIn: () => this.#stopWaiting(guest),
      loggedOff: () => this.#startWaiting(guest),
      release: () => this.#release(guest),
    };
    this.#guests.add(guest);
    add(this.#byAddress, address, 1);
    this.#startWaiting(guest);
    this.#observer.connectionOpened?.();
    return guest;
  }

  /** Runs the session of a connection that was let in, and releases it. */
  async run(admission: Admission, session: ServedSession): Promise<void> {
    const guest = admission as Guest;
    guest.session = session;
    const done = session.run();
    this.#running.set(guest, done);
    if (this.#isClosed) session.shutDown(GOING);
    await done;
    this.#running.delete(guest);
    guest.release();
  }

  /** Ends every session, and waits; what is left after `closeTimeoutMs` is dropped. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const reason = new ConnectionClosedError('CONNECTION_TIMEOUT', 'the server was closed');
    for (const { session, transport } of this.#guests) {
      // There is nothing to say in the middle of a handshake.
      if (session === undefined) transport.destroy(reason);
      else session.shutDown(GOING);
    }
    const timer = this.#timers.start(() => {
      for (const { session } of this.#running.keys()) session?.destroy(reason);
    }, this.#limits.closeTimeoutMs);
    await Promise.all(this.#running.values());
    this.#timers.stop(timer);
  }

  #dropOldest(): void {
    const [oldest] = this.#waiting;
    if (oldest === undefined) return;
    this.#stopWaiting(oldest);
    this.#observer.connectionRefused?.();
    const text = 'Too many connections are not logged in';
    if (oldest.session === undefined) {
      oldest.transport.destroy(new ConnectionClosedError('CONNECTION_TIMEOUT', text));
    } else oldest.session.shutDown(text);
  }

  #release(guest: Guest): void {
    if (!this.#guests.delete(guest)) return;
    this.#stopWaiting(guest);
    add(this.#byAddress, guest.address, -1);
    this.#bytesRead += guest.transport.bytesRead;
    this.#bytesWritten += guest.transport.bytesWritten;
    this.#observer.connectionClosed?.();
  }

  #startWaiting(guest: Guest): void {
    this.#waiting.add(guest);
    add(this.#waitingByAddress, guest.address, 1);
  }

  #stopWaiting(guest: Guest): void {
    if (this.#waiting.delete(guest)) add(this.#waitingByAddress, guest.address, -1);
  }

  #sum(name: 'bytesRead' | 'bytesWritten', past: number): number {
    let sum = past;
    for (const { transport } of this.#guests) sum += transport[name];
    return sum;
  }
}

const GOING = 'The server is going away';

function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
