import { type Mailbox, MailError, type NewMessage, type Uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { type Batch, type HeldMessage, isStreamed, type StreamedMessage } from './batches.ts';
import type { Candidates } from './candidates.ts';
import { pulledFlags, systemFlags } from './flag-changes.ts';
import { hashOf } from './hash.ts';
import { isAboutFlags } from './held-flags.ts';
import type { UidPair } from './pair-table.ts';
import type { SourceMailbox } from './source.ts';
import { BrokenMessageError, wholeBody } from './whole-body.ts';

export interface WriterOptions {
  readonly from: SourceMailbox;
  readonly mailbox: Mailbox;
  /** What may be in the target already. */
  readonly candidates: Candidates;
  readonly signal: AbortSignal | undefined;
}

/** What became of a batch. */
export interface Written {
  /** Messages that were in the target already, and those that were added. */
  readonly pairs: readonly UidPair[];
  readonly added: number;
  readonly bytes: number;
  /** A message that is gone, or that came broken. */
  readonly failed?: { readonly uid: Uid; readonly reason: string } | undefined;
}

/** A message as it is appended. */
type Outgoing = Pick<HeldMessage, 'uid' | 'flags' | 'internalDate'> & { readonly body: NewMessage['body'] };

/** Hands out messages to append; called again for another attempt. */
type Open = <Result>(use: (messages: readonly Outgoing[]) => Promise<Result>) => Promise<Result>;

/** Appends batches, giving messages the UIDs of the source for as long as the target lets it. */
export class Writer {
  readonly #from: SourceMailbox;
  readonly #mailbox: Mailbox;
  readonly #candidates: Candidates;
  readonly #signal: AbortSignal | undefined;
  #keepsUids: boolean;

  constructor({ from, mailbox, candidates, signal }: WriterOptions) {
    this.#from = from;
    this.#mailbox = mailbox;
    this.#candidates = candidates;
    this.#signal = signal;
    this.#keepsUids = from.uidValidity === mailbox.uidValidity;
  }

  async write(batch: Exclude<Batch, { type: 'missing' }>): Promise<Written> {
    return batch.type === 'held' ? this.#writeHeld(batch.messages) : this.#writeStreamed(batch.message);
  }

  async #writeHeld(held: readonly HeldMessage[]): Promise<Written> {
    const twins: UidPair[] = [];
    const rest: HeldMessage[] = [];
    for (const message of held) {
      const { uid, bytes } = message;
      const isDoubtful = this.#candidates.has(bytes.length);
      const twin = isDoubtful ? await this.#candidates.take(bytes.length, await hashOf([bytes])) : undefined;
      if (twin === undefined) rest.push(message);
      else twins.push([uid, twin]);
    }
    const pairs = await this.#append((use) => use(rest.map((message) => ({ ...message, body: [message.bytes] }))));
    const bytes = rest.reduce((sum, message) => sum + message.bytes.length, 0);
    return { pairs: [...twins, ...pairs], added: pairs.length, bytes };
  }

  async #writeStreamed(message: StreamedMessage): Promise<Written> {
    const { uid } = message;
    const { size } = message.body;
    let next: StreamedMessage | undefined = message;
    if (this.#candidates.has(size)) {
      const twin = await this.#candidates.take(size, await hashOf(message.body.stream()));
      if (twin !== undefined) return { pairs: [[uid, twin]], added: 0, bytes: 0 };
      next = undefined;
    }
    // A body can be read once: for every further attempt it is fetched again.
    const open: Open = (use) => {
      const first = next;
      next = undefined;
      return first === undefined ? this.#fetchAgain(uid, use) : use([outgoing(first)]);
    };
    try {
      return { pairs: await this.#append(open), added: 1, bytes: size };
    } catch (error) {
      if (!(error instanceof BrokenMessageError)) throw error;
      return { pairs: [], added: 0, bytes: 0, failed: { uid, reason: error.message } };
    }
  }

  async #fetchAgain<Result>(wanted: Uid, use: (messages: readonly Outgoing[]) => Promise<Result>): Promise<Result> {
    for await (const message of this.#from.messagesOf(setOf([wanted]), { signal: this.#signal })) {
      if (message.uid === wanted && isStreamed(message)) return await use([outgoing(message)]);
    }
    throw new BrokenMessageError('the server did not send the message again');
  }

  async #append(open: Open): Promise<readonly UidPair[]> {
    let flagsOf = pulledFlags;
    for (;;) {
      try {
        return await open((messages) => this.#appendOnce(messages, flagsOf));
      } catch (error) {
        const code = MailError.is(error) ? error.code : undefined;
        // Somebody else delivered here: from now on the target gives its own UIDs.
        if (code === 'STORE_UID_TAKEN' && this.#keepsUids) this.#keepsUids = false;
        // Keywords the target cannot hold are tried once more, and reported, when flags are compared.
        else if (isAboutFlags(error) && flagsOf !== systemFlags) flagsOf = systemFlags;
        else throw error;
      }
    }
  }

  async #appendOnce(messages: readonly Outgoing[], flagsOf: typeof pulledFlags): Promise<readonly UidPair[]> {
    if (messages.length === 0) return [];
    const batch = messages.map(({ uid, flags, internalDate, body }) => ({
      body,
      flags: flagsOf(flags),
      internalDate,
      uid: this.#keepsUids ? uid : undefined,
    }));
    const { uids } = await this.#mailbox.append(batch, { signal: this.#signal });
    return messages.map(({ uid }, index) => [uid, uids[index]!] as const);
  }
}

function outgoing(message: StreamedMessage): Outgoing {
  return { ...message, body: wholeBody(message.body) };
}
