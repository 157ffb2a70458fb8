import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountId } from '@posthorn/core';
import { storeConformance } from '@posthorn/store-conformance';
import { describe, it } from 'vitest';
import { openMaildir } from '../src/index.ts';

storeConformance({
  name: 'maildir',
  describe,
  it: (name, body) => it(name, body, 60_000),
  open: async () => {
    const root = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'posthorn-maildir-'));
    let onWrite: (() => void) | undefined;
    const open = () =>
      openMaildir(root, { accounts: 'per-user', fsync: false, settableQuota: true, fault: () => onWrite?.() });
    let store = open();
    return {
      store,
      account: accountId('alice'),
      otherAccount: accountId('bob'),
      reopen: async () => {
        await store.close();
        store = open();
        return store;
      },
      onWrite: (hook) => {
        onWrite = hook;
      },
      cleanup: async () => {
        await store.close();
        await rm(root, { recursive: true, force: true });
      },
    };
  },
});
