import { describe, it } from 'node:test';
import { accountId } from '@posthorn/core';
import { storeConformance } from '@posthorn/store-conformance';
import { myStore } from './my-store.ts';

storeConformance({
  name: 'my store',
  open: async () => {
    const store = myStore();
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
