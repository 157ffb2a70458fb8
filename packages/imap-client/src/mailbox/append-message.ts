import type { Flag, InternalDate, Uid, UidValidity } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { AppendMessage, Command, FlowingOctets, ResponseCode, StatusResponse } from '@posthorn/wire';
import type { ClientCommand } from '../connection/client-events.ts';
import type { Connection } from '../connection/connection.ts';
import type { MessageSource } from '../connection/message-source.ts';
import { requireExtension } from './selection.ts';

/** What a message is given when it is added. */
export interface MessageSettings {
  readonly flags?: readonly Flag[] | undefined;
  /** @defaultValue the server's present */
  readonly internalDate?: InternalDate | undefined;
}

/** Octets to send. */
export interface OutgoingOctets {
  /** The octets, once, in order. */
  readonly body: MessageSource;
  /** How many they are. A body of another length is refused, and costs the connection once its octets flow. @defaultValue the length of a `Uint8Array` */
  readonly size?: number | undefined;
}

/** A message whose octets are all sent. */
export interface WholeMessage extends MessageSettings, OutgoingOctets {
  /**
   * Whether its header holds UTF-8, which a server with UTF8=ACCEPT wants to know.
   * @defaultValue found out of a `Uint8Array`, else false
   * @see RFC 6855 section 4
   */
  readonly isUtf8?: boolean | undefined;
}

/** A message that the server puts together of octets and of what it has already. Needs CATENATE. @see RFC 4469 */
export interface ComposedMessage extends MessageSettings {
  /** The parts in order. A URL names a message or a section, such as `/Drafts;UIDVALIDITY=385759045/;UID=20/;SECTION=1`. */
  readonly parts: readonly (OutgoingOctets | { readonly url: string })[];
}

/** A message to add to a mailbox. */
export type OutgoingMessage = WholeMessage | ComposedMessage;

/** Where an added message is. */
export interface Appended {
  readonly uidValidity: UidValidity;
  readonly uid: Uid;
}

/** Adds messages, in one command where the server takes several (MULTIAPPEND). @returns where they are, if it tells */
export async function appendMessages(
  connection: Connection,
  mailbox: MailboxName,
  messages: readonly OutgoingMessage[],
  signal?: AbortSignal,
): Promise<readonly (Appended | undefined)[]> {
  signal?.throwIfAborted();
  const prepared = messages.map((message) => prepare(connection, message));
  if (messages.length === 0) return [];
  if (messages.length === 1 || connection.protocol.capabilities?.has('MULTIAPPEND') === true)
    return appendOnce(connection, { name: 'APPEND', mailbox, messages: prepared }, messages, signal);
  const one = (message: OutgoingMessage, index: number): ReturnType<typeof appendMessages> =>
    appendOnce(connection, { name: 'APPEND', mailbox, messages: [prepared[index]!] }, [message], signal);
  return (await Promise.all(messages.map(one))).flat();
}

/**
 * What is said of a message before its octets.
 * @throws TypeError, RangeError when its size cannot be told; ImapError `IMAP_UNSUPPORTED` without CATENATE
 */
export function prepare(connection: Connection, message: OutgoingMessage): AppendMessage {
  const { flags = [], internalDate } = message;
  if ('body' in message) return { flags, internalDate, ...octetsOf(connection, message) };
  requireExtension({ connection }, 'CATENATE', 'put a message together');
  if (message.parts.length === 0) throw new RangeError('a message is put together of at least one part');
  const parts = message.parts.map((part) =>
    'url' in part
      ? ({ type: 'url', url: part.url } as const)
      : ({ type: 'text', ...octetsOf(connection, part) } as const),
  );
  return { flags, internalDate, parts };
}

function octetsOf(
  { protocol }: Connection,
  octets: OutgoingOctets & { readonly isUtf8?: boolean | undefined },
): FlowingOctets {
  const { body, size: given, isUtf8 } = octets;
  const size = given ?? (body instanceof Uint8Array ? body.length : undefined);
  if (size === undefined) throw new TypeError('the size of a streamed message must be given');
  if (body instanceof Uint8Array && body.length !== size)
    throw new RangeError(`the message has ${body.length} octets, not ${size}`);
  const takesUtf8 = protocol.isEnabled('UTF8=ACCEPT');
  if (takesUtf8 && (isUtf8 ?? (body instanceof Uint8Array && hasUtf8Header(body)))) return { size, isUtf8: true };
  const hasNul = body instanceof Uint8Array && body.includes(0);
  const isBinary = hasNul && protocol.capabilities?.has('BINARY') === true;
  return { size, ...(isBinary && { isBinary }) };
}

/** Sends one command that adds messages. */
export async function appendOnce(
  connection: Connection,
  command: Command,
  messages: readonly OutgoingMessage[],
  signal: AbortSignal | undefined,
): Promise<readonly (Appended | undefined)[]> {
  let abort: (() => void) | undefined;
  let code: ResponseCode | undefined;
  try {
    const response = await new Promise<StatusResponse>((done, fail) => {
      let entry: ClientCommand | undefined;
      abort = () => {
        if (entry !== undefined) connection.abandon(entry);
        fail(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      entry = connection.submit(command, {
        // REPLACE tells it before the end. RFC 8508 section 3.4.
        accept: (event) => {
          const isOurs = event.type === 'status' && event.code?.type === 'appendUid';
          if (isOurs) code = event.code;
          return isOurs;
        },
        message: (index, part) => abortable(sourceOf(messages[index]!, part), signal),
        done,
        fail,
      });
    });
    return appended(response.code?.type === 'appendUid' ? response.code : code, messages.length);
  } finally {
    if (abort !== undefined) signal?.removeEventListener('abort', abort);
  }
}

function sourceOf(message: OutgoingMessage, part: number | undefined): MessageSource {
  if ('body' in message) return message.body;
  const piece = message.parts[part ?? 0]!;
  if ('url' in piece) throw new TypeError('a URL has no octets to send');
  return piece.body;
}

/** Whether there is an 8-bit octet before the first empty line. */
function hasUtf8Header(body: Uint8Array): boolean {
  for (let index = 0; index < body.length; index++) {
    const octet = body[index]!;
    if (octet > 0x7f) return true;
    const isLineEnd =
      octet === 0x0a && (body[index + 1] === 0x0a || (body[index + 1] === 0x0d && body[index + 2] === 0x0a));
    if (isLineEnd) return false;
  }
  return false;
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

function appended(code: ResponseCode | undefined, length: number): readonly (Appended | undefined)[] {
  const unknown = Array.from({ length }, () => undefined);
  if (code?.type !== 'appendUid') return unknown;
  const uids: Uid[] = [];
  for (const { first, last } of code.uids.ranges) {
    if (first === '*' || last === '*' || uids.length + last - first + 1 > length) return unknown;
    for (let uid = first; uid <= last; uid = (uid + 1) as Uid) uids.push(uid);
  }
  return uids.length === length ? uids.map((uid) => ({ uidValidity: code.uidValidity, uid })) : unknown;
}
