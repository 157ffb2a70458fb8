import type { Flag, NewMessage, Uid } from '@posthorn/core';
import { BodyFailure } from '../disk/store-failure.ts';
import { VERBATIM_FIELD } from '../format/file-name.ts';
import { BareLineEnds } from '../format/line-ends.ts';
import type { Folder } from './folder.ts';

/** A message that lies whole in `tmp/`, and on the disk. */
export interface StagedMessage {
  /** Its name in `tmp/`. */
  readonly temporary: string;
  readonly base: string;
  /** Octets. */
  readonly size: number;
  readonly epochSeconds: number;
  readonly flags: readonly Flag[];
  readonly uid: Uid | undefined;
}

/** Octets gathered before they are written. */
const GATHERED = 65_536;
/** Messages of a batch that may wait for the disk at once. */
const MAX_SYNCS = 16;

/** Writes the messages of a batch into `tmp/`. When one fails, none is left there. */
export async function stageBatch(
  folder: Folder,
  batch: readonly NewMessage[] | AsyncIterable<NewMessage>,
  signal: AbortSignal | undefined,
): Promise<readonly StagedMessage[]> {
  const staged: StagedMessage[] = [];
  const syncs = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
  };
  try {
    for await (const message of messagesOf(batch, signal)) {
      const { written, sync } = await stageMessage(folder, message, signal);
      staged.push(written);
      const syncing: Promise<void> = sync()
        .catch(fail)
        .finally(() => syncs.delete(syncing));
      syncs.add(syncing);
      if (syncs.size >= MAX_SYNCS) await Promise.race(syncs);
      if (failure !== undefined) break;
    }
  } catch (error) {
    fail(error);
  }
  await Promise.all(syncs);
  if (failure === undefined) return staged;
  await unstage(folder, staged);
  throw failure.error;
}

/** The messages of a batch. An abort ends the wait for the next, also when it never comes. */
async function* messagesOf(
  batch: readonly NewMessage[] | AsyncIterable<NewMessage>,
  signal: AbortSignal | undefined,
): AsyncIterable<NewMessage> {
  if (!(Symbol.asyncIterator in batch)) return yield* batch;
  const iterator = batch[Symbol.asyncIterator]();
  const aborted = abortOf(signal);
  let isOver = false;
  try {
    for (;;) {
      const step = await Promise.race([aborted.promise, passing(() => iterator.next())]);
      isOver = step.done === true;
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    aborted.release();
    // A batch that hangs is told to stop, but not waited for.
    if (!isOver) void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

/** Removes staged messages that will not be published. */
export async function unstage(folder: Folder, staged: readonly StagedMessage[]): Promise<void> {
  for (const { temporary } of staged)
    await folder.account.settings.disk.remove(`${folder.directory}/tmp/${temporary}`).catch(() => {});
}

interface Written {
  readonly written: StagedMessage;
  /** Waits until the message is on the disk. */
  readonly sync: () => Promise<void>;
}

/**
 * Writes one message into `tmp/`.
 * @param isText - The line ends of the message are those of the system: it is read with CRLF, whatever it has.
 */
export async function stageMessage(
  folder: Folder,
  message: NewMessage,
  signal: AbortSignal | undefined,
  isText = false,
): Promise<Written> {
  const { settings, names } = folder.account;
  const { disk } = settings;
  const temporary = names.next();
  const path = `${folder.directory}/tmp/${temporary}`;
  const descriptor = await disk.create(path);
  try {
    const lineEnds = new BareLineEnds();
    let size = 0;
    let gathered: Uint8Array[] = [];
    let gatheredSize = 0;
    const flush = async (): Promise<void> => {
      if (gathered.length === 0) return;
      await disk.write(descriptor, path, gathered.length === 1 ? gathered[0]! : Buffer.concat(gathered, gatheredSize));
      gathered = [];
      gatheredSize = 0;
    };
    const take = (chunk: Uint8Array): void => {
      lineEnds.push(chunk);
      size += chunk.length;
      gathered.push(chunk);
      gatheredSize += chunk.length;
    };
    if (Array.isArray(message.body)) {
      for (const chunk of message.body as readonly Uint8Array[]) {
        signal?.throwIfAborted();
        take(chunk);
        if (gatheredSize >= GATHERED) await flush();
      }
    } else {
      for await (const chunk of chunksOf(message.body, signal)) {
        take(chunk);
        if (gatheredSize >= GATHERED) await flush();
        // The caller may fill the same array again for the next chunk.
        else gathered[gathered.length - 1] = chunk.slice();
      }
    }
    await flush();
    const epochSeconds = message.internalDate?.epochSeconds ?? Math.floor(settings.clock() / 1_000);
    await disk.setTimes(descriptor, path, epochSeconds);
    const marker = lineEnds.count > 0 && !isText ? VERBATIM_FIELD : '';
    const base = `${temporary},S=${size},W=${size + lineEnds.count}${marker}`;
    const sync = async (): Promise<void> => {
      try {
        await disk.sync(descriptor, path);
      } finally {
        disk.close(descriptor);
      }
    };
    const { flags = [], uid } = message;
    return { written: { temporary, base, size, epochSeconds, flags, uid }, sync };
  } catch (error) {
    disk.close(descriptor);
    await disk.remove(path).catch(() => {});
    throw error;
  }
}

/** The chunks of a body. An abort ends the wait for the next, also when it never comes. */
async function* chunksOf(body: NewMessage['body'], signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
  signal?.throwIfAborted();
  if (Symbol.asyncIterator in body) {
    const iterator = body[Symbol.asyncIterator]();
    const aborted = abortOf(signal);
    let isDone = false;
    try {
      for (;;) {
        const step = await Promise.race([aborted.promise, passing(() => iterator.next())]);
        if (step.done === true) {
          isDone = true;
          return;
        }
        yield step.value;
        signal?.throwIfAborted();
      }
    } finally {
      aborted.release();
      // A body that hangs is told to stop, but not waited for.
      if (!isDone) void Promise.resolve(iterator.return?.()).catch(() => {});
    }
  }
  const iterator = body[Symbol.iterator]();
  for (;;) {
    const step = await passing(async () => iterator.next());
    if (step.done === true) return;
    yield step.value;
    signal?.throwIfAborted();
  }
}

function abortOf(signal: AbortSignal | undefined): { readonly promise: Promise<never>; release(): void } {
  let onAbort: (() => void) | undefined;
  const promise = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  promise.catch(() => {});
  return { promise, release: () => onAbort && signal?.removeEventListener('abort', onAbort) };
}

/** Marks a failure of the caller's body, so that it is passed on as it is. */
async function passing<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new BodyFailure('the body of a message failed', { cause: error });
  }
}
