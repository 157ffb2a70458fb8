import type { ChangeHint } from '@posthorn/core';

/**
 * Hints of several watches as they come. Each is asked for its next only once its last was taken, so that hints never
 * pile up.
 *
 * @param watch - Starts the watches at once; they end when the signal is aborted.
 */
export function mergeHints(
  watch: (signal: AbortSignal) => readonly AsyncIterable<ChangeHint>[],
  signal?: AbortSignal,
): AsyncIterable<ChangeHint> {
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const hints = iterate(
    watch(stop.signal).map((source) => source[Symbol.asyncIterator]()),
    () => {
      signal?.removeEventListener('abort', onAbort);
      stop.abort();
    },
  );
  return hints;
}

async function* iterate(
  watches: readonly AsyncIterator<ChangeHint>[],
  leave: () => void,
): AsyncGenerator<ChangeHint, void, undefined> {
  const ready: { readonly watch: AsyncIterator<ChangeHint>; readonly hint: ChangeHint }[] = [];
  let running = watches.length;
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => {};
  const ask = async (watch: AsyncIterator<ChangeHint>): Promise<void> => {
    try {
      const { done, value } = await watch.next();
      if (done === true) running--;
      else ready.push({ watch, hint: value });
    } catch (error) {
      failure = { error };
    }
    wake();
  };
  try {
    for (const watch of watches) void ask(watch);
    for (;;) {
      const next = ready.shift();
      if (next !== undefined) {
        void ask(next.watch);
        yield next.hint;
      } else if (failure !== undefined) throw failure.error;
      else if (running === 0) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    leave();
    await Promise.all(watches.map((watch) => watch.return?.()));
  }
}
