import {
  type BodyHandle,
  type ByteRange,
  type ChangePage,
  collectBytes,
  type Flag,
  type InternalDate,
  MAX_ID,
  type Mailbox,
  type NewMessage,
  type Uid,
  type UidSet,
  uid,
  utf8Bytes,
} from '@posthorn/core';
import { ids, rangeSet, setOf } from '@posthorn/message-set';

/** Every UID there can be. */
export const EVERY: UidSet = rangeSet(uid(1), uid(MAX_ID));

/** A date with a zone, before the store was opened. */
export const SOME_DATE: InternalDate = { epochSeconds: 1_000_000_000, offsetMinutes: 120 };

/** A small message with CRLF line ends. */
export function mail(subject: string, text = 'Hello.'): Uint8Array {
  return utf8Bytes(
    `From: Ada <ada@example.org>\r\nTo: bob@example.org\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@example.org>\r\n\r\n${text}\r\n`,
  );
}

export function newMessage(bytes: Uint8Array, flags?: readonly Flag[], internalDate?: InternalDate): NewMessage {
  return { body: [bytes], flags, internalDate };
}

/** Appends small messages in one batch. */
export async function appendMails(mailbox: Mailbox, ...subjects: readonly string[]): Promise<readonly Uid[]> {
  return (await mailbox.append(subjects.map((subject) => newMessage(mail(subject))))).uids;
}

/** Appends one small message. */
export async function appendMail(mailbox: Mailbox, subject: string, flags: readonly Flag[] = []): Promise<Uid> {
  return (await mailbox.append([newMessage(mail(subject), flags)])).uids[0]!;
}

/** Octets in chunks of the sizes given, over and over; every chunk comes a turn later. */
export async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncIterable<Uint8Array> {
  let offset = 0;
  for (let turn = 0; offset < bytes.length; turn++) {
    const end = Math.min(bytes.length, offset + sizes[turn % sizes.length]!);
    await Promise.resolve();
    yield bytes.slice(offset, end);
    offset = end;
  }
}

export async function readBytes(mailbox: Mailbox, message: Uid, range?: ByteRange): Promise<Uint8Array> {
  const handle = await mailbox.read(message, range);
  try {
    return await bytesOf(handle);
  } finally {
    await handle.release();
  }
}

export function bytesOf(handle: BodyHandle): Promise<Uint8Array> {
  return collectBytes(handle.stream());
}

/** The UIDs in a mailbox, as `scan` gives them. */
export async function uidsIn(mailbox: Mailbox, set: UidSet = EVERY): Promise<readonly Uid[]> {
  return (await all(mailbox.scan(set, []))).map((meta) => meta.uid);
}

/** The flags of one message in lower case and order, so that spellings and orders compare. */
export async function flagsOf(mailbox: Mailbox, message: Uid): Promise<readonly string[]> {
  const [meta] = await all(mailbox.scan(setOf([message]), ['flags']));
  return normalFlags(meta?.flags ?? []);
}

export function normalFlags(flags: readonly Flag[]): readonly string[] {
  return flags.map((flag) => flag.toLowerCase()).sort();
}

/** Only what a page says about UIDs. */
export function gist(page: ChangePage): unknown {
  return {
    complete: page.complete,
    added: page.added.map((summary) => summary.uid),
    changed: page.changed.map((summary) => summary.uid),
    vanished: [...ids(page.vanished)],
  };
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Lets everything that can go on go on for a turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
