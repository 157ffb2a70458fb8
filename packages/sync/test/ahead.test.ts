import { describe, expect, it } from 'vitest';
import { oneAhead } from '../src/ahead.ts';

/** Counts up, and notes what was asked for and that it was ended. */
function counter(most: number, failAt = Number.POSITIVE_INFINITY) {
  const log: string[] = [];
  async function* values(): AsyncGenerator<number> {
    try {
      for (let each = 1; each <= most; each++) {
        log.push(`ask ${each}`);
        if (each === failAt) throw new Error('no more');
        yield each;
      }
    } finally {
      log.push('end');
    }
  }
  return { log, values: values() };
}

describe('oneAhead', () => {
  it('asks for the next value before the last one is used, and for no more', async () => {
    const { log, values } = counter(3);
    for await (const value of oneAhead(values, () => true)) {
      await Promise.resolve();
      log.push(`use ${value}`);
    }
    expect(log).toEqual(['ask 1', 'ask 2', 'use 1', 'ask 3', 'use 2', 'end', 'use 3']);
  });

  it('uses up a value that must not overlap', async () => {
    const { log, values } = counter(2);
    for await (const value of oneAhead(values, (each) => each !== 1)) log.push(`use ${value}`);
    expect(log).toEqual(['ask 1', 'use 1', 'ask 2', 'end', 'use 2']);
  });

  it('hands on a failure after the values before it', async () => {
    const { log, values } = counter(3, 2);
    const used: number[] = [];
    const run = async () => {
      for await (const value of oneAhead(values, () => true)) used.push(value);
    };
    await expect(run()).rejects.toThrow('no more');
    expect({ used, ended: log.at(-1) }).toEqual({ used: [1], ended: 'end' });
  });

  it('ends the source when the loop is left', async () => {
    const { log, values } = counter(9);
    for await (const value of oneAhead(values, () => true)) if (value === 2) break;
    expect(log).toEqual(['ask 1', 'ask 2', 'ask 3', 'end']);
  });
});
