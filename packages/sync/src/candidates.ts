import { type Mailbox, MailError, type Uid, type UidSet } from '@posthorn/core';
import { isEmpty } from '@posthorn/message-set';
import { hashOf } from './hash.ts';
import type { UidPair } from './pair-table.ts';
import type { SourceMailbox, SourceMetadata } from './source.ts';

/** Messages that stand in the target and belong to no message of the source yet. Each can be taken once. */
export class Candidates {
  readonly #mailbox: Mailbox;
  readonly #signal: AbortSignal | undefined;
  /** Dates, in seconds since 1970, by size and UID. */
  readonly #bySize = new Map<number, Map<Uid, number>>();
  /** Messages by hash, for the sizes that were asked for. */
  readonly #hashed = new Map<number, Map<string, Uid[]>>();

  private constructor(mailbox: Mailbox, signal: AbortSignal | undefined) {
    this.#mailbox = mailbox;
    this.#signal = signal;
  }

  static async load(mailbox: Mailbox, unpaired: UidSet, signal: AbortSignal | undefined): Promise<Candidates> {
    const candidates = new Candidates(mailbox, signal);
    if (isEmpty(unpaired)) return candidates;
    for await (const { uid, size, internalDate } of mailbox.scan(unpaired, ['size', 'internalDate'], { signal })) {
      const sameSize = candidates.#bySize.get(size) ?? new Map<Uid, number>();
      candidates.#bySize.set(size, sameSize.set(uid, internalDate.epochSeconds));
    }
    return candidates;
  }

  get isEmpty(): boolean {
    return this.#bySize.size === 0;
  }

  /** Whether a message of more octets is left. */
  hasLargerThan(bytes: number): boolean {
    for (const size of this.#bySize.keys()) if (size > bytes) return true;
    return false;
  }

  /** Whether a message of that size is left. */
  has(size: number): boolean {
    return this.#bySize.has(size);
  }

  /**
   * Pairs messages that have the UID, the size and the date of a candidate. Only right where both sides give UIDs in the
   * same epoch. A size and date that several have prove nothing: the target may have given other UIDs to some of them.
   */
  async matchByUid(source: SourceMailbox, wanted: UidSet): Promise<readonly UidPair[]> {
    if (this.isEmpty) return [];
    const alike = new Map<string, number>();
    const promising: SourceMetadata[] = [];
    for await (const metadata of source.metadata(wanted, { signal: this.#signal })) {
      const { uid, size, internalDate } = metadata;
      const sameSize = this.#bySize.get(size);
      if (sameSize === undefined) continue;
      const key = `${size} ${internalDate.epochSeconds}`;
      alike.set(key, (alike.get(key) ?? 0) + 1);
      if (sameSize.get(uid) === internalDate.epochSeconds) promising.push(metadata);
    }
    const here = this.#countAlike();
    const pairs: UidPair[] = [];
    for (const { uid, size, internalDate } of promising) {
      const key = `${size} ${internalDate.epochSeconds}`;
      if (alike.get(key) !== 1 || here.get(key) !== 1) continue;
      pairs.push([uid, uid]);
      this.#remove(size, uid);
    }
    return pairs;
  }

  /** Takes a message with these octets, when there is one. */
  async take(size: number, hash: string): Promise<Uid | undefined> {
    const sameSize = this.#bySize.get(size);
    if (sameSize === undefined) return undefined;
    let hashed = this.#hashed.get(size);
    if (hashed === undefined) {
      hashed = await this.#hash(sameSize.keys());
      this.#hashed.set(size, hashed);
    }
    const uid = hashed.get(hash)?.shift();
    if (uid !== undefined) this.#remove(size, uid);
    return uid;
  }

  /** How many have the same size and date. */
  #countAlike(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const [size, sameSize] of this.#bySize) {
      for (const seconds of sameSize.values())
        counts.set(`${size} ${seconds}`, (counts.get(`${size} ${seconds}`) ?? 0) + 1);
    }
    return counts;
  }

  #remove(size: number, uid: Uid): void {
    const sameSize = this.#bySize.get(size);
    if (sameSize?.delete(uid) && sameSize.size === 0) this.#bySize.delete(size);
  }

  async #hash(uids: Iterable<Uid>): Promise<Map<string, Uid[]>> {
    const byHash = new Map<string, Uid[]>();
    for (const uid of uids) {
      const hash = await this.#hashOf(uid);
      if (hash === undefined) continue;
      const same = byHash.get(hash);
      if (same === undefined) byHash.set(hash, [uid]);
      else same.push(uid);
    }
    return byHash;
  }

  /** Undefined for a message that somebody removed meanwhile. */
  async #hashOf(uid: Uid): Promise<string | undefined> {
    try {
      const body = await this.#mailbox.read(uid, undefined, { signal: this.#signal });
      try {
        return await hashOf(body.stream());
      } finally {
        await body.release();
      }
    } catch (error) {
      if (MailError.is(error) && error.code === 'STORE_EXPUNGED') return undefined;
      throw error;
    }
  }
}
