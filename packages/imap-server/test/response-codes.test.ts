import { type Account, accountId, type MailStore, StoreError, type StoreErrorCode } from '@posthorn/core';
import { expect, test } from 'vitest';
import { deliver, loggedIn, message, testServer, testStore } from './harness.ts';

/** A store like any other, whose mailboxes refuse to change for a reason. */
function refusing(store: MailStore, code: StoreErrorCode): MailStore {
  const refuse = async (): Promise<never> => {
    throw new StoreError(code, 'said for logs alone');
  };
  const changing = new Set(['create', 'delete', 'rename', 'append', 'store', 'expunge', 'transfer']);
  const wrap = <T extends object>(inner: T): T =>
    new Proxy(inner, {
      get(target, name) {
        if (changing.has(String(name))) return refuse;
        const value = Reflect.get(target, name, target) as unknown;
        if (typeof value !== 'function') return value;
        if (name === 'open' || name === 'mailbox')
          return async (...args: unknown[]) => wrap((await Reflect.apply(value, target, args)) as object);
        return value.bind(target) as unknown;
      },
    });
  return wrap(store);
}

test.each<[StoreErrorCode, string]>([
  ['STORE_ALREADY_EXISTS', 'NO [ALREADYEXISTS] There is a mailbox of that name'],
  ['STORE_HAS_CHILDREN', 'NO [HASCHILDREN] The name holds other mailboxes'],
  ['STORE_READ_ONLY', 'NO [READ-ONLY] The mailbox is read-only'],
  ['STORE_CANNOT', 'NO [CANNOT] That cannot be done'],
  ['STORE_NO_PERMISSION', 'NO [NOPERM] You may not do that'],
  ['STORE_OVER_QUOTA', 'NO [OVERQUOTA] There is no space left'],
  ['STORE_LIMIT', 'NO [LIMIT] A limit is reached'],
  ['STORE_EXPUNGED', 'NO [EXPUNGEISSUED] Some of the messages no longer exist'],
  ['STORE_IN_USE', 'NO [INUSE] The mailbox is in use, try again'],
  ['STORE_CORRUPT', 'NO [CORRUPTION] The mailbox is damaged'],
  ['STORE_UNAVAILABLE', 'NO [UNAVAILABLE] The mail store failed, try again later'],
])('what a store refuses with %s is answered with %s', async (code, answer) => {
  const inner = testStore();
  const account: Account = await inner.open(accountId('alice'));
  await account.create(['Old']);
  await deliver(account, ['INBOX'], message('one'));
  const client = await loggedIn(testServer({ store: refusing(inner, code) }));
  await client.run('SELECT INBOX');
  for (const command of [
    'CREATE New',
    'RENAME Old New',
    'DELETE Old',
    'STORE 1 +FLAGS (\\Seen)',
    'COPY 1 Old',
    'MOVE 1 Old',
  ]) {
    expect([command, (await client.run(command)).at(-1)]).toEqual([command, answer]);
  }
  // Nothing of it ends the session, and what the client sends of a message all the same is skipped.
  const appended = (await client.run('APPEND Old {4+}\r\nA:b\n')).at(-1);
  expect(appended).toBe(answer);
  expect(await client.run('NOOP')).toEqual(['OK Done']);
});

test('a mailbox deleted while it takes a message is one to be created (RFC 9051 section 6.3.12)', async () => {
  const inner = testStore();
  await (await inner.open(accountId('alice'))).create(['Old']);
  const client = await loggedIn(testServer({ store: refusing(inner, 'STORE_NONEXISTENT') }));
  expect((await client.run('APPEND Old {4+}\r\nA:b\n')).at(-1)).toBe('NO [TRYCREATE] Create the mailbox first');
});

test('what nobody expected is answered with SERVERBUG, logged, and counted; nothing of it is told', async () => {
  const errors: string[] = [];
  const logged: string[] = [];
  const inner = testStore();
  const store: MailStore = {
    ...inner,
    traits: inner.traits,
    async open(...args) {
      const account = await inner.open(...args);
      account.create = async () => {
        throw new TypeError('secret inner state');
      };
      return account;
    },
  };
  const silent = () => {};
  const logger = { debug: silent, info: silent, warn: silent, error: (text: string) => logged.push(text) };
  const client = await loggedIn(testServer({ store, logger, observer: { error: (where) => void errors.push(where) } }));
  expect(await client.run('CREATE New')).toEqual(['NO [SERVERBUG] Internal error']);
  expect(errors).toEqual(['command']);
  expect(logged).toEqual(['command failed unexpectedly']);
});
