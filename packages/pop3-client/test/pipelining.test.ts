import { getEventListeners } from 'node:events';
import type { Transport } from '@posthorn/core';
import { playPop3 } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { describe, expect, test } from 'vitest';
import { connect, type Pop3Client } from '../src/index.ts';
import { AUTH, bytes, connectTo, login, outcome, session, settle, text } from './support.ts';

const SERIAL = ['TOP', 'UIDL', 'USER'];

describe('commands overlap', () => {
  test('where PIPELINING is offered', async () => {
    const { client, server } = await session(`
      C: STAT
      C: DELE 1
      C: NOOP
      S: +OK 1 1
      S: -ERR no
      S: +OK`);
    const results = await Promise.all([client.stat(), outcome(client.delete(1)), client.noop()]);
    expect(results).toMatchObject([{ messages: 1 }, { code: 'POP3_ERR' }, undefined]);
    await server;
    client.destroy();
  });

  test('and not where it is not', async () => {
    const { client, server } = await session(
      `C: STAT
       S: +OK 1 1
       C: NOOP
       S: +OK
       C: DELE 1
       S: +OK`,
      { capabilities: SERIAL },
    );
    await Promise.all([client.stat(), client.noop(), client.delete(1)]);
    await server;
    client.destroy();
  });

  test('never with those that change the session', async () => {
    const { client, server } = await session(`
      C: NOOP
      S: +OK
      C: LANG de
      S: +OK de
      C: NOOP
      S: +OK
      C: X-THING
      S: +OK
      C: NOOP
      S: +OK
      C: QUIT
      S: +OK
      ! end`);
    await Promise.all([
      client.noop(),
      client.setLanguage('de'),
      client.noop(),
      client.command('X-THING'),
      client.noop(),
      client.quit(),
    ]);
    expect((await server).outcome).toBe('done');
  });

  test('up to a window', async () => {
    const [mine, theirs] = memoryPair();
    let most = 0;
    const client = connect({ transport: countingWrites(mine, (count) => (most = Math.max(most, count))), ...LOGIN });
    const server = playPop3(theirs, { on: { NOOP: () => settle().then(() => '+OK') } });
    const pop = await client;
    most = 0;
    await Promise.all(Array.from({ length: 100 }, () => pop.noop()));
    expect(most).toBeGreaterThan(16);
    expect(most).toBeLessThanOrEqual(32);
    await pop.quit();
    await server;
  });
});

const LOGIN = { auth: AUTH, allowInsecureAuth: true };

/** Tells how many lines were written and not answered by a line. */
function countingWrites(transport: Transport, tell: (count: number) => void): Transport {
  let open = 0;
  const linesIn = (chunks: readonly Uint8Array[]): number =>
    chunks.reduce((sum, chunk) => sum + chunk.filter((octet) => octet === 0x0a).length, 0);
  return {
    ...pass(transport),
    async read() {
      const chunk = await transport.read();
      if (chunk !== null) open -= linesIn([chunk]);
      return chunk;
    },
    async write(data) {
      open += linesIn(data instanceof Uint8Array ? [data] : data);
      tell(open);
      await transport.write(data);
    },
  };
}

function pass(transport: Transport): Transport {
  return {
    read: () => transport.read(),
    write: (data) => transport.write(data),
    startTls: (options) => transport.startTls(options),
    startDeflate: () => transport.startDeflate(),
    close: () => transport.close(),
    destroy: (reason) => transport.destroy(reason),
    security: transport.security,
    bytesRead: 0,
    bytesWritten: 0,
  };
}

describe('retrieving many', () => {
  const three = ['one\r\n', 'two\r\n', 'three\r\n'];

  test('asks ahead', async () => {
    const { client, server } = await session(`
      C: RETR 3
      C: RETR 1
      S: +OK
      S: three
      S: .
      C: RETR 2
      S: +OK
      S: one
      S: .
      S: +OK
      S: two
      S: .
      C: NOOP
      S: +OK`);
    const got: string[] = [];
    for await (const message of client.retrieveMany([3, 1, 2], { window: 2 }))
      got.push(`${message.number} ${text(await message.bytes())}`);
    expect(got).toEqual(['3 three\r\n', '1 one\r\n', '2 two\r\n']);
    await client.noop();
    await server;
    client.destroy();
  });

  test('can go on without reading, read in part, and be left', async () => {
    const { client, server } = await peer({ messages: Array.from({ length: 40 }, (_, index) => `${index + 1}\r\n`) });
    const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
    let count = 0;
    for await (const message of client.retrieveMany(numbers)) {
      if (++count === 20) break;
      if (message.number % 2 === 0) continue;
      for await (const chunk of message.stream()) {
        expect(text(chunk)).toBe(`${message.number}\r\n`);
        break;
      }
    }
    expect(await client.stat()).toMatchObject({ messages: 40 });
    await client.quit();
    const asked = (await server).filter(({ line }) => line.startsWith('RETR')).length;
    expect(asked).toBeLessThan(40);
  });

  test('goes on after a refusal when somebody is told of it, and throws otherwise', async () => {
    const refused: number[] = [];
    const got: number[] = [];
    const { client } = await peer({ messages: three });
    const onRefused = (number: number): void => void refused.push(number);
    for await (const { number } of client.retrieveMany([1, 9, 3], { onRefused })) got.push(number);
    expect([got, refused]).toEqual([[1, 3], [9]]);
    const loop = async (): Promise<void> => {
      for await (const message of client.retrieveMany([1, 9, 3])) await message.bytes();
    };
    expect(await outcome(loop())).toMatchObject({ code: 'POP3_ERR', text: 'no such message' });
    expect(await client.stat()).toMatchObject({ messages: 3 });
    client.destroy();
  });

  test('takes commands inside the loop', async () => {
    const { client } = await peer({ messages: three });
    const got: string[] = [];
    for await (const message of client.retrieveMany([1, 2, 3])) {
      await client.noop();
      got.push(text(await message.bytes()));
      await client.delete(message.number);
    }
    expect(got).toEqual(three);
    expect(client.deleted).toEqual([1, 2, 3]);
    client.destroy();
  });

  test('adds one listener to a signal, and is given up by it', async () => {
    const { client } = await peer({ messages: Array.from({ length: 40 }, (_, index) => `${index + 1}\r\n`) });
    const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
    const controller = new AbortController();
    const { signal } = controller;
    let most = 0;
    const loop = async (): Promise<void> => {
      for await (const message of client.retrieveMany(numbers, { signal })) {
        most = Math.max(most, getEventListeners(signal, 'abort').length);
        if (message.number === 20) controller.abort(new Error('enough'));
        await message.bytes();
      }
    };
    expect(await outcome(loop())).toMatchObject({ message: 'enough' });
    expect(await outcome(client.deleteMany(numbers, { signal }))).toMatchObject({ message: 'enough' });
    const other = new AbortController();
    const deleting = client.deleteMany(numbers, { signal: other.signal });
    expect(getEventListeners(other.signal, 'abort')).toHaveLength(1);
    expect(await deleting).toEqual([]);
    expect(getEventListeners(other.signal, 'abort')).toHaveLength(0);
    expect([most, getEventListeners(signal, 'abort').length]).toEqual([1, 0]);
    client.destroy();
  });

  test('refuses a window that is none', async () => {
    const { client } = await peer({});
    await expect(client.retrieveMany([1], { window: 0 }).next()).rejects.toThrow(RangeError);
    client.destroy();
  });
});

/** A client of a server that is honest. */
async function peer(
  options: Parameters<typeof playPop3>[1],
): Promise<{ client: Pop3Client; server: ReturnType<typeof playPop3> }> {
  const [mine, theirs] = memoryPair();
  const server = playPop3(theirs, options);
  return { client: await connect({ transport: mine, ...LOGIN }), server };
}

/** A server that sends a message of so many octets, and tells how many the client had taken at each write. */
async function big(size: number): Promise<{ client: Pop3Client; sent: () => number; done: Promise<void> }> {
  const [mine, theirs] = memoryPair();
  let sent = 0;
  const chunk = bytes(`${'x'.repeat(16_382)}\r\n`);
  const done = playPop3(theirs, {
    on: {
      RETR: async ({ transport }) => {
        await transport.write(bytes('+OK\r\n'));
        for (; sent < size; sent += chunk.length) await transport.write(chunk);
        return '.\r\n';
      },
    },
  }).then(() => {});
  return { client: await connect({ transport: mine, ...LOGIN }), sent: () => sent, done };
}

const MIB = 1024 * 1024;

describe('a big message', () => {
  test('waits at the server while nobody reads', async () => {
    const { client, sent } = await big(100 * MIB);
    const message = await client.retrieve(1);
    for (let turn = 0; turn < 50; turn++) await settle();
    expect(sent()).toBeLessThan(MIB);
    let read = 0;
    for await (const chunk of message.stream()) {
      read += chunk.length;
      expect(sent() - read).toBeLessThan(MIB);
      if (read > 3 * MIB) break;
    }
    client.destroy();
  });

  test('is read whole', async () => {
    const { client } = await big(20 * MIB);
    const progress: number[] = [];
    const message = await client.retrieve(1, { onProgress: (received) => progress.push(received) });
    expect((await message.bytes()).length).toBe(20 * MIB);
    expect(message.isRead).toBe(true);
    expect(progress.at(-1)).toBe(20 * MIB);
    expect(progress).toEqual([...progress].sort((left, right) => left - right));
    client.destroy();
  });

  test('is kept when something behind it is waited for', async () => {
    const { client } = await big(5 * MIB);
    const message = await client.retrieve(1);
    await client.noop();
    expect((await message.bytes()).length).toBe(5 * MIB);
    client.destroy();
  });

  test('is let go when it is too big for that, and nothing hangs', async () => {
    const { client } = await big(40 * MIB);
    const message = await client.retrieve(1);
    await client.noop();
    expect(await outcome(message.bytes())).toMatchObject({ code: 'INVALID_STATE' });
    expect(message.isRead).toBe(false);
    await client.quit();
  });

  test('is dropped when it is discarded', async () => {
    const { client } = await big(5 * MIB);
    const message = await client.retrieve(1);
    message.discard();
    message.discard();
    expect(() => message.stream()).toThrow('before the loop moves on');
    await client.noop();
    await client.quit();
  });

  test('is given up by a signal, and the connection lives', async () => {
    const { client } = await big(5 * MIB);
    const controller = new AbortController();
    const message = await client.retrieve(1, { signal: controller.signal });
    const reading = outcome(message.bytes());
    controller.abort(new Error('enough'));
    expect(await reading).toMatchObject({ message: 'enough' });
    await client.noop();
    await client.quit();
  });

  test('is above the limit of those who want it whole', async () => {
    const { client } = await big(2 * MIB);
    const message = await client.retrieve(1);
    expect(await outcome(message.bytes({ maxBytes: MIB }))).toMatchObject({ code: 'LIMIT_EXCEEDED', allowed: MIB });
    await client.noop();
    client.destroy();
  });
});

test('a command that is given up before it is sent is not sent', async () => {
  const { client, server } = connectTo(`${login(SERIAL)}\nC: NOOP\nS: +OK\nC: STAT\nS: +OK 0 0`, LOGIN);
  const pop = await client;
  const noop = pop.noop();
  const given = AbortSignal.abort(new Error('no'));
  await expect(pop.delete(1, { signal: given })).rejects.toThrow('no');
  const controller = new AbortController();
  const late = outcome(pop.delete(2, { signal: controller.signal }));
  controller.abort(new Error('too late'));
  expect(await late).toMatchObject({ message: 'too late' });
  await noop;
  expect(await pop.stat()).toEqual({ messages: 0, octets: 0 });
  await server;
  expect(pop.deleted).toEqual([]);
  pop.destroy();
});
