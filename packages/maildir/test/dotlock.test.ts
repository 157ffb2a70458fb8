import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { withDotlock } from '../src/format/dotlock.ts';
import { settingsOf } from '../src/settings.ts';
import { names, scratchDirectory } from './support.ts';

it('keeps a lock that it cannot touch, and says so', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const root = scratchDirectory();
  const warn = vi.fn();
  const settings = settingsOf({ logger: { debug: () => {}, info: () => {}, warn, error: () => {} } });
  vi.spyOn(settings.disk, 'touch').mockImplementation(() => {
    throw Object.assign(new Error('EIO: made up'), { code: 'EIO', syscall: 'utime' });
  });
  const held = await withDotlock(settings, join(root, 'list'), async () => {
    vi.advanceTimersByTime(30_000);
    return names(root);
  });
  expect(held).toEqual(['list.lock']);
  expect(names(root)).toEqual([]);
  expect(warn).toHaveBeenCalledTimes(3);
});
