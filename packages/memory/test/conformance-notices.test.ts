import { accountId } from '@posthorn/core';
import { storeConformance } from '@posthorn/store-conformance';
import { expect, it } from 'vitest';
import { memoryStore } from '../src/index.ts';
import { BROKEN, type Breakage, broken } from './broken-stores.ts';

it.each(BROKEN)('a store that $fault does not pass', async ({ noticed, ...breakage }) => {
  const tests = [...collect(breakage)].filter(([name]) => name.includes(noticed));
  expect(tests).toHaveLength(1);
  await expect(tests[0]![1]()).rejects.toThrow();
});

it('every test passes without a breakage, also through the wrapper and another runner', async () => {
  for (const [, body] of collect({})) await body();
});

/** The tests of the suite by name: a runner of three lines. */
function collect(breakage: Breakage): ReadonlyMap<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>();
  storeConformance({
    name: 'broken',
    open: async () => {
      let onWrite: (() => void) | undefined;
      const store = memoryStore({ fault: () => onWrite?.() });
      return {
        store: broken(store, breakage),
        account: accountId('alice'),
        otherAccount: accountId('bob'),
        onWrite: (hook) => {
          onWrite = hook;
        },
        cleanup: () => store.close(),
      };
    },
    describe: (_, body) => body(),
    it: (name, body) => tests.set(name, body),
    propertyRuns: 100,
    bulkMessages: 10,
  });
  return tests;
}
