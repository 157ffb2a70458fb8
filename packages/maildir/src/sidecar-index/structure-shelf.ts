import type { Uid } from '@posthorn/core';
import { decodeStructure, encodeStructure, type Structure } from '../mailbox/stored-structure.ts';
import type { IndexDatabases } from './account-index.ts';

/** Structures that are written at once, and for how long they wait for others. */
const AT_ONCE = 128;
const WAIT_MS = 50;
const UIDS = 2 ** 32;

/** A message as the shelf knows it. The name tells whether the UID still stands for the same one, come what may. */
export interface ShelfKey {
  readonly uid: number;
  readonly base: string;
}

/**
 * Envelopes and body structures in the index, by number of the mailbox and UID, so that those a client asks for in a row
 * lie in a row. They are written some time soon, with others; one that is lost is computed again.
 */
export class StructureShelf {
  readonly #databases: IndexDatabases;
  readonly #onFailure: (error: unknown) => void;
  readonly #waiting = new Map<number, string>();
  #timer: NodeJS.Timeout | undefined;

  /** @param onFailure - Told why structures could not be written. */
  constructor(databases: IndexDatabases, onFailure: (error: unknown) => void) {
    this.#databases = databases;
    this.#onFailure = onFailure;
  }

  /** @param needsBody - Whether the parts of the message are wanted. */
  get(mailbox: number, { uid, base }: ShelfKey, needsBody: boolean): Structure | undefined {
    const key = mailbox * UIDS + uid;
    const stored = this.#waiting.get(key) ?? this.#databases.structures.get(key);
    if (stored === undefined || !stored.startsWith(base) || stored[base.length] !== '\n') return undefined;
    return decodeStructure(stored, needsBody, base.length + 1);
  }

  put(mailbox: number, { uid, base }: ShelfKey, structure: Structure): void {
    this.#waiting.set(mailbox * UIDS + uid, `${base}\n${encodeStructure(structure)}`);
    if (this.#waiting.size >= AT_ONCE) this.write();
    else this.#timer ??= setTimeout(() => this.write(), WAIT_MS).unref();
  }

  /** Writes what waits. Never throws. */
  write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    const { room, structures } = this.#databases;
    try {
      room.transaction(() => {
        for (const [key, structure] of this.#waiting) {
          room.expect(structure.length);
          structures.putSync(key, structure);
        }
      });
    } catch (error) {
      this.#onFailure(error);
    }
    this.#waiting.clear();
  }

  /** Drops what there is of messages of a mailbox that are gone. @returns How many */
  sweep(mailbox: number, isThere: (uid: Uid) => boolean): number {
    const { room, structures } = this.#databases;
    const start = mailbox * UIDS;
    const isGone = (key: number): boolean => key >= start && key < start + UIDS && !isThere((key - start) as Uid);
    for (const key of this.#waiting.keys()) if (isGone(key)) this.#waiting.delete(key);
    const gone = [...structures.getKeys({ start, end: start + UIDS })].filter(isGone);
    room.transaction(() => {
      for (const key of gone) {
        room.expect(0);
        structures.removeSync(key);
      }
    });
    return gone.length;
  }
}
