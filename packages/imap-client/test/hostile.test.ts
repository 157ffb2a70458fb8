/**
 * Servers that mean harm, or are broken beyond what is common: attacks on clients known from other software.
 */
import { processorMilliseconds } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect, type ImapClient } from '../src/index.ts';
import { bytes, CAPABILITIES, collect, connectTo, outcome, selected, session, settle } from './support.ts';

const unhandled: unknown[] = [];
const note = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});

afterEach(async () => {
  await settle();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

/** A logged-in client, a mailbox of a hundred messages, and a server that answers the next command with raw octets. */
async function answered(answer: string, then = true): Promise<{ client: ImapClient; result: unknown }> {
  const { client } = await session(`${selected(100)}
    C: {f} UID FETCH 1:100 (UID FLAGS ENVELOPE)
    ${answer
      .split('\r\n')
      .map((line) => `S: ${line}`)
      .join('\n')}
    S: {f} OK done
    ${then ? 'C: {n} NOOP\nS: {n} OK done' : ''}`);
  const inbox = await client.select('INBOX');
  const result = await collect(inbox.fetch('1:100', { flags: true, envelope: true })).catch((error: unknown) => error);
  return { client, result };
}

describe('sizes and nesting', () => {
  test.each(['{-1}', '{}', '{+5}', '{1e3}', '{0x10}', '{ 5}', '{99999999999999999999}'])(
    'literal size %s',
    async (size) => {
      const { client, result } = await answered(`* 1 FETCH (UID 1 FLAGS () ENVELOPE ${size}\r\nx)`, false);
      expect(result).toHaveProperty('code');
      client.destroy();
    },
  );

  test.each([
    ['a literal of 4 GiB for a name', '* LIST () "/" {4294967295}', 'LIMIT_EXCEEDED'],
    ['a literal of 8 EiB for a name', '* LIST () "/" {9223372036854775807}', 'LIMIT_EXCEEDED'],
  ])('%s is refused before any of it', async (_, line, code) => {
    const { client } = await session(`C: {a} LIST "" *\nS: ${line}`);
    expect(await outcome(client.list())).toMatchObject({ code });
    expect(client.isClosed).toBe(true);
  });

  test('an announced body of 8 PiB costs nothing', async () => {
    const { client } = await session(
      `${selected(1)}\nC: {f} UID FETCH 1 (UID BODY.PEEK[])\nS: * 1 FETCH (UID 1 BODY[] {9007199254740991}\nS: x`,
    );
    const inbox = await client.select('INBOX');
    for await (const message of inbox.fetch('1', { body: true })) {
      expect(message.body.size).toBe(Number.MAX_SAFE_INTEGER);
      expect(await outcome(message.body.bytes())).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'literal' });
      break;
    }
    client.destroy();
  });

  test('a greeting without end', async () => {
    const [mine, theirs] = memoryPair();
    const client = outcome(connect({ transport: mine }));
    const write = async (): Promise<void> => {
      await theirs.write(bytes('* OK '));
      for (;;) await theirs.write(bytes('x'.repeat(8192)));
    };
    void write().catch(() => {});
    expect(await client).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'line' });
  });

  test('a line without end after login', async () => {
    const [mine, theirs] = memoryPair();
    await theirs.write(bytes('* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n'));
    const client = await connect({ transport: mine });
    const noop = outcome(client.noop());
    const write = async (): Promise<void> => {
      await theirs.write(bytes('* SEARCH'));
      for (;;) await theirs.write(bytes(' 1234567'.repeat(1024)));
    };
    void write().catch(() => {});
    expect(await noop).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'line' });
  });

  test.each([
    ['parentheses', `* 1 FETCH (UID 1 FLAGS () ENVELOPE ${'('.repeat(100_000)})`],
    ['a body structure', `* 1 FETCH (UID 1 FLAGS () BODYSTRUCTURE ${'('.repeat(100_000)})`],
    ['an unknown item', `* 1 FETCH (UID 1 FLAGS () X-THING ${'('.repeat(50_000)}${')'.repeat(50_000)})`],
  ])('a hundred thousand %s: the message is reported, the connection lives', { retry: 4 }, async (_, line) => {
    const start = processorMilliseconds();
    const { client, result } = await answered(line);
    expect(result).toMatchObject({ code: 'IMAP_FETCH_INCOMPLETE', count: 1 });
    expect(processorMilliseconds() - start).toBeLessThan(2000);
    await client.noop();
  });

  test('a set of four thousand million UIDs stays a range', { retry: 4 }, async () => {
    const { client } = await session(
      `${selected(5)}\nC: {n} NOOP\nS: * VANISHED 1:4294967295\nS: {n} OK [COPYUID 1 1:4294967295 1:4294967295] x`,
    );
    const inbox = await client.select('INBOX');
    const start = processorMilliseconds();
    await client.noop();
    expect(processorMilliseconds() - start).toBeLessThan(500);
    expect(inbox.isSelected).toBe(true);
  });
});

describe('floods', () => {
  async function flooded(line: (index: number) => string, count: number): Promise<void> {
    const [mine, theirs] = memoryPair();
    await theirs.write(bytes(`* PREAUTH [CAPABILITY ${CAPABILITIES}] hi\r\n`));
    const client = await connect({ transport: mine });
    const selecting = client.select('INBOX');
    const selectTag = new TextDecoder().decode((await theirs.read())!).split(' ')[0];
    await theirs.write(bytes(`* 5 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 1] x\r\n${selectTag} OK done\r\n`));
    await selecting;
    const noop = client.noop();
    const noopTag = new TextDecoder().decode((await theirs.read())!).split(' ')[0];
    const before = process.memoryUsage().heapUsed;
    let most = 0;
    for (let index = 0; index < count; index++) {
      await theirs.write(bytes(line(index).repeat(100)));
      if (index % 100 === 0) most = Math.max(most, process.memoryUsage().heapUsed - before);
    }
    await theirs.write(bytes(`${noopTag} OK done\r\n`));
    await noop;
    expect(most).toBeLessThan(128 * 1024 * 1024);
    client.destroy();
  }

  test.each([
    ['EXISTS', (index: number) => `* ${index + 6} EXISTS\r\n`],
    ['EXPUNGE of nothing', () => '* 4294967295 EXPUNGE\r\n'],
    ['flags', (index: number) => `* 1 FETCH (FLAGS (kw${index}))\r\n`],
    ['unrequested bodies', () => `* 1 FETCH (UID 1 BODY[] {200}\r\n${'x'.repeat(200)})\r\n`],
    ['unknown data', (index: number) => `* X${index} whatever\r\n`],
    ['alerts', () => '* OK [ALERT] the end is near\r\n'],
    ['capabilities', (index: number) => `* CAPABILITY IMAP4rev1 X${index}\r\n`],
    ['empty lines', () => '\r\n'],
  ])('of %s cost no memory', async (_, line) => {
    await flooded(line, 500);
  });

  test('an unrequested streamed body is thrown away', async () => {
    const { client } = await session(
      `${selected(1)}\nC: {n} NOOP\nS: * 1 FETCH (UID 1 BODY[] {70000}\nS: ${'x'.repeat(70_000)}{noeol}\nS: )\nS: {n} OK done`,
    );
    await client.select('INBOX');
    await client.noop();
    expect(client.isClosed).toBe(false);
  });
});

describe('numbers', () => {
  test.each(['0', '-1', '4294967296', '+1', '99999999999999999999', 'x'])('UID %s is no UID', async (number) => {
    const { result } = await answered(
      `* 1 FETCH (UID ${number} FLAGS () ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))`,
      false,
    );
    expect(result).toMatchObject({ code: 'IMAP_FETCH_INCOMPLETE' });
  });

  test.each(['0', '4294967296', '-5', 'x'])('UIDVALIDITY %s is none', async (number) => {
    const { client } = await session(`
      C: {a} SELECT INBOX
      S: * 1 EXISTS
      S: * OK [UIDVALIDITY ${number}] x
      S: * OK [UIDNEXT 3] x
      S: {a} OK done
      C: {b} STATUS INBOX (UIDVALIDITY UIDNEXT)
      S: * STATUS INBOX (UIDNEXT 3)
      S: {b} OK done`);
    expect(await outcome(client.select('INBOX'))).toMatchObject({ code: 'IMAP_NO_UIDVALIDITY' });
  });
});

describe('odd but harmless', () => {
  const ENVELOPE = '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)';

  test.each([
    ['lower case', `* 1 fetch (uid 1 flags (\\seen) envelope ${ENVELOPE})`],
    [
      'literals for strings',
      `* 1 FETCH (UID 1 FLAGS (\\Seen) ENVELOPE (NIL {3}\r\nabc NIL NIL NIL NIL NIL NIL NIL NIL))`,
    ],
    ['unknown items', `* 1 FETCH (X-GM-MSGID 12 UID 1 X-THING ("a" (b)) FLAGS (\\Seen) ENVELOPE ${ENVELOPE})`],
    [
      'unknown responses between',
      `* XYZ (("a"))\r\n* OK [X-NEWS {3}] here\r\n* 1 FETCH (UID 1 FLAGS (\\Seen) ENVELOPE ${ENVELOPE})`,
    ],
    ['empty lines', `\r\n\r\n* 1 FETCH (UID 1 FLAGS (\\Seen) ENVELOPE ${ENVELOPE})`],
    [
      'bytes beyond ASCII',
      `* 1 FETCH (UID 1 FLAGS (\\Seen) ENVELOPE (NIL "gr\u00fc\u00dfe" NIL NIL NIL NIL NIL NIL NIL NIL))`,
    ],
    ['names of prototypes', `* 1 FETCH (UID 1 FLAGS (\\Seen __proto__ constructor) ENVELOPE ${ENVELOPE})`],
  ])('%s', async (_, answer) => {
    const { client, result } = await answered(answer);
    expect(result).toMatchObject([{ uid: 1, flags: expect.arrayContaining(['\\Seen']) }]);
    await client.noop();
  });

  test('keys of the prototype are plain data', async () => {
    const { result } = await answered(`* 1 FETCH (UID 1 FLAGS (__proto__) __proto__ 1 ENVELOPE ${ENVELOPE})`);
    expect(result).toMatchObject([{ uid: 1 }]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('a NUL in a line never cuts it', async () => {
    const { result } = await answered(
      `* 1 FETCH (UID 1 FLAGS () ENVELOPE (NIL "a{x00}b" NIL NIL NIL NIL NIL NIL NIL NIL))`,
      false,
    );
    if (Array.isArray(result)) expect(result[0].envelope.subject).toBe('a\0b');
    else expect(result).toHaveProperty('code');
  });
});

describe('lies', () => {
  test('an early answer with a guessed tag closes the connection', async () => {
    const { client } = connectTo('S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi\nS: A1 OK begin TLS\nS: a001 OK\n! end', {
      security: 'starttls',
      host: 'x',
    });
    expect(await outcome(client)).toMatchObject({ code: 'IMAP_PROTOCOL' });
  });

  test('tags are not the same twice', async () => {
    const tags = new Set<string>();
    for (let turn = 0; turn < 8; turn++) {
      const [mine, theirs] = memoryPair();
      await theirs.write(bytes('* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n'));
      const client = await connect({ transport: mine });
      const noop = outcome(client.noop());
      tags.add(new TextDecoder().decode((await theirs.read())!).split(' ')[0]!);
      client.destroy();
      await noop;
    }
    expect(tags.size).toBeGreaterThan(6);
  });

  test('a referral is only words', async () => {
    const { client } = connectTo(
      'S: * OK [CAPABILITY IMAP4rev1] hi\nC: {a} LOGIN a b\nS: {a} NO [REFERRAL imap://evil.example/] go there',
      {
        auth: { user: 'a', password: 'b' },
        allowInsecureAuth: true,
      },
    );
    expect(await outcome(client)).toMatchObject({ code: 'AUTH_REFUSED' });
  });

  test('texts are made safe to show', async () => {
    const { client } = await session('C: {n} NOOP\nS: {n} NO {x1b}[2J{x07} \u202egnp.exe \u200b!');
    const error = (await outcome(client.noop())) as Error;
    for (const harmful of ['\u001b', '\u0007', '\u202e', '\u200b']) expect(error.message).not.toContain(harmful);
    expect(error.message).toContain('\\x1b[2J');
  });

  test('an APPENDUID of many UIDs names none', async () => {
    const { client } = await session('C: {a} APPEND INBOX {1+}\nC: x\nS: {a} OK [APPENDUID 1 1:4294967295] x');
    expect(await client.append('INBOX', { body: bytes('x') })).toBeUndefined();
  });

  test('a body split by its own end tag is one body', async () => {
    const body = 'A1 OK done\r\n* BYE\r\n)\r\n';
    const { client } = await session(
      `${selected(1)}\nC: {f} UID FETCH 1 (UID BODY.PEEK[])\nS: * 1 FETCH (UID 1 BODY[] {${body.length}}\nS: A1 OK done\nS: * BYE\nS: )\nS: )\nS: {f} OK done`,
    );
    const inbox = await client.select('INBOX');
    for await (const message of inbox.fetch('1', { body: true }))
      expect(new TextDecoder().decode(await message.body.bytes())).toBe(body);
    expect.assertions(1);
  });

  test('an EXPUNGE during a fetch never gives a body to another UID', async () => {
    const { client } = await session(`${selected(3)}
      C: {f} UID FETCH 2:3 (UID BODY.PEEK[])
      S: * 2 FETCH (UID 2 BODY[] "two")
      S: * 1 EXPUNGE
      S: * 2 FETCH (UID 3 BODY[] "three")
      S: {f} OK done`);
    const inbox = await client.select('INBOX');
    const seen: unknown[] = [];
    for await (const message of inbox.fetch('2:3', { body: true }))
      seen.push([message.uid, new TextDecoder().decode(await message.body.bytes())]);
    expect(seen).toEqual([
      [2, 'two'],
      [3, 'three'],
    ]);
  });

  test('a broken answer behind a streamed body leaves the messages after it intact', async () => {
    const { client } = await session(`${selected(3)}
      C: {f} UID FETCH 1:2 (UID BODY.PEEK[])
      S: * 1 FETCH (UID 1 BODY[] {70000}
      S: ${'x'.repeat(70_000)}{noeol}
      S:  ((((oops
      S: * 2 FETCH (UID 2 BODY[] "two")
      S: {f} OK done`);
    const inbox = await client.select('INBOX');
    const sizes: number[] = [];
    for await (const message of inbox.fetch('1:2', { body: true })) sizes.push((await message.body.bytes()).length);
    expect(sizes).toEqual([70_000, 3]);
  });
});

test('doubling the input about doubles the time (pain 28)', { retry: 4 }, async () => {
  const time = async (count: number): Promise<number> => {
    const { client } = await session(`${selected(count)}
      C: {f} UID FETCH 1:* (UID FLAGS)
      ${Array.from({ length: count }, (_, index) => `S: * ${index + 1} FETCH (UID ${index + 1} FLAGS (\\Seen))`).join('\n')}
      S: {f} OK done`);
    const inbox = await client.select('INBOX');
    const start = process.cpuUsage();
    expect(await collect(inbox.fetch('1:*', { flags: true }))).toHaveLength(count);
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
  await time(4000);
  const [small, large] = [await time(8000), await time(32_000)];
  expect(large / small).toBeLessThan(10);
});
