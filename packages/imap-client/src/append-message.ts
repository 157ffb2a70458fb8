import type { Flag, InternalDate, Uid, UidValidity } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { AppendMessage, StatusResponse } from '@posthorn/wire';
import type { ClientCommand } from './client-protocol.ts';
import type { Connection } from './connection.ts';
import type { MessageSource } from './message-source.ts';

/** A message to add to a mailbox. */
export interface OutgoingMessage {
  /** Its octets, once, in order. */
  readonly body: MessageSource;
  /** How many they are. A body of another length is refused, and costs the connection once its octets flow. @defaultValue the length of a `Uint8Array` */
  readonly size?: number | undefined;
  readonly flags?: readonly Flag[] | undefined;
  /** @defaultValue the server's present */
  readonly internalDate?: InternalDate | undefined;
}

/** Where an added message is. */
export interface Appended {
  readonly uidValidity: UidValidity;
  readonly uid: Uid;
}

/** Adds a message. @returns where it is, when the server tells (UIDPLUS) */
export async function appendMessage(
  connection: Connection,
  mailbox: MailboxName,
  { body, size, flags = [], internalDate }: OutgoingMessage,
  signal?: AbortSignal,
): Promise<Appended | undefined> {
  signal?.throwIfAborted();
  const length = size ?? (body instanceof Uint8Array ? body.length : undefined);
  if (length === undefined) throw new TypeError('the size of a streamed message must be given');
  if (body instanceof Uint8Array && body.length !== length)
    throw new RangeError(`the message has ${body.length} octets, not ${length}`);
  const hasNul = body instanceof Uint8Array && body.includes(0);
  const isBinary = hasNul && connection.protocol.capabilities?.has('BINARY') === true;
  const message: AppendMessage = { flags, internalDate, size: length, ...(isBinary && { isBinary }) };
  let abort: (() => void) | undefined;
  try {
    const response = await new Promise<StatusResponse>((done, fail) => {
      let entry: ClientCommand | undefined;
      abort = () => {
        if (entry !== undefined) connection.abandon(entry);
        fail(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      entry = connection.submit(
        { name: 'APPEND', mailbox, messages: [message] },
        { message: () => abortable(body, signal), done, fail },
      );
    });
    return appended(response);
  } finally {
    if (abort !== undefined) signal?.removeEventListener('abort', abort);
  }
}

/** The same octets, until the signal is aborted. */
function abortable(body: MessageSource, signal: AbortSignal | undefined): MessageSource {
  if (signal === undefined) return body;
  if (body instanceof Uint8Array) return abortableChunks([body], signal);
  return Symbol.asyncIterator in body ? abortableStream(body, signal) : abortableChunks(body, signal);
}

function* abortableChunks(body: Iterable<Uint8Array>, signal: AbortSignal): Iterable<Uint8Array> {
  signal.throwIfAborted();
  for (const chunk of body) {
    yield chunk;
    signal.throwIfAborted();
  }
}

async function* abortableStream(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  // Rejects unheard when the source fails first.
  aborted.catch(() => {});
  const iterator = body[Symbol.asyncIterator]();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await Promise.race([iterator.next(), aborted]);
      isDone = done === true;
      if (isDone) return;
      yield value;
    }
  } finally {
    if (abort !== undefined) signal.removeEventListener('abort', abort);
    // Not waited for: a source that hangs would hang here too.
    if (!isDone) void iterator.return?.()?.catch(() => {});
  }
}

function appended({ code }: StatusResponse): Appended | undefined {
  if (code?.type !== 'appendUid') return undefined;
  const [range, ...others] = code.uids.ranges;
  if (range === undefined || others.length > 0 || range.first === '*' || range.first !== range.last) return undefined;
  return { uidValidity: code.uidValidity, uid: range.first };
}
