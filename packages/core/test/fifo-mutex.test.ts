import { describe, expect, it } from 'vitest';
import { FifoMutex } from '../src/index.ts';

describe('FifoMutex', () => {
  it('runs one task at a time, in order', async () => {
    const mutex = new FifoMutex();
    const log: string[] = [];
    const task = (name: string) => async (): Promise<void> => {
      log.push(`${name} starts`);
      await Promise.resolve();
      log.push(`${name} ends`);
    };
    await Promise.all(['a', 'b', 'c'].map((name) => mutex.run(task(name))));
    expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
  });

  it('gives up the place of a waiter that is aborted, and only that', async () => {
    const mutex = new FifoMutex();
    let finish = (): void => {};
    const held = mutex.run(() => new Promise<void>((resolve) => (finish = resolve)));
    const controller = new AbortController();
    const ran: string[] = [];
    const first = mutex.run(() => ran.push('first'), controller.signal);
    const second = mutex.run(() => ran.push('second'));
    controller.abort('enough');
    await expect(first).rejects.toBe('enough');
    finish();
    await Promise.all([held, second]);
    expect(ran).toEqual(['second']);
    await mutex.run(() => ran.push('third'));
    expect(ran).toEqual(['second', 'third']);
  });

  it('goes on after a task that fails', async () => {
    const mutex = new FifoMutex();
    const failing = mutex.run(() => Promise.reject(new Error('broken')));
    const next = mutex.run(() => 'next');
    await expect(failing).rejects.toThrow('broken');
    await expect(next).resolves.toBe('next');
  });

  it('refuses a signal that is aborted already', async () => {
    await expect(new FifoMutex().run(() => 'never', AbortSignal.abort('late'))).rejects.toBe('late');
  });

  it('lets nobody slip in between two tasks', async () => {
    const mutex = new FifoMutex();
    const order: number[] = [];
    const late: Promise<unknown>[] = [];
    const early = [0, 1].map((each) =>
      mutex.run(async () => {
        await Promise.resolve();
        order.push(each);
        late.push(mutex.run(() => order.push(each + 10)));
      }),
    );
    await Promise.all(early);
    await Promise.all(late);
    expect(order).toEqual([0, 1, 10, 11]);
  });
});
