import type { MailboxPath } from '@posthorn/core';
import { StoreError } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountSource, pull } from '../src/index.ts';
import { escapePath, protectPath } from '../src/target-mailbox.ts';
import { deliver, finish, freshAccount, textsOf } from './accounts.ts';

describe('names a store cannot hold', () => {
  it('are written with the numbers of the characters it refuses', () => {
    expect(escapePath(['Receipts 2.0', '~tilde~', 'a/b%'])).toEqual(['Receipts 2%2E0', '%7Etilde~', 'a%2Fb%']);
    expect(escapePath(['..', '', 'half \ud83d', 'whole 😀'])).toEqual(['%2E%2E', '%00', 'half %D83D', 'whole 😀']);
  });

  it('never become one with another name', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '.', '%', '2', 'E', '5', '/', '~'), maxLength: 8 });
    fc.assert(
      fc.property(name, name, fc.boolean(), fc.boolean(), (left, right, leftHeld, rightHeld) => {
        const written = (text: string, isHeld: boolean) => (isHeld ? protectPath([text]) : escapePath([text]))[0];
        // A store that holds a name as it is never sees that name escaped: equal names are written alike.
        if (left === right) return;
        const refused = /[./]|^~/;
        const [first, second] = [leftHeld && !refused.test(left), rightHeld && !refused.test(right)];
        expect(written(left, first)).not.toBe(written(right, second));
      }),
      { numRuns: 2_000 },
    );
  });

  it('are brought under the other name, again and again', async () => {
    const source = await freshAccount();
    await source.create(['Receipts 2.0']);
    await deliver(source, ['Receipts 2.0'], ['paid']);
    const target = await freshAccount();
    const picky = new Proxy(target, {
      get(account, name) {
        const value = Reflect.get(account, name) as unknown;
        if (name !== 'create') return typeof value === 'function' ? value.bind(account) : value;
        return async (path: MailboxPath, options: object) => {
          if (path.some((part) => part.includes('.'))) throw new StoreError('STORE_CANNOT', 'no dots here');
          return account.create(path, options);
        };
      },
    });
    for (const added of [1, 0]) {
      const { done } = await finish(pull(accountSource(source, 'a'), picky));
      expect(done).toMatchObject({ added, failed: 0 });
    }
    expect(await textsOf(target, ['Receipts 2%2E0'])).toEqual(['paid']);
  });

  it('are reported when nothing helps, and the other mailboxes are brought all the same', async () => {
    const source = await freshAccount();
    await source.create(['Refused']);
    await deliver(source, ['INBOX'], ['one']);
    const target = await freshAccount();
    const picky = new Proxy(target, {
      get(account, name) {
        const value = Reflect.get(account, name) as unknown;
        if (name !== 'create') return typeof value === 'function' ? value.bind(account) : value;
        return async (path: MailboxPath, options: object) => {
          if (path[0] === 'Refused') throw new StoreError('STORE_CANNOT', 'not that one');
          return account.create(path, options);
        };
      },
    });
    const { done, events } = await finish(pull(accountSource(source, 'a'), picky));
    expect(done).toMatchObject({ added: 1, failed: 1 });
    expect(events).toContainEqual({ type: 'warning', path: ['Refused'], message: 'not that one' });
  });
});
