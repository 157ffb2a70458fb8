import { describe, expect, it } from 'vitest';
import { untilAborted } from '../src/index.ts';

async function itemsOf<Item>(source: AsyncIterable<Item>): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** Counts how often it was closed; `next` says what comes. */
function source(
  next: () => Promise<IteratorResult<number>>,
  onReturn: () => Promise<never> | undefined = () => undefined,
) {
  const seen = { closed: 0 };
  const iterable: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next,
      return: async () => {
        seen.closed++;
        await onReturn();
        return { done: true, value: undefined };
      },
    }),
  };
  return { seen, iterable };
}

const never = (): Promise<never> => new Promise(() => {});

describe('untilAborted', () => {
  it('gives what the source gives, of either kind', async () => {
    expect(await itemsOf(untilAborted([1, 2]))).toEqual([1, 2]);
    expect(await itemsOf(untilAborted(untilAborted([1, 2]), new AbortController().signal))).toEqual([1, 2]);
  });

  it.each([
    ['closes at once', () => undefined],
    ['hangs while closing', never],
    ['fails while closing', () => Promise.reject(new Error('closing'))],
  ])('ends the wait for a source that hangs and %s', async (_, onReturn) => {
    const controller = new AbortController();
    const { iterable, seen } = source(never, onReturn);
    const reading = itemsOf(untilAborted(iterable, controller.signal));
    const ended = expect(reading).rejects.toBe('enough');
    await Promise.resolve();
    controller.abort('enough');
    await ended;
    expect(seen.closed).toBe(1);
  });

  it('does not wait when the signal was aborted before, or between two items', async () => {
    const { iterable, seen } = source(never);
    await expect(itemsOf(untilAborted(iterable, AbortSignal.abort('before')))).rejects.toBe('before');
    expect(seen.closed).toBe(1);
    const controller = new AbortController();
    const second = source(async () => ({ value: 1, done: false }));
    const reading = async (): Promise<void> => {
      for await (const _ of untilAborted(second.iterable, controller.signal)) controller.abort('between');
    };
    await expect(reading()).rejects.toBe('between');
    expect(second.seen.closed).toBe(1);
  });

  it('closes a source that is left, and none that ended or failed', async () => {
    const left = source(async () => ({ value: 1, done: false }));
    for await (const _ of untilAborted(left.iterable)) break;
    expect(left.seen.closed).toBe(1);
    const ended = source(async () => ({ value: undefined, done: true }));
    await itemsOf(untilAborted(ended.iterable));
    expect(ended.seen.closed).toBe(0);
    const failing = source(() => Promise.reject(new Error('no more')));
    await expect(itemsOf(untilAborted(failing.iterable, new AbortController().signal))).rejects.toThrow('no more');
    expect(failing.seen.closed).toBe(0);
  });

  it('leaves no listener behind', async () => {
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (type: string, listener: never, options?: never) => {
      listeners.add(listener);
      add(type, listener, options);
    };
    const remove = signal.removeEventListener.bind(signal);
    signal.removeEventListener = (type: string, listener: never) => {
      listeners.delete(listener);
      remove(type, listener);
    };
    await itemsOf(untilAborted([1, 2, 3], signal));
    expect(listeners.size).toBe(0);
  });
});
