import type { Uid } from '@posthorn/core';

/** A message of a maildrop, as it was when the session began. */
export interface MaildropMessage {
  readonly uid: Uid;
  /** Octets that RETR sends of it, without stuffed dots and the line that ends it. */
  readonly size: number;
  /** What UIDL tells: 1 to 70 printable ASCII characters. */
  readonly uniqueId: string;
}

/** The messages of one session: their numbers, which never change, and which of them are marked to be deleted. */
export class Maildrop {
  readonly #messages: readonly MaildropMessage[];
  readonly #marked = new Set<number>();
  readonly #totalOctets: number;
  #markedOctets = 0;

  /** @param messages - In ascending order of UID. */
  constructor(messages: readonly MaildropMessage[]) {
    this.#messages = messages;
    this.#totalOctets = messages.reduce((sum, { size }) => sum + size, 0);
  }

  /** Messages that are not marked. */
  get count(): number {
    return this.#messages.length - this.#marked.size;
  }

  /** Octets of the messages that are not marked. */
  get octets(): number {
    return this.#totalOctets - this.#markedOctets;
  }

  /** The message with a number, from 1; undefined when there is none or it is marked. */
  get(number: number): MaildropMessage | undefined {
    return this.#marked.has(number) ? undefined : this.#messages[number - 1];
  }

  /** The messages that are not marked, with their numbers. */
  *listed(): Iterable<readonly [number: number, message: MaildropMessage]> {
    for (const [index, message] of this.#messages.entries()) {
      if (!this.#marked.has(index + 1)) yield [index + 1, message];
    }
  }

  /** Marks a message to be deleted. Whether there was one that was not marked. */
  mark(number: number): boolean {
    const message = this.get(number);
    if (message === undefined) return false;
    this.#marked.add(number);
    this.#markedOctets += message.size;
    return true;
  }

  /** Unmarks all messages. */
  reset(): void {
    this.#marked.clear();
    this.#markedOctets = 0;
  }

  /** UIDs of the marked messages, in ascending order. */
  marked(): readonly Uid[] {
    return this.#messages.filter((_, index) => this.#marked.has(index + 1)).map(({ uid }) => uid);
  }
}
