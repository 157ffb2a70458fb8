import { expect, test, vi } from 'vitest';
import { UnhandledRejections } from '../src/index.ts';

test('promises that nobody catches are told of, from begin to end', async () => {
  const listeners = new Set<(reason: unknown) => void>();
  // Vitest listens too, and would take a real one for a failure of the run.
  vi.spyOn(process, 'on').mockImplementation((_, listener) => {
    listeners.add(listener);
    return process;
  });
  vi.spyOn(process, 'off').mockImplementation((_, listener) => {
    listeners.delete(listener);
    return process;
  });
  try {
    const rejections = new UnhandledRejections();
    rejections.begin();
    for (const listener of listeners) listener('left alone');
    expect(await rejections.end()).toEqual(['left alone']);
    expect(listeners.size).toBe(0);
    rejections.begin();
    expect(await rejections.end()).toEqual([]);
  } finally {
    vi.restoreAllMocks();
  }
});
