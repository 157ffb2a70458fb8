import {
  type Account,
  type Flag,
  hasFlag,
  type Mailbox,
  type NewMessage,
  StoreError,
  SYSTEM_FLAGS,
  uid,
} from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { expect, it } from 'vitest';
import { accountSource, memoryState, pull } from '../src/index.ts';
import { contentOf, deliver, EVERYTHING, finish, freshAccount, INBOX } from './accounts.ts';

/** The account, as if its mailboxes could hold no keyword but those given. */
function withKeywords(account: Account, held: readonly Flag[]): Account {
  const check = (flags: readonly Flag[]): void => {
    if (!flags.every((flag) => hasFlag(SYSTEM_FLAGS, flag) || held.includes(flag))) {
      throw new StoreError('STORE_LIMIT', 'too many keywords');
    }
  };
  const limited = (mailbox: Mailbox): Mailbox => ({
    ...bound(mailbox),
    append: async (batch: readonly NewMessage[], options) => {
      for (const { flags = [] } of batch) check(flags);
      return mailbox.append(batch, options);
    },
    store: async (uids, operation, flags, options) => {
      check(flags);
      return mailbox.store(uids, operation, flags, options);
    },
  });
  return { ...bound(account), mailbox: async (path, options) => limited(await account.mailbox(path, options)) };
}

/** A plain object with all methods and values of another. */
function bound<Value extends object>(value: Value): Value {
  const proxy = new Proxy(value, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  const names = new Set<string>();
  for (let each: object = value; each !== Object.prototype; each = Object.getPrototypeOf(each)) {
    for (const name of Object.getOwnPropertyNames(each)) names.add(name);
  }
  names.delete('constructor');
  return Object.fromEntries([...names].map((name) => [name, Reflect.get(proxy, name)])) as Value;
}

it('brings messages whose keywords the target cannot hold, without those', async () => {
  const source = await freshAccount();
  await deliver(source, INBOX, ['one'], ['\\Seen', 'fine']);
  await deliver(source, INBOX, ['two'], ['\\Flagged', 'one too many']);
  const target = await freshAccount();
  const state = memoryState();
  const run = () => finish(pull(accountSource(source, 'a'), withKeywords(target, ['fine']), { state }));
  const first = await run();
  expect(first.done).toMatchObject({ added: 2, failed: 0 });
  expect(first.events.filter(({ type }) => type === 'warning')).toHaveLength(1);
  expect(await contentOf(target)).toMatchObject({
    INBOX: { messages: { 1: { flags: ['\\Seen', 'fine'] }, 2: { flags: ['\\Flagged'] } } },
  });
  await (await source.mailbox(INBOX)).store(setOf([uid(2)]), 'replace', ['\\Answered', 'one too many']);
  expect((await run()).done.flagsChanged).toBe(1);
  expect(await contentOf(target)).toMatchObject({ INBOX: { messages: { 2: { flags: ['\\Answered'] } } } });
});

it('leaves out flags that only their server knows', async () => {
  const source = await freshAccount();
  await deliver(source, INBOX, ['one'], ['\\Seen', 'mine']);
  const target = await freshAccount();
  const odd = accountSource(source, 'a');
  const spoken = {
    ...odd,
    open: async (...asked: Parameters<typeof odd.open>) => {
      const mailbox = await odd.open(...asked);
      const more = (flags: readonly Flag[]) => [...flags, '\\Recent', '\\NonJunk'];
      return {
        ...mailbox,
        flags: async function* (...options: Parameters<typeof mailbox.flags>) {
          for await (const message of mailbox.flags(...options)) yield { ...message, flags: more(message.flags) };
        },
        messagesOf: async function* (...options: Parameters<typeof mailbox.messagesOf>) {
          for await (const message of mailbox.messagesOf(...options)) yield { ...message, flags: more(message.flags) };
        },
      };
    },
  };
  const { done } = await finish(pull(spoken, target));
  expect(done).toMatchObject({ added: 1, flagsChanged: 0 });
  const inbox = await target.mailbox(INBOX);
  for await (const { flags } of inbox.scan(EVERYTHING, ['flags'])) expect(flags.toSorted()).toEqual(['\\Seen', 'mine']);
});
