import { describe, it } from 'node:test';
import { accountId } from '@posthorn/core';
import { storeConformance } from '@posthorn/store-conformance';
import { tinyStore } from './tiny-store.ts';

storeConformance({
  name: 'tiny store',
  open: async () => {
    const store = tinyStore();
    return {
      store,
      account: accountId('alice'),
      otherAccount: accountId('bob'),
      cleanup: () => store.close(),
    };
  },
  describe,
  it,
});
