import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Account, accountId, type MailStore } from '@posthorn/core';
import { expect, test } from 'vitest';
import type { SessionOptions } from '../src/index.ts';
import { loggedIn, RawClient, testServer, testStore, USERS } from './harness.ts';

const DOCUMENT = new URL('../docs/capabilities.md', import.meta.url);

/** The rows of the tables of the document, as cells. */
async function rowsOf(heading: string): Promise<readonly (readonly string[])[]> {
  const text = await readFile(DOCUMENT, 'utf8');
  const section = text.split(`## ${heading}\n`)[1]!.split('\n## ')[0]!;
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

/** A server that knows every way to log in. */
const EVERY_WAY: Partial<SessionOptions> = {
  authenticator: {
    ...USERS,
    scramKeys: async () => undefined,
    authorize: async () => undefined,
    checkToken: async () => undefined,
  },
  mechanisms: {
    scramHashes: ['SHA-512', 'SHA-256', 'SHA-1'],
    cramMd5: { host: 'localhost', passwordOf: async () => undefined },
    anonymous: { account: accountId('nobody') },
    userOf: () => 'alice',
  },
};

/** A store that lets its users set limits. */
function settingQuota(): MailStore {
  const inner = testStore();
  const open = async (...args: Parameters<MailStore['open']>): Promise<Account> => {
    const account = await inner.open(...args);
    const quota = { ...account.quota!, limit: async () => {} };
    return new Proxy(account, {
      get(target, name) {
        if (name === 'quota') return quota;
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  };
  return { ...inner, traits: inner.traits, open };
}

async function announced(client: RawClient): Promise<readonly string[]> {
  const [line] = await client.run('CAPABILITY');
  return line!.split(' ').slice(2);
}

test('the table of capabilities names what is announced before and after login, and nothing else', async () => {
  const rows = await rowsOf('Capabilities');
  const named = (when: string): readonly string[] =>
    rows
      .filter((row) => row[2] === when || row[2] === 'both')
      .map(([name]) => name!)
      .toSorted();
  const tls = { cert: 'never used', key: 'never used' };
  const before = new Set<string>();
  for (const options of [{ tls, allowInsecureAuth: false }, EVERY_WAY, { capabilities: ['LITERAL+'] }]) {
    const client = new RawClient(testServer(options).connect());
    await client.line();
    for (const name of await announced(client)) before.add(name);
  }
  expect([...before].toSorted()).toEqual(named('before'));
  const after = new Set<string>();
  for (const options of [{ compress: true, store: settingQuota() }, { capabilities: ['LITERAL+'] }])
    for (const name of await announced(await loggedIn(testServer(options)))) after.add(name);
  expect([...after].toSorted()).toEqual(named('after'));
});

test('every capability and response code has a test that names it', async () => {
  const rows = [...(await rowsOf('Capabilities')), ...(await rowsOf('Response codes'))];
  expect(rows.length).toBeGreaterThan(100);
  for (const row of rows) {
    const file = new URL(row.at(-1)!, import.meta.url);
    expect(existsSync(file), row.join(' ')).toBe(true);
  }
  for (const [code, , , file] of await rowsOf('Response codes')) {
    const text = await readFile(new URL(file!, import.meta.url), 'utf8');
    expect(text, `${file} says nothing of ${code}`).toMatch(new RegExp(`\\[${code}\\b`));
  }
});
