/**
 * Iterates over what somebody else makes, such as the body of a message that is appended, and ends the wait for the next
 * item when the signal is aborted, also when it never comes. A source that is not read to its end is told to stop, but
 * not waited for: one that hangs would hang its closing too. What the source throws is passed on unchanged.
 * @throws the reason of the signal
 */
export async function* untilAborted<Item>(
  source: AsyncIterable<Item> | Iterable<Item>,
  signal?: AbortSignal | undefined,
): AsyncGenerator<Item, void, undefined> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let isOver = false;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const step = await unlessAborted(iterator.next(), signal, () => {
        isOver = true;
      });
      isOver = step.done === true;
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    if (!isOver) void close(iterator);
  }
}

/** @param onFailure - Called when the value itself fails. */
function unlessAborted<Value>(
  value: Value | Promise<Value>,
  signal: AbortSignal | undefined,
  onFailure: () => void,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const settle = (): void => signal?.removeEventListener('abort', abort);
    Promise.resolve(value).then(
      (each) => {
        settle();
        resolve(each);
      },
      (error: unknown) => {
        settle();
        if (signal?.aborted !== true) onFailure();
        reject(error);
      },
    );
  });
}

/** A failure to close has nobody left to tell. */
async function close(iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // As said.
  }
}
