import { hostname } from 'node:os';
import { randomHex, type Settings } from '../settings.ts';

const MAX_HOST = 64;

/** Makes names that no other delivery makes: time, process, 64 random bits drawn once, a counter and the host. */
export class UniqueNames {
  readonly #clock: Settings['clock'];
  readonly #origin: string;
  readonly #host = escapeHost(hostname());
  #lastMicroseconds = 0;
  #counter = 0;

  constructor(settings: Settings) {
    this.#clock = settings.clock;
    // Asking for the process and for random bits each time costs as much as the rest of a name.
    this.#origin = `P${process.pid}R${randomHex(settings, 8)}`;
  }

  next(): string {
    // Names must not repeat or go back when the clock does: they tell the order of delivery.
    const now = Math.floor(this.#clock() * 1_000);
    this.#lastMicroseconds = Math.max(now, this.#lastMicroseconds + 1);
    const seconds = Math.floor(this.#lastMicroseconds / 1_000_000);
    const microseconds = this.#lastMicroseconds % 1_000_000;
    this.#counter++;
    return `${seconds}.M${microseconds}${this.#origin}Q${this.#counter}.${this.#host}`;
  }
}

/** Whether a base name was made here, so that what it says can be relied on. */
export function isOurName(base: string): boolean {
  return /^\d+\.M\d+P\d+R[0-9a-f]{16}Q\d+\./.test(base);
}

/**
 * Whether a base name was made by a process of this host that is no longer alive, which left the file behind. Two
 * machines that share a Maildir must not share their host name, as for every delivery into it.
 */
export function isAbandonedName(base: string): boolean {
  const [, pid, host] = /^\d+\.M\d+P(\d+)R[0-9a-f]{16}Q\d+\.(.+)$/.exec(base) ?? [];
  if (pid === undefined || host !== escapeHost(hostname()) || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** A host name as part of a file name; what could be misread becomes an octal escape. */
export function escapeHost(host: string): string {
  const escaped = host.replace(/[^A-Za-z0-9._-]/gu, (character) =>
    [...Buffer.from(character)].map((octet) => `\\${octet.toString(8).padStart(3, '0')}`).join(''),
  );
  return escaped.slice(0, MAX_HOST) || 'localhost';
}
