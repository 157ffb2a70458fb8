import type { NewMessage } from '@posthorn/core';
import type { AppendMessage, CatenatePart } from '@posthorn/wire';
import type { ServerEvent } from '../protocol/server-protocol.ts';
import { bad, CommandRefused, no } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';
import { ALL_RIGHTS, permitted } from '../sharing/rights.ts';
import { octetsOfUrl } from './catenate.ts';
import type { CommandOf } from './command-of.ts';
import { mistakeIn } from './store.ts';

/** A run of octets that a client waits to send, or sends already. */
export type AnnouncedOctets = Extract<ServerEvent, { readonly type: 'appendLiteral' }>;

type AppendCommand = CommandOf<'APPEND' | 'REPLACE'>;

/**
 * The messages of an APPEND as they arrive. The batch ends when the whole command was read and is sound. Octets of
 * messages that are named by URL are read from the store in their place.
 * @see RFC 3502, RFC 4469
 */
export class MessageFeed implements AsyncIterable<NewMessage> {
  readonly #session: Session;
  /** The octets that come next and were not accepted yet. */
  #announced: AnnouncedOctets | undefined;
  /** The whole command, once it was read. */
  #command: AppendCommand | undefined;
  #index = 0;
  #isFlowing = false;
  #isOver = false;

  /** What the user may do with the mailbox they are for. */
  rights: string = ALL_RIGHTS;

  constructor(session: Session, command: AppendCommand, announced: AnnouncedOctets | undefined) {
    this.#session = session;
    this.#announced = announced;
    if (announced === undefined) this.#command = command;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<NewMessage, void, undefined> {
    for (;;) {
      const message = this.#message();
      if (message === undefined) return;
      const { flags, internalDate } = message;
      const mistake = mistakeIn(flags);
      if (mistake !== undefined) throw new CommandRefused(bad(mistake));
      // What the user has no right to set is left out, and nothing fails for it. RFC 4314 section 4.
      yield { body: this.#body(), flags: permitted(this.rights, flags), internalDate };
      this.#index++;
    }
  }

  /** Reads on to the end of the command and drops what comes; nothing that was not accepted is. */
  async skip(): Promise<void> {
    while (this.#isFlowing && !this.#isOver) await this.#chunk();
    if (!this.#isOver && this.#announced === undefined && this.#command === undefined) {
      await this.#advance().catch((error: unknown) => {
        if (!(error instanceof CommandRefused)) throw error;
      });
    }
    if (this.#announced !== undefined && !this.#isOver) this.#session.protocol.refuseLiteral();
    this.#isOver = true;
  }

  /** The message at hand, as far as it is known; undefined when there is none any more. */
  #message(): AppendMessage | undefined {
    if (this.#command !== undefined) return messagesOf(this.#command)[this.#index];
    const announced = this.#announced;
    return announced !== undefined && announced.index > this.#index
      ? announced.earlier?.[this.#index]
      : announced?.message;
  }

  async *#body(): AsyncGenerator<Uint8Array, void, undefined> {
    const { maxMessageBytes } = this.#session.limits;
    let size = 0;
    for await (const chunk of this.#chunks()) {
      size += chunk.length;
      if (size > maxMessageBytes) {
        throw new CommandRefused(no(`A message has at most ${maxMessageBytes} octets`, 'TOOBIG'));
      }
      yield chunk;
    }
    // So a client takes an APPEND back: RFC 3502 section 6.3.11.
    if (size === 0) throw new CommandRefused(no('A message without an octet is none'));
  }

  async *#chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    let done = 0;
    for (;;) {
      const announced = this.#announced;
      if (announced === undefined || announced.index !== this.#index) break;
      const { message, part = 0 } = announced;
      if ('parts' in message) yield* this.#urls(message.parts.slice(done, part));
      done = part + 1;
      this.#accept(announced);
      for (let chunk = await this.#chunk(); chunk !== undefined; chunk = await this.#chunk()) yield chunk;
      await this.#advance();
    }
    const message = this.#message();
    if (message !== undefined && 'parts' in message) yield* this.#urls(message.parts.slice(done));
  }

  async *#urls(parts: readonly CatenatePart[]): AsyncGenerator<Uint8Array, void, undefined> {
    for (const part of parts) if (part.type === 'url') yield* octetsOfUrl(this.#session, part.url);
  }

  #accept({ isSynchronizing }: AnnouncedOctets): void {
    const { protocol, output } = this.#session;
    protocol.acceptLiteral();
    this.#announced = undefined;
    this.#isFlowing = true;
    if (isSynchronizing) output.send({ type: 'continuation', text: 'Send the message' });
  }

  /** The next octets of those that flow; undefined at their end. */
  async #chunk(): Promise<Uint8Array | undefined> {
    if (!this.#isFlowing) return undefined;
    const event = await this.#event();
    if (event.type === 'literalData') return event.bytes;
    this.#isFlowing = false;
    return undefined;
  }

  /** Finds out what follows octets that have flowed. */
  async #advance(): Promise<void> {
    const event = await this.#event();
    if (event.type === 'appendLiteral') {
      this.#announced = event;
    } else if (event.type === 'command' && (event.command.name === 'APPEND' || event.command.name === 'REPLACE')) {
      this.#command = event.command;
    } else {
      this.#isOver = true;
      if (event.type !== 'refused') throw new CommandRefused(bad('APPEND needs a message'));
      const { status, text, code } = event.response;
      throw new CommandRefused({ status: status === 'NO' ? 'NO' : 'BAD', text, code });
    }
  }

  async #event(): Promise<ServerEvent> {
    try {
      const event = await this.#session.input.nextEvent({ isInside: true });
      return event ?? this.#session.input.endWith('Good-bye');
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }
}

function messagesOf(command: AppendCommand): readonly AppendMessage[] {
  return command.name === 'APPEND' ? command.messages : [command.message];
}
