import { accountId, collectBytes } from '@posthorn/core';
import { storeConformance } from '@posthorn/store-conformance';
import { describe, it } from 'vitest';
import { memoryStore, restoreMemoryStore } from '../src/index.ts';

storeConformance({
  name: 'memory, restored of a snapshot',
  open: async () => {
    const first = memoryStore();
    // What the tests start with is a restored store, and a restart is another one.
    for (const name of ['alice', 'bob']) await first.open(accountId(name));
    let store = await restoreMemoryStore(first.snapshot());
    const reopen = async () => {
      const snapshot = await collectBytes(store.snapshot());
      await store.close();
      store = await restoreMemoryStore(snapshot);
      return store;
    };
    return {
      store,
      account: accountId('alice'),
      otherAccount: accountId('bob'),
      reopen,
      cleanup: () => store.close(),
    };
  },
  describe,
  it,
  traits: { durableModSeq: true },
  propertyRuns: 10,
  bulkMessages: 1_000,
});

storeConformance({
  name: 'memory',
  open: async () => {
    let onWrite: (() => void) | undefined;
    const store = memoryStore({ acl: true, settableLimits: true, fault: () => onWrite?.() });
    return {
      store,
      account: accountId('alice'),
      otherAccount: accountId('bob'),
      onWrite: (hook) => {
        onWrite = hook;
      },
      cleanup: () => store.close(),
    };
  },
  describe,
  it,
  propertyRuns: 100,
  bulkMessages: 10_000,
});
