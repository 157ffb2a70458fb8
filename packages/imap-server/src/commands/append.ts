import type { AppendResult, Uid } from '@posthorn/core';
import { sequenceSetOf, setOf } from '@posthorn/message-set';
import { bad, CommandRefused, type Completion, no, ok } from '../replies.ts';
import type { ServerEvent } from '../server-protocol.ts';
import type { Session } from '../session.ts';
import type { CommandOf } from './command-of.ts';
import { targetPath, tryingToCreate } from './mailboxes.ts';
import { unknownSystemFlag } from './store.ts';

/**
 * Streams a message into the store as it arrives.
 * @see RFC 9051 section 6.3.12
 */
export async function append(
  session: Session,
  { mailbox }: CommandOf<'APPEND'>,
  literal?: Extract<ServerEvent, { readonly type: 'appendLiteral' }>,
): Promise<Completion> {
  // Without a literal there is no APPEND: the decoder never says otherwise.
  if (literal === undefined) return bad('APPEND needs a message');
  const { signal, protocol, output } = session;
  const { message, isSynchronizing } = literal;
  const unknown = unknownSystemFlag(message.flags);
  try {
    if (unknown !== undefined) throw new CommandRefused(bad(`There is no flag ${unknown}`));
    const target = await tryingToCreate(session.openAccount().mailbox(targetPath(mailbox), { signal }));
    if (target.isReadOnly) throw new CommandRefused(no('The mailbox is read-only', 'NOPERM'));
    protocol.acceptLiteral();
    if (isSynchronizing) output.send({ type: 'continuation', text: 'Send the message' });
    const body = new MessageBody(session);
    let result: AppendResult;
    try {
      const { flags, internalDate } = message;
      result = await target.append([{ body, flags, internalDate }], { signal });
    } catch (error) {
      // The client sends the rest all the same.
      await body.skip();
      throw error;
    }
    await body.skip();
    const { uidValidity, uids } = result;
    return ok('Appended', { type: 'appendUid', uidValidity, uids: sequenceSetOf(setOf<Uid>(uids)) });
  } catch (error) {
    return refuseIfPending(session, error);
  }
}

/** Refuses the literal when the error came before it was accepted. */
function refuseIfPending(session: Session, error: unknown): never {
  if (session.protocol.isLiteralPending) session.protocol.refuseLiteral();
  throw error;
}

/** The octets of a message as they arrive. It ends when the whole command was read and is sound. */
class MessageBody implements AsyncIterable<Uint8Array> {
  readonly #session: Session;
  #isOver = false;

  constructor(session: Session) {
    this.#session = session;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const chunk = await this.#next();
      if (chunk === undefined) return;
      yield chunk;
    }
  }

  /** Reads on to the end of the command and drops what comes. */
  async skip(): Promise<void> {
    while (!this.#isOver) await this.#next();
  }

  async #next(): Promise<Uint8Array | undefined> {
    while (!this.#isOver) {
      const event = await this.#nextEvent();
      if (event.type === 'literalData') return event.bytes;
      if (event.type === 'literalEnd') continue;
      this.#isOver = true;
      if (event.type === 'refused') {
        const { status, text, code } = event.response;
        throw new CommandRefused({ status: status === 'NO' ? 'NO' : 'BAD', text, code });
      }
    }
    return undefined;
  }

  async #nextEvent(): Promise<ServerEvent> {
    try {
      const event = await this.#session.nextEvent({ isInside: true });
      return event ?? this.#session.endWith('Good-bye');
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }
}
