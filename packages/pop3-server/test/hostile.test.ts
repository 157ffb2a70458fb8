import { type Logger, utf8Bytes } from '@posthorn/core';
import { processorMilliseconds, randomNumbers, TestTimers } from '@posthorn/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pop3ServerProtocol } from '../src/protocol.ts';
import { countOf, deliver, greeted, loggedIn, message, passwordOf, testServer } from './harness.ts';

const MINUTE = 60_000;

describe('before login', () => {
  test('a line of more than 8 KiB ends the connection, with or without its end', async () => {
    for (const line of ['x'.repeat(9_000), `USER ${'x'.repeat(9_000)}\r\n`]) {
      const client = await greeted(testServer());
      await client.write(line);
      expect(await client.rest()).toEqual(['-ERR That line is too long']);
    }
  });

  test('a challenge that is answered with too much ends the connection', async () => {
    const client = await greeted(testServer());
    expect(await client.run('AUTH PLAIN')).toBe('+ ');
    await client.write(`${'A'.repeat(9_000)}\r\n`);
    expect(await client.rest()).toEqual(['-ERR That line is too long']);
  });

  test('NUL is no part of a command', async () => {
    const client = await greeted(testServer());
    expect(await client.run('USER ali\0ce')).toMatch(/^-ERR /);
    expect(await client.run('NO\0OP')).toMatch(/^-ERR /);
    await client.run('USER alice');
    expect(await client.run('PASS secret\0')).toMatch(/^-ERR /);
    expect(await client.run('STAT')).toBe('-ERR Log in first');
  });

  test('who does not log in within a minute is sent away without a word, however busy', async () => {
    const timers = new TestTimers();
    const server = testServer({ timers });
    const [silent, busy, slow, asked] = [
      await greeted(server),
      await greeted(server),
      await greeted(server),
      await greeted(server),
    ];
    await asked.run('AUTH PLAIN');
    for (let second = 0; second < 59; second++) {
      await timers.advance(1_000);
      expect(await busy.run('CAPA x')).toMatch(/^-ERR/);
      await busy.run('LANG en');
      await slow.write('U');
    }
    await timers.advance(1_000);
    for (const client of [silent, busy, slow, asked]) expect(await client.rest()).toEqual([]);
    await server.idle();
  });

  test('who talks another protocol is sent away', async () => {
    const client = await greeted(testServer());
    await client.write('GET / HTTP/1.1\r\nHost: mail.example.org\r\n'.repeat(20));
    expect((await client.rest()).at(-1)).toBe('-ERR Too many commands are wrong');
  });
});

describe('guessing passwords', () => {
  test('failures are answered later and later, and the third ends the connection', async () => {
    const timers = new TestTimers();
    const client = await greeted(testServer({ timers, passwordOf }));
    const guesses = ['PASS wrong', 'AUTH PLAIN AGFsaWNlAHdyb25n', 'APOP alice 00000000000000000000000000000000'];
    for (const [attempt, delay] of [1_000, 2_000, 4_000].entries()) {
      if (attempt === 0) await client.run('USER alice');
      const answer = client.run(guesses[attempt]!);
      await timers.advance(delay - 1);
      expect(timers.hasDue(1)).toBe(true);
      await timers.advance(1);
      expect(await answer).toBe('-ERR [AUTH] Name or password is wrong');
    }
    expect(await client.rest()).toEqual([]);
  });

  test('an unknown user is answered as a wrong password is', async () => {
    const client = await greeted(testServer({ limits: { loginFailureDelayMs: 0 } }));
    const answers: unknown[] = [];
    for (const [user, password] of [
      ['nobody', 'secret'],
      ['alice', 'nothing'],
    ]) {
      answers.push([await client.run(`USER ${user}`), await client.run(`PASS ${password}`)]);
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  test('nothing secret is logged', async () => {
    const logged: string[] = [];
    const write = (text: string, fields?: object): void => {
      logged.push(`${text} ${JSON.stringify(fields)}`);
    };
    const logger: Logger = { debug: write, info: write, warn: write, error: write };
    const server = testServer({ logger, passwordOf, limits: { loginFailureDelayMs: 0 } });
    const client = await greeted(server);
    await client.run('USER mallory');
    await client.run('PASS hunter2');
    await client.run('AUTH PLAIN AG1hbGxvcnkAaHVudGVyMg==');
    await client.run('USER alice');
    await client.run('PASS secret');
    await client.run('QUIT');
    await server.idle();
    expect(logged.join('\n')).not.toMatch(/hunter2|secret|mallory|aHVudGVyMg/);
    expect(logged.join('\n')).toMatch(/logged in .*"alice"/);
  });
});

describe('after login', () => {
  test('silence for ten minutes ends the session without a word, and without deleting (RFC 1939 section 3)', async () => {
    const timers = new TestTimers();
    const server = testServer({ timers });
    await deliver(server, [message('one')]);
    const [quiet, trickling] = [await loggedIn(server), await loggedIn(server)];
    for (const client of [quiet, trickling]) expect(await client.run('DELE 1')).toBe('+OK Marked to be deleted');
    await timers.advance(9 * MINUTE);
    await trickling.write('QUI');
    expect(await quiet.run('NOOP')).toBe('+OK Done');
    await timers.advance(2 * MINUTE);
    expect(await trickling.rest()).toEqual([]);
    expect(await quiet.run('NOOP')).toBe('+OK Done');
    await timers.advance(MINUTE);
    await timers.advance(10 * MINUTE);
    expect(await quiet.rest()).toEqual([]);
    await server.idle();
    expect(await countOf(server)).toBe(1);
  });

  test('a client that does not read is dropped, and holds no more than buffers', async () => {
    const timers = new TestTimers();
    const server = testServer({ timers });
    await deliver(server, [message('big', 'x'.repeat(5_000_000))]);
    const client = await loggedIn(server);
    await client.write('RETR 1\r\n');
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

  test('a flood of pipelined commands waits for its answers to be read', async () => {
    const server = testServer();
    await deliver(
      server,
      Array.from({ length: 200 }, (_, index) => message(`${index}`)),
    );
    const client = await loggedIn(server);
    let written = 0;
    let answered = 0;
    const flood = (async () => {
      for (; written < 2_000; written++) await client.write('UIDL\r\n');
    })();
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(await loggedIn(server).then((other) => other.run('NOOP'))).toBe('+OK Done');
    for (; answered < 2_000; answered++) {
      await client.line();
      for (let line = await client.line(); line !== '.'; line = await client.line());
    }
    await flood;
    expect(written).toBe(2_000);
  });

  test('a marked message costs no more than others', { retry: 4, timeout: 60_000 }, async () => {
    const cost = async (count: number): Promise<number> => {
      const server = testServer();
      await deliver(
        server,
        Array.from({ length: count }, () => 'x'),
      );
      const client = await loggedIn(server);
      const commands = Array.from({ length: count }, (_, index) => `DELE ${index + 1}\r\nSTAT\r\n`).join('');
      const start = processorMilliseconds();
      void client.write(commands);
      for (let line = 0; line < 2 * count; line++) await client.line();
      return processorMilliseconds() - start;
    };
    await cost(500);
    expect(await cost(4_000)).toBeLessThan(4 * (await cost(2_000)));
  });
});

describe('garbage', () => {
  test('leaves other sessions alone, 10,000 times', { timeout: 120_000 }, async () => {
    const server = testServer({ limits: { loginFailureDelayMs: 0 } });
    await deliver(server, [message('one')]);
    const honest = await loggedIn(server);
    const random = randomNumbers(7);
    for (let round = 0; round < 10_000; round++) {
      const client = server.connect();
      const octets = Uint8Array.from({ length: 60 }, () => Math.floor(random() * 256));
      await client.write(octets).catch(() => {});
      if (round % 2 === 0) client.destroy();
      else await client.close();
    }
    expect(await honest.run('STAT')).toMatch(/^\+OK 1 /);
    await honest.run('QUIT');
    await server.idle();
    expect(await countOf(server)).toBe(1);
  });

  test('is answered line by line, or ends the session', async () => {
    const word = fc.constantFrom(
      'USER alice',
      'PASS secret',
      'RETR',
      'DELE 1',
      'LIST',
      'AUTH PLAIN',
      'CAPA',
      '1',
      ' ',
      '*',
    );
    const noise = fc.uint8Array({ maxLength: 20 }).map((octets) => new TextDecoder('latin1').decode(octets));
    const line = fc.array(fc.oneof(word, noise), { maxLength: 4 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 15 }), async (lines) => {
        const server = testServer({ limits: { loginFailureDelayMs: 0 } });
        await deliver(server, [message('one')]);
        const client = await greeted(server);
        await client.write(`${lines.join('\r\n')}\r\n`);
        const [rest] = await Promise.all([client.rest(), client.transport.close()]).catch(() => [[]]);
        for (const each of rest ?? []) expect(each).toMatch(/^(\+OK|-ERR|\+ |[A-Z\d.]|From|Subject|Hello|$)/);
        await server.idle();
      }),
      { numRuns: 100 },
    );
  });

  test('never makes the protocol throw anything but its limit', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (chunks) => {
        const protocol = new Pop3ServerProtocol({
          offer: () => ({
            canStartTls: true,
            canLogin: true,
            mechanisms: ['PLAIN'],
            loginDelaySeconds: 0,
            expireDays: undefined,
          }),
          limits: { maxLineBytes: 256 },
        });
        try {
          for (const chunk of [...chunks, utf8Bytes('\r\n')]) {
            protocol.receive(chunk);
            while (protocol.next() !== undefined);
          }
          expect(protocol.bufferedBytes).toBe(0);
        } catch (error) {
          expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED' });
        }
      }),
    );
  });
});
