import { collectBytes, type Mailbox, type Uid } from '@posthorn/core';
import { storeErrorCode } from './error-replies.ts';

const CR = 0x0d;
const LF = 0x0a;
/** Octets of the line end that a message without one gets. */
const LINE_END_BYTES = 2;
/** Messages that are looked at at once. */
const AT_ONCE = 16;

/** What decides about one octet count. */
export interface SizedMessage {
  readonly uid: Uid;
  readonly size: number;
}

/**
 * Knows which messages of a mailbox do not end with CRLF: RETR adds one, so that they are two octets longer on the
 * wire than in the store. Each message is looked at once; only the rare ones are remembered one by one.
 */
export class MessageEnds {
  /** All messages up to this UID were looked at. */
  #lookedAtTo = 0;
  readonly #open = new Set<Uid>();
  /** Settles when who looked last is done; never rejects. */
  #looking: Promise<void> = Promise.resolve();

  /** Octets of a message on the wire, as far as it was looked at. */
  sizeOf({ uid, size }: SizedMessage): number {
    return this.#open.has(uid) ? size + LINE_END_BYTES : size;
  }

  /**
   * Looks at the ends of those messages that are new. They come in ascending order of UID. One session looks after the
   * other, so that many that log in at once do not all look at the same.
   */
  look(mailbox: Mailbox, messages: readonly SizedMessage[], signal: AbortSignal): Promise<void> {
    const work = this.#looking.then(() => this.#look(mailbox, messages, signal));
    this.#looking = work.catch(() => {});
    return work;
  }

  async #look(mailbox: Mailbox, messages: readonly SizedMessage[], signal: AbortSignal): Promise<void> {
    const fresh = messages.filter(({ uid }) => uid > this.#lookedAtTo);
    for (let start = 0; start < fresh.length; start += AT_ONCE) {
      const some = fresh.slice(start, start + AT_ONCE);
      const areOpen = await Promise.all(some.map((message) => isOpen(mailbox, message, signal)));
      some.forEach(({ uid }, index) => {
        if (areOpen[index]) this.#open.add(uid);
      });
      this.#lookedAtTo = Math.max(this.#lookedAtTo, some.at(-1)!.uid);
    }
  }
}

/** Whether a message lacks the CRLF at its end. */
async function isOpen(mailbox: Mailbox, { uid, size }: SizedMessage, signal: AbortSignal): Promise<boolean> {
  if (size === 0) return false;
  try {
    const end = await mailbox.read(uid, { start: Math.max(0, size - LINE_END_BYTES), end: size }, { signal });
    try {
      const octets = await collectBytes(end.stream());
      return octets[0] !== CR || octets[1] !== LF;
    } finally {
      await end.release();
    }
  } catch (error) {
    // One message that is gone, or cannot be read, keeps nobody from the others: RETR will tell.
    if (signal.aborted || storeErrorCode(error) === undefined) throw error;
    return false;
  }
}
