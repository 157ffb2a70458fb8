import type { BodyHandle } from '@posthorn/core';
import { BrokenResponseError } from '@posthorn/transport/serving';
import { BodyStuffer } from '../body-stuffer.ts';
import { err, ok, type Reply } from '../replies.ts';
import type { Session } from '../session.ts';
import { TopCutter } from '../top-cutter.ts';
import { hasUtf8Header } from '../utf8-header.ts';
import { NO_MESSAGE } from './listing.ts';

export function retr(session: Session, number: number): Promise<Reply | undefined> {
  return withMessage(session, number, (body) => sendBody(session, body.stream()));
}

export function top(session: Session, number: number, lines: number): Promise<Reply | undefined> {
  return withMessage(session, number, (body) => sendBody(session, beginning(body.stream(), lines)));
}

/** Opens a message for a command, unless there is none or it cannot be told to this client. */
async function withMessage(
  session: Session,
  number: number,
  use: (body: BodyHandle) => Promise<void>,
): Promise<Reply | undefined> {
  const { mailbox, drop } = session.maildrop;
  const message = drop.get(number);
  if (message === undefined) return NO_MESSAGE;
  const body = await mailbox.read(message.uid, undefined, { signal: session.signal });
  try {
    const mustRefuse = session.options.utf8Headers === 'refuse' && !session.protocol.isUtf8;
    if (mustRefuse && (await hasUtf8Header(body))) return err('The header is UTF-8: use UTF8 first', 'UTF8');
    await use(body);
    return undefined;
  } finally {
    await body.release();
  }
}

/** Sends the octets of a message as the client takes them. Once the answer has begun there is no way back. */
async function sendBody({ output }: Session, octets: AsyncIterable<Uint8Array>): Promise<void> {
  output.send(ok('Message follows'));
  const stuffer = new BodyStuffer();
  try {
    for await (const chunk of octets) {
      for (const view of stuffer.push(chunk)) output.push(view);
      if (output.isFull) await output.flush();
    }
  } catch (error) {
    if (error === output.failure) throw error;
    throw new BrokenResponseError('a message could not be read to its end', { cause: error });
  }
  for (const view of stuffer.end()) output.push(view);
}

/** The header of a message and some lines of its body. */
async function* beginning(octets: AsyncIterable<Uint8Array>, lines: number): AsyncIterable<Uint8Array> {
  const cutter = new TopCutter(lines);
  for await (const chunk of octets) {
    yield cutter.push(chunk);
    if (cutter.isDone) return;
  }
}
