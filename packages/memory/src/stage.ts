import type { EmailId, NewMessage } from '@posthorn/core';
import { ContentWriter, type MessageContent } from './message-content.ts';

/** Reads a body whole. An abort stops the wait at once, also when the body never goes on. */
export async function stageBody(
  { body }: NewMessage,
  emailId: () => EmailId,
  signal: AbortSignal | undefined,
): Promise<MessageContent> {
  const writer = new ContentWriter();
  const iterator = Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]();
  try {
    for (;;) {
      signal?.throwIfAborted();
      const step = await unlessAborted(iterator.next(), signal);
      if (step.done === true) return writer.finish(emailId());
      writer.write(step.value);
    }
  } catch (error) {
    // Not awaited: a generator that hangs would hang its closing too. Its failure has nobody left to tell.
    if (signal?.aborted) void Promise.resolve(iterator.return?.()).catch(() => {});
    throw error;
  }
}

/** The messages of a batch. An abort ends the wait for the next, also when it never comes. */
export async function* messagesOf(
  batch: readonly NewMessage[] | AsyncIterable<NewMessage>,
  signal: AbortSignal | undefined,
): AsyncIterable<NewMessage> {
  if (!(Symbol.asyncIterator in batch)) return yield* batch;
  const iterator = batch[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const step = await unlessAborted(iterator.next(), signal);
      isOver = step.done === true;
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    // Not awaited, as above: who hangs would hang its closing too.
    if (!isOver) void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

function unlessAborted<Value>(value: Value | Promise<Value>, signal: AbortSignal | undefined): Value | Promise<Value> {
  if (signal === undefined) return value;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const settle = (): void => signal.removeEventListener('abort', abort);
    Promise.resolve(value).then(resolve, reject).finally(settle);
  });
}
