import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  countOf,
  deliver,
  greeted,
  loggedIn,
  message,
  passwordOf,
  RawClient,
  testServer,
  VALIDITY,
} from './harness.ts';

const LOGIN = `
  S: +OK Posthorn is ready
  C: USER alice
  S: +OK Now the password, with PASS
  C: PASS secret
  S: +OK Logged in
`;

describe('RFC 1939', () => {
  test('a session as in section 10', async () => {
    const server = testServer();
    const [first, second] = ['x'.repeat(118), 'y'.repeat(198)].map((text) => `${text}\r\n`);
    await deliver(server, [first!, second!]);
    await server.play(`
      ${LOGIN}
      C: STAT
      S: +OK 2 320
      C: LIST
      S: +OK Sizes follow
      S: 1 120
      S: 2 200
      S: .
      C: RETR 1
      S: +OK Message follows
      S: ${first!.trimEnd()}
      S: .
      C: DELE 1
      S: +OK Marked to be deleted
      C: RETR 2
      S: +OK Message follows
      S: ${second!.trimEnd()}
      S: .
      C: DELE 2
      S: +OK Marked to be deleted
      C: QUIT
      S: +OK Good-bye
      ! end
    `);
    expect(await countOf(server)).toBe(0);
  });

  test('commands in the wrong state, unknown ones, and arguments that make no sense', async () => {
    await testServer().play(`
      S: +OK Posthorn is ready
      C: STAT
      S: -ERR Log in first
      C: RETR 1
      S: -ERR Log in first
      C: NOOP
      S: -ERR Log in first
      C: XYZZY
      S: -ERR Unknown command
      C: PASS secret
      S: -ERR Give the name first, with USER
      C: USER alice
      S: +OK Now the password, with PASS
      C: CAPA x
      S: -ERR {any}
      C: PASS secret
      S: -ERR Give the name first, with USER
      C: USER alice
      S: +OK Now the password, with PASS
      C: PASS secret
      S: +OK Logged in
      C: USER bob
      S: -ERR You are logged in already
      C: AUTH PLAIN
      S: -ERR You are logged in already
      C: UTF8
      S: -ERR You are logged in already
      C: RETR
      S: -ERR {any}
      C: RETR 0
      S: -ERR {any}
      C: RETR -1
      S: -ERR {any}
      C: RETR 1
      S: -ERR There is no such message
      C: RETR 4294967296
      S: -ERR There is no such message
      C: TOP 1
      S: -ERR {any}
      C: LIST one
      S: -ERR {any}
      C: QUIT
      S: +OK Good-bye
      ! end
    `);
  });

  test('LIST, UIDL, DELE, RSET and NOOP (section 5 and 7)', async () => {
    const server = testServer();
    await deliver(server, [message('one'), message('two')]);
    await server.play(`
      ${LOGIN}
      C: LIST 2
      S: +OK 2 ${message('two').length}
      C: LIST 3
      S: -ERR There is no such message
      C: UIDL
      S: +OK Unique ids follow
      S: 1 00000001${VALIDITY}
      S: 2 00000002${VALIDITY}
      S: .
      C: UIDL 2
      S: +OK 2 00000002${VALIDITY}
      C: DELE 1
      S: +OK Marked to be deleted
      C: DELE 1
      S: -ERR There is no such message
      C: RETR 1
      S: -ERR There is no such message
      C: LIST 1
      S: -ERR There is no such message
      C: UIDL 1
      S: -ERR There is no such message
      C: STAT
      S: +OK 1 ${message('two').length}
      C: LIST
      S: +OK Sizes follow
      S: 2 ${message('two').length}
      S: .
      C: NOOP
      S: +OK Done
      C: RSET
      S: +OK Nothing is marked any more
      C: STAT
      S: +OK 2 ${message('one').length + message('two').length}
      C: DELE 2
      S: +OK Marked to be deleted
      C: QUIT
      S: +OK Good-bye
      ! end
    `);
    expect(await countOf(server)).toBe(1);
  });

  test('TOP: header, empty line and lines of the body (section 7)', async () => {
    const server = testServer();
    await deliver(server, [message('one', 'first\r\n.second\r\n.\r\nthird\r\n'), 'Subject: no body']);
    const client = await loggedIn(server);
    const header = ['From: Fred <fred@example.com>', 'Subject: one', ''];
    expect(await client.lines('TOP 1 0')).toEqual(header);
    expect(await client.lines('TOP 1 2')).toEqual([...header, 'first', '.second']);
    expect(await client.lines('TOP 1 100')).toEqual([...header, 'first', '.second', '.', 'third']);
    expect(await client.lines('TOP 2 5')).toEqual(['Subject: no body']);
    expect(await client.run('TOP 3 0')).toBe('-ERR There is no such message');
  });

  test('dots are stuffed (section 3)', async () => {
    const server = testServer();
    await deliver(server, ['.\r\n..\r\n.x\r\ny.\r\n']);
    const client = await loggedIn(server);
    await client.write('RETR 1\r\n');
    const lines: (string | undefined)[] = [];
    for (let count = 0; count < 6; count++) lines.push(await client.line());
    expect(lines).toEqual(['+OK Message follows', '..', '...', '..x', 'y.', '.']);
  });

  test('an empty maildrop, and an empty message', async () => {
    const server = testServer();
    let client = await loggedIn(server);
    expect(await client.run('STAT')).toBe('+OK 0 0');
    expect(await client.lines('LIST')).toEqual([]);
    expect(await client.lines('UIDL')).toEqual([]);
    await client.run('QUIT');
    await deliver(server, ['']);
    client = await loggedIn(server);
    expect(await client.lines('LIST')).toEqual(['1 0']);
    expect(await client.lines('RETR 1')).toEqual([]);
    expect(await client.lines('TOP 1 1')).toEqual([]);
  });

  test('APOP (section 7)', async () => {
    const server = testServer({ passwordOf, hostName: 'dbc.mtview.ca.us' });
    const client = new RawClient(server.connect());
    const stamp = /^\+OK Posthorn is ready (<[0-9a-f-]{36}@dbc\.mtview\.ca\.us>)$/.exec(
      (await client.line()) ?? '',
    )![1]!;
    const digest = createHash('md5').update(`${stamp}tanstaaf`).digest('hex');
    expect(await client.run(`APOP mrose ${digest.toUpperCase()}`)).toBe('+OK Logged in');
    const other = await greeted(testServer({ passwordOf, limits: { loginFailureDelayMs: 0 } }));
    for (const guess of [digest, 'c4c9334bac560ecc979e58001b3e22fb']) {
      expect(await other.run(`APOP mrose ${guess}`)).toBe('-ERR [AUTH] Name or password is wrong');
    }
    const third = await greeted(testServer({ passwordOf, limits: { loginFailureDelayMs: 0 } }));
    expect(await third.run('APOP nobody c4c9334bac560ecc979e58001b3e22fb')).toBe(
      '-ERR [AUTH] Name or password is wrong',
    );
    expect(await third.run('APOP mrose xyz')).toBe('-ERR [AUTH] Name or password is wrong');
    expect(await (await greeted(testServer())).run(`APOP mrose ${digest}`)).toBe('-ERR That command is not offered');
  });
});

describe('RFC 2449', () => {
  const BOTH = ['TOP', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING', 'USER', 'SASL PLAIN LOGIN', 'UTF8 USER'];
  const REST = ['LANG', 'EXPIRE NEVER', 'LOGIN-DELAY 0', 'IMPLEMENTATION Posthorn'];

  test('CAPA before and after login (section 3 and 5)', async () => {
    const client = await greeted(testServer());
    expect(await client.lines('CAPA')).toEqual([...BOTH, ...REST]);
    await client.run('USER alice');
    await client.run('PASS secret');
    expect(await client.lines('CAPA')).toEqual([...BOTH, ...REST]);
  });

  test('what cannot be used is not announced', async () => {
    const client = await greeted(testServer({ allowInsecureAuth: false }));
    const lines = await client.lines('CAPA');
    expect(lines).not.toContain('USER');
    expect(lines.join()).not.toMatch(/SASL|STLS/);
    expect(await client.run('USER alice')).toBe('-ERR Use STLS first');
    expect(await client.run('AUTH PLAIN AGFsaWNlAHNlY3JldA==')).toBe('-ERR Use STLS first');
    const bare = await greeted(testServer({ capabilities: ['top', 'UIDL', 'LANG', 'SASL', 'APOP'], passwordOf }));
    expect((await bare.lines('CAPA')).join()).not.toMatch(/TOP|UIDL|LANG|SASL/);
    for (const command of ['LANG', 'AUTH', 'TOP 1 0', 'UIDL', 'APOP alice x']) {
      expect(await bare.run(command)).toBe('-ERR That command is not offered');
    }
    const picky = await greeted(testServer({ capabilities: (name) => name === 'UIDL' }));
    expect(await picky.lines('CAPA')).toEqual(['UIDL']);
  });

  test('EXPIRE and LOGIN-DELAY (section 6.5 and 6.7)', async () => {
    let now = 0;
    const timers = { now: () => now, start: () => undefined, stop: () => undefined };
    const server = testServer({ expireDays: 30, loginDelaySeconds: 900, timers });
    const first = await greeted(server);
    expect(await first.lines('CAPA')).toEqual(expect.arrayContaining(['EXPIRE 30', 'LOGIN-DELAY 900']));
    await first.write('USER alice\r\nPASS secret\r\n');
    await first.line();
    expect(await first.line()).toBe('+OK Logged in');
    const second = await greeted(server);
    now = 899_000;
    await second.run('USER alice');
    expect(await second.run('PASS secret')).toBe('-ERR [LOGIN-DELAY] Log in no more often than every 900 seconds');
    await second.run('USER bob');
    now = 900_000;
    expect(await second.run('PASS other')).toBe('+OK Logged in');
    expect(await (await loggedIn(server)).run('NOOP')).toBe('+OK Done');
  });

  test('a login that the store refuses does not count for LOGIN-DELAY', async () => {
    const timers = { now: () => 0, start: () => undefined, stop: () => undefined };
    const client = await greeted(testServer({ mailbox: ['Nowhere'], loginDelaySeconds: 900, timers }));
    for (let attempt = 0; attempt < 2; attempt++) {
      await client.run('USER alice');
      expect(await client.run('PASS secret')).toBe('-ERR [SYS/PERM] There is no such mailbox');
    }
  });

  test('PIPELINING: commands are answered in order (section 6.6)', async () => {
    const server = testServer();
    await deliver(server, [message('one'), message('two')]);
    const client = await greeted(server);
    await client.write(
      'USER alice\r\nPASS secret\r\nSTAT\r\nRETR 1\r\nDELE 1\r\nUIDL 2\r\nTOP 2 0\r\nQUIT\r\nNOOP\r\n',
    );
    const lines = await client.rest();
    expect(lines.filter((line) => /^[+-]/.test(line))).toEqual([
      '+OK Now the password, with PASS',
      '+OK Logged in',
      `+OK 2 ${2 * message('one').length}`,
      '+OK Message follows',
      '+OK Marked to be deleted',
      `+OK 2 00000002${VALIDITY}`,
      '+OK Message follows',
      '+OK Good-bye',
    ]);
    expect(await countOf(server)).toBe(1);
  });
});

describe('RFC 6856', () => {
  test('LANG (section 3.3)', async () => {
    await testServer().play(`
      S: +OK Posthorn is ready
      C: LANG MUL
      S: -ERR That language is not spoken here
      C: LANG
      S: +OK Languages follow
      S: en English
      S: .
      C: LANG EN
      S: +OK en Language chosen
      C: LANG *
      S: +OK en Language chosen
    `);
  });

  test('UTF8 (section 2.1), and the names it allows (section 2.2)', async () => {
    const server = testServer({
      authenticator: {
        checkPassword: async (user, password) => (user + password === 'jürgenпароль' ? 'x' : undefined) as never,
      },
    });
    const client = await greeted(server);
    expect(await client.run('UTF8')).toBe('+OK UTF-8 it is');
    await client.run('USER jürgen');
    expect(await client.run('PASS пароль')).toBe('+OK Logged in');
  });

  test('messages that need UTF-8 are sent, or refused with [UTF8] (section 5)', async () => {
    const international = 'Subject: Grüße\r\n\r\nx\r\n';
    for (const utf8Headers of ['send', 'refuse'] as const) {
      const server = testServer({ utf8Headers });
      await deliver(server, [international, 'Subject: x\r\n\r\nGrüße\r\n']);
      const account = await server.account();
      const inbox = await account.mailbox(['INBOX']);
      await inbox.append([{ body: [Uint8Array.of(0x53, 0x3a, 0xe9, 13, 10, 13, 10)] }]);
      const client = await loggedIn(server);
      const refusal = '-ERR [UTF8] The header is UTF-8: use UTF8 first';
      expect(await client.run('RETR 1')).toBe(utf8Headers === 'send' ? '+OK Message follows' : refusal);
      if (utf8Headers === 'send') continue;
      expect(await client.run('TOP 1 0')).toBe(refusal);
      expect(await client.lines('RETR 2')).toHaveLength(3);
      expect(await client.lines('RETR 3')).toHaveLength(2);
      const modern = await greeted(server);
      await modern.write('UTF8\r\nUSER alice\r\nPASS secret\r\n');
      for (let count = 0; count < 3; count++) await modern.line();
      expect(await modern.lines('RETR 1')).toHaveLength(3);
    }
  });
});
