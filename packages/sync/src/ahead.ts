/**
 * Asks for the next value while the last one is being used, so that fetching and storing overlap: always exactly one
 * ahead. Leaving the loop ends the source.
 */
export async function* oneAhead<Value>(source: AsyncIterable<Value>): AsyncGenerator<Value> {
  const iterator = source[Symbol.asyncIterator]();
  const ask = (): Promise<IteratorResult<Value>> => {
    const next = iterator.next();
    // It is awaited below; until then a failure must not count as unhandled.
    next.catch(() => {});
    return next;
  };
  let next = ask();
  try {
    for (;;) {
      const result = await next;
      if (result.done) return;
      next = ask();
      yield result.value;
    }
  } finally {
    await next.catch(() => {});
    await iterator.return?.();
  }
}
