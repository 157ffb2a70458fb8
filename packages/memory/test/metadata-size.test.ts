import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { accountId, uid, utf8Bytes } from '@posthorn/core';
import { rangeSet } from '@posthorn/message-set';
import { expect, it } from 'vitest';
import { memoryStore } from '../src/index.ts';

const MESSAGES = 100_000;

it('keeps the metadata of 100,000 messages in under 60 MB', async () => {
  const store = memoryStore();
  const account = await store.open(accountId('alice'));
  const inbox = await account.mailbox(['INBOX']);
  const before = heapUsed();
  for (let start = 0; start < MESSAGES; start += 1_000) {
    await inbox.append(
      Array.from({ length: 1_000 }, (_, index) => ({
        body: [utf8Bytes(`Subject: ${start + index}\r\n\r\n`)],
        flags: index % 2 === 0 ? ['\\Seen', '$Label1'] : [],
        internalDate: { epochSeconds: 1_700_000_000 + start + index, offsetMinutes: 60 },
      })),
    );
  }
  await inbox.store(rangeSet(uid(1), uid(50_000)), 'add', ['\\Flagged']);
  expect((heapUsed() - before) / 1e6).toBeLessThan(60);
  expect((await account.status(['INBOX'])).messages).toBe(MESSAGES);
});

/** After a collection, so that only what is held counts. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}
