/**
 * Asks for the next value while the last one is being used, so that fetching and storing overlap: at most one ahead.
 * A value for which `mayOverlap` is false is used up first. Leaving the loop ends the source.
 */
export async function* oneAhead<Value>(
  source: AsyncIterable<Value>,
  mayOverlap: (value: Value) => boolean,
): AsyncGenerator<Value> {
  const iterator = source[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<Value>> | undefined;
  try {
    for (;;) {
      const result = await (next ?? iterator.next());
      next = undefined;
      if (result.done) return;
      if (mayOverlap(result.value)) {
        next = iterator.next();
        // It is awaited above; until then a failure must not count as unhandled.
        next.catch(() => {});
      }
      yield result.value;
    }
  } finally {
    await next?.catch(() => {});
    await iterator.return?.();
  }
}
