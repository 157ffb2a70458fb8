import { playPop3 } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connect, type Pop3Client } from '../src/index.ts';

const evil = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', ' ', '"', '\\', '\r', '\n', '\0', '.', '=', '\u00e9', '\u{1f4e7}', '1', '\t', '\x7f'),
    maxLength: 12,
  }),
  fc.constantFrom('\r\nDELE 1\r\n', 'x\nQUIT', '1\r\nDELE 2', '', ' ', '\ud800', '-1', '1e3'),
);

type Call = (client: Pop3Client, value: string) => Promise<unknown>;

const calls: readonly (readonly [string, readonly string[], Call])[] = [
  ['user', ['USER', 'PASS'], (client, user) => client.login({ user, password: 'x', mechanisms: ['USER'] })],
  ['password', ['USER', 'PASS'], (client, password) => client.login({ user: 'x', password, mechanisms: ['USER'] })],
  ['user of APOP', ['APOP'], (client, user) => client.login({ user, password: 'x', apop: true })],
  ['user of PLAIN', ['AUTH'], (client, user) => client.login({ user, password: 'x', mechanisms: ['PLAIN'] })],
  ['password of PLAIN', ['AUTH'], (client, password) => client.login({ user: 'x', password, mechanisms: ['PLAIN'] })],
  ['language', ['LANG'], (client, value) => client.setLanguage(value)],
  ['command', ['*'], (client, value) => client.command(value)],
  ['argument', ['X-A'], (client, value) => client.command('X-A', value)],
  ['argument with a body', ['X-A'], (client, value) => client.commandWithBody('X-A', value)],
  ['number to retrieve', ['RETR'], (client, value) => client.retrieve(value as unknown as number)],
  ['number of TOP', ['TOP'], (client, value) => client.top(value as unknown as number, 0)],
  ['lines of TOP', ['TOP'], (client, value) => client.top(1, value as unknown as number)],
  ['number to delete', ['DELE'], (client, value) => client.delete(value as unknown as number)],
  ['number of a size', ['LIST'], (client, value) => client.sizeOf(value as unknown as number)],
  ['number of an id', ['UIDL'], (client, value) => client.uniqueIdOf(value as unknown as number)],
];

test.each(calls)('%s: one command, or none', async (_, allowed, call) => {
  await fc.assert(
    fc.asyncProperty(evil, async (value) => {
      const [mine, theirs] = memoryPair();
      const refuseAll = Object.fromEntries(['PASS', 'APOP', 'AUTH', 'X-A'].map((name) => [name, '-ERR no']));
      const server = playPop3(theirs, { greeting: '+OK <1@b>', on: refuseAll });
      const client = await connect({ transport: mine, allowInsecureAuth: true });
      await call(client, value).catch(() => {});
      expect(client.isClosed).toBe(false);
      await client.command('X-END').catch(() => {});
      client.destroy();
      const lines = (await server).map(({ line }) => line).filter((line) => line !== 'CAPA');
      expect(lines.pop()).toBe('X-END');
      expect(lines.length).toBeLessThanOrEqual(allowed.length);
      for (const line of lines) {
        expect(line).not.toMatch(/[\r\n\0]/);
        if (allowed[0] !== '*') expect(allowed).toContain(line.split(' ')[0]);
        else expect(line).toBe(value.toUpperCase());
      }
    }),
    { numRuns: 60 },
  );
});
