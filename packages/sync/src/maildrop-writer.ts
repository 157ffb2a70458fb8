import type { Mailbox } from '@posthorn/core';
import type { Pop3Client, StoredMessage } from '@posthorn/pop3-client';
import type { Candidates } from './candidates.ts';
import { hashOf } from './hash.ts';
import type { HeldMail, MaildropBatch } from './maildrop-batches.ts';

export interface MaildropWriterOptions {
  readonly client: Pop3Client;
  readonly mailbox: Mailbox;
  /** What may be in the target already. */
  readonly candidates: Candidates;
  /** The size above which a message streams. */
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

/** What became of a batch. */
export interface WrittenMail {
  /** Messages that are in the target now. */
  readonly stored: readonly StoredMessage[];
  /** Those of them that were not there before. */
  readonly added: number;
  readonly bytes: number;
}

/** Appends messages of a maildrop to a mailbox, but for those that are there already. */
export class MaildropWriter {
  readonly #options: MaildropWriterOptions;
  /** The highest UID that was given to a message. */
  #lastUid = 0;

  constructor(options: MaildropWriterOptions) {
    this.#options = options;
  }

  get lastUid(): number {
    return this.#lastUid;
  }

  /** When it settles, the messages are stored durably. */
  write(batch: MaildropBatch): Promise<WrittenMail> {
    return batch.type === 'held' ? this.#writeHeld(batch.messages) : this.#writeStreamed(batch.number, batch.octets);
  }

  async #writeHeld(held: readonly HeldMail[]): Promise<WrittenMail> {
    const { candidates } = this.#options;
    const missing: HeldMail[] = [];
    for (const message of held) {
      const { length } = message.bytes;
      const isThere = candidates.has(length) && (await candidates.take(length, await hashOf([message.bytes])));
      if (!isThere) missing.push(message);
    }
    if (missing.length > 0) await this.#append(missing.map(({ bytes }) => [bytes]));
    return {
      stored: held.map(({ number, bytes }) => ({ number, octets: bytes.length })),
      added: missing.length,
      bytes: missing.reduce((sum, { bytes }) => sum + bytes.length, 0),
    };
  }

  async #writeStreamed(number: number, octets: AsyncIterable<Uint8Array>): Promise<WrittenMail> {
    const { client, candidates, maxBytes, signal } = this.#options;
    let source = octets;
    if (candidates.hasLargerThan(maxBytes)) {
      const counted = new Counted(octets);
      const hash = await hashOf(counted);
      const stored = [{ number, octets: counted.octets }];
      if ((await candidates.take(counted.octets, hash)) !== undefined) return { stored, added: 0, bytes: 0 };
      // It can be read once, and only then it is known that it is missing.
      source = (await client.retrieve(number, { signal })).stream();
    }
    const counted = new Counted(source);
    await this.#append([counted]);
    return { stored: [{ number, octets: counted.octets }], added: 1, bytes: counted.octets };
  }

  async #append(bodies: readonly (AsyncIterable<Uint8Array> | Iterable<Uint8Array>)[]): Promise<void> {
    const { mailbox, signal } = this.#options;
    const { uids } = await mailbox.append(
      bodies.map((body) => ({ body })),
      { signal },
    );
    for (const uid of uids) this.#lastUid = Math.max(this.#lastUid, uid);
  }
}

/** Counts what passes. */
class Counted implements AsyncIterable<Uint8Array> {
  octets = 0;
  readonly #source: AsyncIterable<Uint8Array>;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source) {
      this.octets += chunk.length;
      yield chunk;
    }
  }
}
