import type { Flag, NewMessage, Uid } from '@posthorn/core';
import { BodyFailure } from '../disk/store-failure.ts';
import { VERBATIM_FIELD } from '../format/file-name.ts';
import type { Folder } from './folder.ts';
import { StagedFile } from './staged-file.ts';

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

/** Messages of a batch that may wait for the disk at once. */
const MAX_SYNCS = 16;

/** Writes the messages of a batch into `tmp/`. When one fails, none is left there. */
export async function stageBatch(
  folder: Folder,
  batch: readonly NewMessage[] | AsyncIterable<NewMessage>,
  signal: AbortSignal | undefined,
): Promise<readonly StagedMessage[]> {
  const { isDurable } = folder.account.settings.disk;
  const staged: StagedMessage[] = [];
  const syncs = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
  };
  const stage = async (message: NewMessage): Promise<void> => {
    const { written, file } = await stageMessage(folder, message, signal);
    staged.push(written);
    if (!isDurable) return file.close();
    const syncing: Promise<void> = file
      .finish()
      .catch(fail)
      .finally(() => syncs.delete(syncing));
    syncs.add(syncing);
    if (syncs.size >= MAX_SYNCS) await Promise.race(syncs);
    if (failure !== undefined) throw failure.error;
  };
  try {
    if (Symbol.asyncIterator in batch) for await (const message of messagesOf(batch, signal)) await stage(message);
    else for (const message of batch) await stage(message);
  } catch (error) {
    fail(error);
  }
  if (syncs.size > 0) await Promise.all(syncs);
  if (failure === undefined) return staged;
  await unstage(folder, staged);
  throw failure.error;
}

/** The messages of a batch. An abort ends the wait for the next, also when it never comes. */
async function* messagesOf(
  batch: AsyncIterable<NewMessage>,
  signal: AbortSignal | undefined,
): AsyncIterable<NewMessage> {
  signal?.throwIfAborted();
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
  /** Open, until the caller finishes it. */
  readonly file: StagedFile;
}

/**
 * Writes one message into `tmp/`.
 * @param isText - The line ends of the message are those of the system: it is read with CRLF, whatever it has.
 */
export async function stageMessage(
  folder: Folder,
  { body, internalDate, flags = [], uid }: NewMessage,
  signal: AbortSignal | undefined,
  isText = false,
): Promise<Written> {
  const { settings, names } = folder.account;
  const temporary = names.next();
  const path = `${folder.directory}/tmp/${temporary}`;
  const file = await StagedFile.create(settings.disk, path);
  try {
    if (Array.isArray(body)) {
      for (const chunk of body as readonly Uint8Array[]) {
        signal?.throwIfAborted();
        file.take(chunk);
        if (file.isFull) await file.flush();
      }
    } else for await (const chunk of chunksOf(body, signal)) await file.takeNow(chunk);
    await file.flush();
    const epochSeconds = internalDate?.epochSeconds ?? Math.floor(settings.clock() / 1_000);
    await file.setTimes(epochSeconds);
    const { size, bareLineEnds } = file;
    const marker = bareLineEnds > 0 && !isText ? VERBATIM_FIELD : '';
    const base = `${temporary},S=${size},W=${size + bareLineEnds}${marker}`;
    return { written: { temporary, base, size, epochSeconds, flags, uid }, file };
  } catch (error) {
    file.close();
    await settings.disk.remove(path).catch(() => {});
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
