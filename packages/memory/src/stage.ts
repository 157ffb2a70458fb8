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

function unlessAborted<Value>(value: Value | Promise<Value>, signal: AbortSignal | undefined): Value | Promise<Value> {
  if (signal === undefined) return value;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const settle = (): void => signal.removeEventListener('abort', abort);
    Promise.resolve(value).then(resolve, reject).finally(settle);
  });
}
