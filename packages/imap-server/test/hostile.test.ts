import { AuthenticationError, type Logger, utf8Bytes } from '@posthorn/core';
import { everySplit, octetByOctet, randomNumbers, TestTimers } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { describe, expect, test } from 'vitest';
import { handleConnection } from '../src/index.ts';
import { deliver, loggedIn, message, RawClient, testServer, USERS } from './harness.ts';

const MINUTE = 60_000;

/** Everything the server says until it closes, cut into lines. */
async function rest(client: RawClient): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let line = await client.line(); line !== undefined; line = await client.line()) lines.push(line);
  return lines;
}

function greeted(server: ReturnType<typeof testServer>): RawClient {
  return new RawClient(server.connect());
}

describe('limits before login', () => {
  test('a line of more than 8 KiB ends the connection', async () => {
    const client = greeted(testServer());
    await client.write(`a LOGIN ${'x'.repeat(9_000)}`);
    expect((await rest(client)).at(-1)).toBe('* BYE That cannot be IMAP');
  });

  test('a literal of more than 4 KiB is refused, and skipped when it comes all the same', async () => {
    const client = greeted(testServer());
    await client.line();
    expect(await client.run('LOGIN {5000}')).toEqual([expect.stringMatching(/^BAD /)]);
    const smuggled = 'x LOGIN alice secret\r\n'.padEnd(5_000, 'y');
    await client.write(`b LOGIN {5000+}\r\n${smuggled} secret\r\n`);
    expect(await client.line()).toMatch(/^b BAD /);
    expect(await client.run('NOOP')).toEqual(['OK Done']);
    expect(await client.run('SELECT INBOX')).toEqual(['BAD Log in first']);
  });

  test('a message cannot be sent', async () => {
    const client = greeted(testServer());
    await client.line();
    expect(await client.run('APPEND INBOX {100}')).toEqual(['BAD Log in first']);
    await client.write('b APPEND INBOX {22+}\r\nx LOGIN alice secret\r\n\r\n');
    expect(await client.line()).toBe('b BAD Log in first');
    expect(await client.run('SELECT INBOX')).toEqual(['BAD Log in first']);
  });

  test('who does not log in within a minute is sent away', async () => {
    const timers = new TestTimers();
    const client = greeted(testServer({ timers }));
    await client.line();
    await timers.advance(40_000);
    await client.run('NOOP');
    await timers.advance(19_000);
    expect(await client.run('NOOP')).toEqual(['OK Done']);
    await timers.advance(2_000);
    expect(await rest(client)).toEqual(['* BYE You took too long to log in']);
  });

  test('who talks another protocol is sent away', async () => {
    const client = greeted(testServer());
    const header = 'GET / HTTP/1.1\r\nHost: mail.example.org\r\n';
    await client.write(header.repeat(20));
    expect((await rest(client)).at(-1)).toBe('* BYE Too many commands are wrong');
  });
});

describe('guessing passwords', () => {
  test('failures are answered later and later, and the third ends the connection', async () => {
    const timers = new TestTimers();
    const client = greeted(testServer({ timers }));
    await client.line();
    for (const [attempt, delay] of [1_000, 2_000, 4_000].entries()) {
      const answer = client.run(attempt === 1 ? 'AUTHENTICATE PLAIN AGFsaWNlAHdyb25n' : 'LOGIN alice wrong');
      await timers.advance(delay - 1);
      expect(timers.hasDue(1)).toBe(true);
      await timers.advance(1);
      expect(await answer).toEqual(['NO [AUTHENTICATIONFAILED] Name or password is wrong']);
    }
    expect(await rest(client)).toEqual(['* BYE Too many logins failed']);
  });

  test('an unknown user is answered as a wrong password is', async () => {
    const client = greeted(testServer({ limits: { loginFailureDelayMs: 0 } }));
    await client.line();
    const [unknown, wrong] = [await client.run('LOGIN nobody secret'), await client.run('LOGIN alice nothing')];
    expect(unknown).toEqual(wrong);
  });

  test('an authenticator that cannot decide is not a wrong password', async () => {
    const authenticator = {
      checkPassword: () => Promise.reject(new AuthenticationError('AUTH_UNAVAILABLE', 'the directory is down')),
    };
    const client = greeted(testServer({ authenticator }));
    await client.line();
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await client.run('LOGIN alice secret')).toEqual(['NO [UNAVAILABLE] Authentication is not possible now']);
    }
  });

  test('nothing secret is logged', async () => {
    const logged: string[] = [];
    const write = (text: string, fields?: object): void => {
      logged.push(`${text} ${JSON.stringify(fields)}`);
    };
    const logger: Logger = { debug: write, info: write, warn: write, error: write };
    const server = testServer({ logger, limits: { loginFailureDelayMs: 0 } });
    const client = greeted(server);
    await client.line();
    await client.run('LOGIN mallory hunter2');
    await client.run('AUTHENTICATE PLAIN AG1hbGxvcnkAaHVudGVyMg==');
    await client.run('LOGIN alice secret');
    await client.run('LOGOUT');
    await server.idle();
    expect(logged.join('\n')).not.toMatch(/hunter2|secret|mallory|aHVudGVyMg/);
    expect(logged.join('\n')).toMatch(/logged in .*"alice"/);
  });
});

describe('after login', () => {
  test('silence for half an hour ends the session, IDLE too', async () => {
    const timers = new TestTimers();
    const server = testServer({ timers });
    const [quiet, idling] = [await loggedIn(server), await loggedIn(server)];
    await idling.write('i IDLE\r\n');
    expect(await idling.line()).toBe('+ Idling');
    await timers.advance(29 * MINUTE);
    await quiet.run('NOOP');
    await timers.advance(2 * MINUTE);
    expect(await rest(idling)).toEqual(['* BYE You were silent for too long']);
    expect(await quiet.run('NOOP')).toEqual(['OK Done']);
    await timers.advance(30 * MINUTE);
    expect(await rest(quiet)).toEqual(['* BYE You were silent for too long']);
  });

  test('a client that does not read is dropped, and holds no more than buffers', async () => {
    const timers = new TestTimers();
    const server = testServer({ timers });
    await deliver(await server.account(), ['INBOX'], message('big', 'x'.repeat(5_000_000)));
    const client = await loggedIn(server);
    await client.run('SELECT INBOX');
    await client.write('f FETCH 1 BODY.PEEK[]\r\n');
    await timers.advance(4 * MINUTE);
    await timers.advance(2 * MINUTE);
    await server.idle();
    let received = 0;
    await expect(
      (async () => {
        for (;;) received += (await client.transport.read())?.length ?? Number.NaN;
      })(),
    ).rejects.toThrow();
    expect(received).toBeLessThan(300_000);
  });

  test('an APPEND that is cut off leaves nothing', async () => {
    const server = testServer();
    const client = await loggedIn(server);
    await client.write('a APPEND INBOX {1000+}\r\nSubject: half');
    await client.transport.close();
    await server.idle();
    expect((await (await server.account()).status(['INBOX'])).messages).toBe(0);
  });

  test('an APPEND with something wrong behind the message leaves nothing', async () => {
    const server = testServer();
    const client = await loggedIn(server);
    await client.write('a APPEND INBOX {6+}\r\nA: b\r\n garbage\r\n');
    expect(await client.line()).toMatch(/^a BAD /);
    expect(await client.run('STATUS INBOX (MESSAGES)')).toContain('* STATUS INBOX (MESSAGES 0)');
  });

  test('a set of all numbers costs nothing', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one'));
    const client = await loggedIn(server);
    await client.run('SELECT INBOX');
    expect(await client.run('UID FETCH 1:4294967295,1:4294967295 UID')).toEqual(['* 1 FETCH (UID 1)', 'OK Fetched']);
    const many = Array.from({ length: 5_000 }, (_, index) => index * 3 + 1).join(',');
    expect(await client.run(`UID FETCH ${many} UID`)).toEqual(['* 1 FETCH (UID 1)', 'OK Fetched']);
  });

  test('too many sections are refused', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one'));
    const client = await loggedIn(server);
    await client.run('SELECT INBOX');
    const sections = Array.from({ length: 200 }, (_, index) => `BODY.PEEK[${index + 1}]`).join(' ');
    expect(await client.run(`FETCH 1 (${sections})`)).toEqual(['NO [LIMIT] Ask for fewer sections at once']);
  });

  test.each([
    ['FETCH 1 NOSUCH', 'BAD There is no item NOSUCH to fetch'],
    ['FETCH 1 (UID RFC822.PEEK)', 'BAD There is no item RFC822.PEEK to fetch'],
    ['FETCH 1 X-GM-MSGID', 'BAD There is no item X-GM-MSGID to fetch'],
    ['FETCH 1 (ANNOTATION (/comment value))', 'BAD There are no annotations to fetch'],
    ['FETCH 1 BODY.PEEK[HEADER.FIELDS ()]', 'BAD Name the fields to fetch'],
    ['STORE 1 +FLAGS (a]b)', 'BAD A flag holds a character that none may hold'],
    ['STORE 1 +FLAGS (ä)', 'BAD A flag holds a character that none may hold'],
    ['STORE 1 +FLAGS (\\NoSuch)', 'BAD There is no flag \\NoSuch'],
    ['APPEND INBOX (a]b) {1+}\r\nx', 'BAD A flag holds a character that none may hold'],
  ])('%s is refused', async (command, answer) => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one'));
    const client = await loggedIn(server);
    await client.run('SELECT INBOX');
    expect(await client.run(command)).toEqual([answer]);
    expect(await client.run('FETCH 1 FLAGS')).toEqual(['* 1 FETCH (FLAGS (\\Recent))', 'OK Fetched']);
  });

  test('a session in trouble leaves the others alone', async () => {
    const server = testServer();
    const honest = await loggedIn(server);
    const random = randomNumbers(7);
    for (let round = 0; round < 200; round++) {
      const client = greeted(server);
      const octets = Uint8Array.from({ length: 200 }, () => Math.floor(random() * 256));
      await client.transport.write(octets).catch(() => {});
      client.transport.destroy();
    }
    expect(await honest.run('NOOP')).toEqual(['OK Done']);
  });
});

/** What the server answers to octets that come in these chunks. */
async function answersTo(chunks: readonly Uint8Array[]): Promise<string> {
  const [client, server] = memoryPair();
  const store = testServer().store;
  const running = handleConnection(server, { store, authenticator: USERS, allowInsecureAuth: true });
  const heard: string[] = [];
  const reading = (async () => {
    for (let chunk = await client.read(); chunk !== null; chunk = await client.read()) {
      heard.push(new TextDecoder('latin1').decode(chunk));
    }
  })();
  for (const chunk of chunks) await client.write(chunk);
  await running;
  await reading;
  return heard.join('').replace(/\d{10}/g, 'N');
}

test('the answers do not depend on how the octets are cut', async () => {
  const commands = utf8Bytes(
    [
      'a LOGIN {5}\r\nalice {6+}\r\nsecret\r\n',
      'b CREATE "A B"\r\nc APPEND "A B" (\\Seen) {10+}\r\nA: b\r\n\r\nxy\r\n',
      'd SELECT "A B"\r\ne FETCH 1 (FLAGS BODY[TEXT])\r\nf IDLE\r\nDONE\r\ng BOGUS 1\r\nh STORE 1 -FLAGS (\\Seen)\r\n',
    ].join(''),
  );
  const logout = utf8Bytes('z LOGOUT\r\n');
  const whole = await answersTo([commands, logout]);
  expect(whole).toContain('h OK Done');
  expect(whole).toContain('z OK Logged out');
  for (const chunks of everySplit(commands)) expect(await answersTo([...chunks, logout])).toBe(whole);
  expect(await answersTo([...octetByOctet(commands), logout])).toBe(whole);
});
