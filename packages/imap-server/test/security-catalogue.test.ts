/**
 * Attacks on servers, a test each. Those about STARTTLS are in `serve-imap.test.ts`, about what may be sent before the
 * login, slow readers and guessing in `hostile.test.ts` and `login-guard.test.ts`, about what one user sees of another
 * in `session-fuzz.test.ts`, about masses of connections in `garbage.test.ts`, and
 * about what is kept of passwords in the tests of `@posthorn/users`.
 */
import type { Logger } from '@posthorn/core';
import { memoryStore } from '@posthorn/memory';
import { processorMilliseconds, randomNumbers } from '@posthorn/testkit';
import { describe, expect, test } from 'vitest';
import { deliver, loggedIn, RawClient, testServer } from './harness.ts';

async function greeted(server: ReturnType<typeof testServer>): Promise<RawClient> {
  const client = new RawClient(server.connect());
  await client.line();
  return client;
}

describe('APPEND', () => {
  test('a message that is too big is refused before its octets', async () => {
    const client = await loggedIn(testServer());
    expect(await client.run('APPEND INBOX {4294967296}')).toEqual([expect.stringMatching(/^NO \[TOOBIG\] /)]);
    expect(await client.run('NOOP')).toEqual(['OK Done']);
  });

  test('octets that come all the same are passed over, never taken for commands', async () => {
    const server = testServer({ limits: { maxMessageBytes: 10 } });
    const client = await loggedIn(server);
    const smuggled = 'x CREATE Smuggled\r\n'.repeat(20);
    await client.write(`a APPEND INBOX {${smuggled.length}+}\r\n${smuggled}\r\nb LIST "" *\r\n`);
    expect((await client.until('a')).at(-1)).toMatch(/^NO \[TOOBIG\] /);
    expect(await client.until('b')).toEqual(['* LIST (\\HasNoChildren) "/" INBOX', 'OK Done']);
  });

  test('a quota is looked at again once the message is there', async () => {
    const server = testServer({ store: memoryStore({ limits: { messages: 1 } }) });
    const [one, other] = [await loggedIn(server), await loggedIn(server)];
    await one.write('a APPEND INBOX {4}\r\n');
    expect(await one.line()).toMatch(/^\+ /);
    expect((await other.run('APPEND INBOX {2+}\r\nab')).at(-1)).toMatch(/^OK /);
    await one.write('abcd\r\n');
    expect((await one.until('a')).at(-1)).toMatch(/^NO \[OVERQUOTA\] /);
    expect(await other.run('STATUS INBOX (MESSAGES)')).toContain('* STATUS INBOX (MESSAGES 1)');
  });
});

describe('SASL', () => {
  test.each(['*', '!!!!', 'AAA', 'AGFsaWNl', 'AP8AcGFzcw==', '=', ''])(
    'an answer of %j fails one login',
    async (answer) => {
      const server = testServer({ limits: { loginFailureDelayMs: 0 } });
      const beside = await loggedIn(server);
      const client = await greeted(server);
      await client.write('a AUTHENTICATE PLAIN\r\n');
      expect(await client.line()).toMatch(/^\+/);
      await client.write(`${answer}\r\n`);
      expect((await client.until('a')).at(-1)).toMatch(/^(?:BAD|NO) /);
      expect(await client.run('SELECT INBOX')).toEqual(['BAD Log in first']);
      expect((await client.run('LOGIN alice secret')).at(-1)).toMatch(/^OK /);
      expect(await beside.run('NOOP')).toEqual(['OK Done']);
    },
  );

  test('a thousand logins that are given up leave nothing behind', async () => {
    const server = testServer({ limits: { loginFailureDelayMs: 0, maxLoginDelayMs: 0 } });
    for (let round = 0; round < 1_000; round++) {
      const client = await greeted(server);
      await client.write(round % 2 === 0 ? 'a AUTHENTICATE PLAIN\r\n' : 'a AUTHENTICATE PLAIN\r\n*\r\nb LOGIN {3}\r\n');
      if (round % 3 === 0) client.transport.destroy();
      else await client.transport.close();
    }
    await server.idle();
  });
});

describe('costs', () => {
  test.each(['SEARCH ', 'FETCH 1 ', 'LIST ', 'ID '])('%sof many parentheses is refused', async (command) => {
    const client = await loggedIn(testServer());
    await client.run('SELECT INBOX');
    expect((await client.run(`${command}${'('.repeat(60_000)}`)).at(-1)).toMatch(/^BAD /);
    expect(await client.run('NOOP')).toEqual(['OK Done']);
  });

  test.each([
    [`SEARCH ${'NOT '.repeat(100)}ALL`],
    [`SEARCH ${'OR ALL '.repeat(2_000)}ALL`],
    [`SEARCH ${'ALL '.repeat(2_000).trimEnd()}`],
    [`SEARCH ${'BODY a '.repeat(100).trimEnd()}`],
  ])('%s is too much', async (command) => {
    const client = await loggedIn(testServer());
    await client.run('SELECT INBOX');
    expect((await client.run(command)).at(-1)).toMatch(/^(?:BAD|NO \[LIMIT\]) /);
  });

  test('a pattern of many wildcards takes linear time', { retry: 4, timeout: 60_000 }, async () => {
    const server = testServer();
    const account = await server.account();
    for (let place = 0; place < 50; place++) await account.create([`${'a'.repeat(200)}${place}`]);
    const client = await loggedIn(server);
    const started = processorMilliseconds();
    expect(await client.run(`LIST "" ${'*a%a'.repeat(500)}b`)).toEqual(['OK Done']);
    // A matcher that goes back would not end.
    expect(processorMilliseconds() - started).toBeLessThan(5_000);
  });

  const HOSTILE: readonly (readonly [string, (size: number) => string])[] = [
    ['a part in each line', (size) => `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n'.repeat(size / 5)}`],
    ['message in message', (size) => 'Content-Type: message/rfc822\r\n\r\n'.repeat(size / 32)],
    ['addresses', (size) => `To: ${'(a)<b@c>,'.repeat(size / 9)}\r\n\r\n`],
    ['parameters', (size) => `Content-Type: text/plain${'; a*0*=%20'.repeat(size / 10)}\r\n\r\n`],
    [
      'boundaries that nearly fit',
      (size) => `Content-Type: multipart/mixed; boundary=bbbb\r\n\r\n${'--bbb\r\n'.repeat(size / 7)}`,
    ],
  ];
  test.each(HOSTILE)(
    'the structure of a message of %s takes linear time',
    { retry: 4, timeout: 60_000 },
    async (_, make) => {
      const server = testServer();
      await deliver(await server.account(), ['INBOX'], make(1 << 18), make(1 << 19), make(1 << 20));
      const client = await loggedIn(server);
      await client.run('SELECT INBOX');
      const cost = async (number: number): Promise<number> => {
        const started = processorMilliseconds();
        expect((await client.run(`FETCH ${number} (ENVELOPE BODYSTRUCTURE)`)).at(-1)).toBe('OK Fetched');
        return processorMilliseconds() - started;
      };
      await cost(1);
      const [half, whole] = [await cost(2), await cost(3)];
      expect(whole).toBeLessThan(half * 3 + 200);
    },
  );
});

test('commands run in their order, whatever the store takes for each', async () => {
  const random = randomNumbers(9);
  const fault = () => new Promise<void>((resolve) => setTimeout(resolve, random() * 5));
  const server = testServer({ store: memoryStore({ fault }) });
  const client = await loggedIn(server);
  const commands = [
    'APPEND INBOX {4+}\r\n1\r\n\r',
    'SELECT INBOX',
    'APPEND INBOX {4+}\r\n2\r\n\r',
    'STORE 1 +FLAGS (\\Deleted)',
    'CREATE Other',
    'COPY 1:2 Other',
    'EXPUNGE',
    'FETCH 1 BODY.PEEK[]<0.1>',
    'RENAME Other Others',
    'STATUS Others (MESSAGES)',
    'DELETE Others',
    'CLOSE',
    'NOOP',
  ];
  await client.write(commands.map((command, place) => `p${place} ${command}\r\n`).join(''));
  const answers: string[] = [];
  for (const place of commands.keys()) answers.push((await client.until(`p${place}`)).join('|'));
  for (const answer of answers) expect(answer).toMatch(/(?:^|\|)OK /);
  expect(answers[7]).toContain('{1}2');
  expect(answers[9]).toContain('MESSAGES 2');
});

test('what clients send is cut and escaped in the log', async () => {
  const logged: string[] = [];
  const write = (text: string, fields?: object): void => {
    logged.push(text, ...Object.values(fields ?? {}).map(String));
  };
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  const server = testServer({ logger, limits: { loginFailureDelayMs: 0 } });
  const client = await greeted(server);
  const name = `eve\r\nalice logged in\u001b[31m${'x'.repeat(3_000)}`;
  await client.run(`LOGIN {${name.length}+}\r\n${name} {1+}\r\ny`);
  await client.run(`NO\u001bSUCH ${'y'.repeat(3_000)}`);
  await client.run('LOGOUT');
  await server.idle();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  for (const text of logged) expect(text).not.toMatch(/[\u0000-\u001f\u007f]|eve/);
  for (const text of logged) expect(text.length).toBeLessThan(1_000);
});
