import { accountId } from '@posthorn/core';
import { storeConformance } from '@posthorn/store-conformance';
import { describe, it } from 'vitest';
import { memoryStore } from '../src/index.ts';

storeConformance({
  name: 'memory',
  open: async () => {
    const store = memoryStore();
    return { store, account: accountId('alice'), otherAccount: accountId('bob'), cleanup: () => store.close() };
  },
  describe,
  it,
  propertyRuns: 100,
  bulkMessages: 10_000,
});
