import type { Envelope, Flag } from '@posthorn/core';
import { expect, expectTypeOf, test } from 'vitest';
import { type FetchedBody, type MailboxDifference, openAccount } from '../src/index.ts';
import { ModelServer } from './account-server.ts';

test('what an account fetches has the type of what was asked for', async () => {
  const server = new ModelServer();
  server.append(['\\Seen']);
  const account = await openAccount({
    transport: server.connect,
    auth: async ({ refused, signal }) => {
      expectTypeOf(refused?.code).toEqualTypeOf<NonNullable<typeof refused>['code'] | undefined>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return { user: 'alice', password: 'secret' };
    },
    allowInsecureAuth: true,
  });
  const inbox = await account.mailbox('INBOX');
  for await (const message of inbox.fetch('1:*', { flags: true, body: true })) {
    expectTypeOf(message.flags).toEqualTypeOf<readonly Flag[]>();
    expectTypeOf(message.body).toEqualTypeOf<FetchedBody>();
    // @ts-expect-error The envelope was not asked for.
    expect(message.envelope satisfies Envelope | undefined).toBeUndefined();
    expect(message.flags).toEqual(['\\Seen']);
  }
  expectTypeOf(inbox.changes()).toEqualTypeOf<AsyncIterable<MailboxDifference>>();
  // @ts-expect-error Sequence numbers mean nothing across connections.
  expect(() => inbox.fetch({ sequenceNumbers: '1' }, {})[Symbol.asyncIterator]()).not.toThrow();
  account.destroy();
});
