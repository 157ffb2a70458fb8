import { playPop3, playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { describe, expect, test } from 'vitest';
import { CommitFailedError, connect, linesOf } from '../src/index.ts';
import {
  AUTH,
  bytes,
  capa,
  collect,
  connectTo,
  login,
  outcome,
  pretendTls,
  QUIT,
  session,
  settle,
  text,
} from './support.ts';

describe('capabilities', () => {
  test('are kept until login, and asked for anew then', async () => {
    const { client, server } = connectTo(
      `S: +OK hi${capa(['USER', 'X-BEFORE'])}
       C: USER mrose
       S: +OK
       C: PASS tanstaaf
       S: +OK${capa(['X-AFTER'])}${capa(['X-AGAIN 1 2'])}${QUIT}`,
      { auth: AUTH, allowInsecureAuth: true },
    );
    const pop = await client;
    expect([pop.capabilities.has('X-BEFORE'), pop.capabilities.has('x-after')]).toEqual([false, true]);
    expect((await pop.readCapabilities()).parameters('X-AGAIN')).toEqual(['1', '2']);
    expect(pop.capabilities.parameters('X-AFTER')).toBeUndefined();
    await pop.quit();
    expect((await server).outcome).toBe('done');
  });

  test('may be empty, and may have empty lines', async () => {
    const { client } = connectTo(`S: +OK hi\nC: CAPA\nS: +OK\nS:\nS: .`);
    expect([...(await client).capabilities]).toEqual([]);
    expect((await client).capabilities.isKnown).toBe(true);
    (await client).destroy();
  });
});

describe('UTF8', () => {
  const utf8 = (capabilities: readonly string[], wanted: boolean | 'ifOffered'): Promise<unknown> =>
    outcome(connectTo(`S: +OK hi${capa(capabilities)}\nC: UTF8\nS: +OK`, { utf8: wanted }).client);

  test('is switched on where it is wanted and offered', async () => {
    expect(await utf8(['UTF8'], true)).toBe('resolved');
    expect(await utf8(['UTF8 USER'], 'ifOffered')).toBe('resolved');
    expect(await utf8([], 'ifOffered')).toBe('resolved');
    expect(await utf8([], true)).toMatchObject({ code: 'POP3_UNSUPPORTED' });
  });
});

describe('deletions', () => {
  test('are taken back by close, which never rejects', async () => {
    const { client, server } = await session(`
      C: DELE 2
      S: +OK
      C: RSET
      S: +OK${QUIT}`);
    await client.delete(2);
    await client.close();
    await client.close();
    expect((await server).outcome).toBe('done');
    expect(client.closeReason).toBeUndefined();
  });

  test('do not happen when they cannot be taken back', async () => {
    const { client, server } = await session(`
      C: DELE 2
      S: +OK
      C: RSET
      S: -ERR no
      ! end`);
    await client.delete(2);
    await client.close();
    // The line is dropped, without QUIT.
    expect(await outcome(server)).toMatchObject({ code: 'TRANSPORT_BROKEN' });
  });

  test('that were given up under way are taken back too', async () => {
    const controller = new AbortController();
    const [mine, theirs] = memoryPair();
    const server = playPop3(theirs, {
      on: {
        DELE: async () => {
          controller.abort(new Error('enough'));
          await settle();
          return '+OK';
        },
      },
    });
    const client = await connect({ transport: mine, auth: AUTH, allowInsecureAuth: true });
    expect(await outcome(client.delete(2, { signal: controller.signal }))).toMatchObject({ message: 'enough' });
    expect(client.deleted).toEqual([]);
    await client.close();
    expect((await server).map(({ line }) => line).slice(-3)).toEqual(['DELE 2', 'RSET', 'QUIT']);
  });

  test('are taken back by reset', async () => {
    const { client, server } = await session(`
      C: DELE 2
      S: +OK
      C: RSET
      S: +OK${QUIT}`);
    await client.delete(2);
    expect(client.deleted).toEqual([2]);
    await client.reset();
    expect(client.deleted).toEqual([]);
    await client.quit();
    expect((await server).outcome).toBe('done');
  });

  test('of many go from the highest number down, each once', async () => {
    const { client, server } = await session(`
      C: DELE 9
      C: DELE 4
      C: DELE 1
      S: +OK
      S: -ERR already deleted
      S: +OK${QUIT}`);
    expect(await client.deleteMany([1, 9, 4, 9])).toEqual([4]);
    expect(client.deleted).toEqual([9, 1]);
    await client.quit();
    expect((await server).outcome).toBe('done');
  });

  test.each([
    ['refused', 'S: -ERR [SYS/TEMP] disk full\n! end'],
    ['cut', '! reset'],
    ['left without an answer', '! close'],
  ])('that QUIT leaves in doubt are told: %s', async (_, end) => {
    const { client } = await session(`C: DELE 2\nS: +OK\nC: QUIT\n${end}`);
    await client.delete(2);
    const error = await outcome(client.quit());
    expect(error).toBeInstanceOf(CommitFailedError);
    expect(error).toMatchObject({ code: 'POP3_COMMIT_FAILED', deleted: [2], cause: expect.any(Error) });
    expect(await outcome(client.quit())).toBe(error);
    expect(client.isClosed).toBe(true);
  });

  test('that were not made leave nothing in doubt', async () => {
    const { client } = await session('C: QUIT\n! close');
    await client.quit();
    await using other = (await session(QUIT)).client;
    expect(other.state).toBe('transaction');
  });
});

describe('answers', () => {
  test('have response codes on errors', async () => {
    const { client } = await session(`
      C: RETR 1
      S: -ERR [SYS/TEMP] try later
      C: RETR 2
      S: -ERR [utf8] use UTF8 first
      C: NOOP
      S: -ERR
      C: NOOP
      S: -ERR [not a code] x`);
    expect(await outcome(client.retrieve(1))).toMatchObject({ responseCode: 'SYS/TEMP', isTemporary: true });
    expect(await outcome(client.retrieve(2))).toMatchObject({ responseCode: 'UTF8', isTemporary: false });
    expect(await outcome(client.noop())).toMatchObject({ message: 'the server refused NOOP without a reason' });
    expect(await outcome(client.noop())).toMatchObject({ responseCode: undefined, text: '[not a code] x' });
    client.destroy();
  });

  test('may have more words and spaces than they should', async () => {
    const { client } = await session(`
      C: STAT
      S: +OK  2   320 octets in maildrop
      C: UIDL
      S: +OK
      S: 1    a
      S: 2 b extra
      S: nonsense
      S: .
      C: LIST 7
      S: +OK 7 12 (plus)`);
    expect(await client.stat()).toEqual({ messages: 2, octets: 320 });
    expect(await client.uniqueIds()).toEqual([
      { number: 1, uniqueId: 'a' },
      { number: 2, uniqueId: 'b' },
    ]);
    expect(await client.sizeOf(7)).toBe(12);
    client.destroy();
  });

  test('about another message than was asked for are errors', async () => {
    const { client } = await session('C: LIST 7\nS: +OK 8 12\nC: UIDL 7\nS: +OK 8 x');
    expect(await outcome(client.sizeOf(7))).toMatchObject({ code: 'POP3_PROTOCOL' });
    expect(await outcome(client.uniqueIdOf(7))).toMatchObject({ code: 'POP3_PROTOCOL' });
    client.destroy();
  });

  test('read alike whatever stands in other lines', async () => {
    const lines = 'S: +OK\nS: 1 {xc3}{xa9}\nS: 2 {xff}\nS: .';
    const { client } = await session(`C: UIDL\n${lines}`);
    const ids = (await client.uniqueIds()).map(({ uniqueId }) => uniqueId);
    expect(ids).toEqual(['é', 'ÿ']);
    client.destroy();
  });
});

describe('commands of one’s own', () => {
  test('of one line, and with a body', async () => {
    const { client } = await session(`
      C: XSENDER 1
      S: +OK [X-CODE] somebody
      C: XTND LIST all
      S: +OK here
      S: one
      S: ..two
      S: .
      C: XTND NONE
      S: -ERR no`);
    expect(await client.command('xsender', '1')).toEqual({ isOk: true, responseCode: 'X-CODE', text: 'somebody' });
    const { answer, body } = await client.commandWithBody('XTND', 'LIST all');
    expect(answer.text).toBe('here');
    expect((await collect(body.lines())).map(text)).toEqual(['one', '.two']);
    expect(body.isRead).toBe(true);
    expect(await outcome(client.commandWithBody('XTND', 'NONE'))).toMatchObject({ command: 'XTND NONE' });
    client.destroy();
  });

  test.each(['QUIT', 'quit', 'Dele', 'STLS', 'AUTH', 'PASS', 'CAPA'])('are not %s', async (name) => {
    const { client } = await session('');
    await expect(client.command(name)).rejects.toThrow(TypeError);
    await expect(client.commandWithBody(name)).rejects.toThrow(TypeError);
    client.destroy();
  });
});

describe('connecting', () => {
  test('tells the reason of a server that turns everybody away', async () => {
    const { client } = connectTo('S: -ERR [SYS/TEMP] too many connections');
    expect(await outcome(client)).toMatchObject({
      code: 'CONNECTION_BYE',
      message: 'the server turned us away: too many connections',
      cause: { responseCode: 'SYS/TEMP' },
    });
  });

  test('wants a host, or a transport', async () => {
    await expect(connect({})).rejects.toThrow(TypeError);
    await expect(connect({ transport: memoryPair()[0], security: 'tls' })).rejects.toThrow(TypeError);
  });

  test('asks for the name of the host when TLS starts', async () => {
    const [mine, theirs] = memoryPair();
    const server = playServer(theirs, `S: +OK hi${capa(['STLS'])}\nC: STLS\nS: +OK`);
    let asked: unknown;
    const startTls = async (options: unknown): Promise<void> => {
      asked = options;
      throw new Error('seen');
    };
    const transport = pretendTls(mine, { startTls });
    const tls = { ca: 'pem', host: 'mail.example.org' };
    expect(await outcome(connect({ transport, security: 'stls', tls }))).toMatchObject({ message: 'seen' });
    expect(asked).toMatchObject({ role: 'client', host: 'mail.example.org', ca: 'pem', timeoutMs: 10_000 });
    await server;
  });

  test('says what happens to a logger, without secrets', async () => {
    const logged: string[] = [];
    const note = (message: string, fields?: object): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
    const logger = { debug: note, info: note, warn: note, error: note };
    const { client } = connectTo(`${login()}\nC: RETR 1\nS: +OK\nS: secret text\nS: .`, {
      auth: AUTH,
      allowInsecureAuth: true,
      logger,
    });
    await (await (await client).retrieve(1)).bytes();
    (await client).destroy(new Error('enough'));
    expect(logged.join('\n')).toContain('PASS ***');
    expect(logged.join('\n')).toContain('RETR 1');
    expect(logged.join('\n')).not.toMatch(/tanstaaf|secret text/);
    expect(logged.at(-1)).toContain('enough');
  });
});

describe('lines', () => {
  async function* stream(...chunks: string[]): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield bytes(chunk);
  }

  test('come without their ends, however they are cut', async () => {
    expect((await collect(linesOf(stream('a\r', '\nb\n', '\r\n', 'c', 'd')))).map(text)).toEqual(['a', 'b', '', 'cd']);
    expect(await collect(linesOf(stream()))).toEqual([]);
  });

  test('may be long, up to a limit', async () => {
    const long = 'x'.repeat(1_000_000);
    expect((await collect(linesOf(stream(long, '\r\n'))))[0]).toHaveLength(1_000_000);
    const tooLong = collect(linesOf(stream('123', '456\n'), { maxLineBytes: 5 }));
    await expect(tooLong).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'line', allowed: 5 });
  });
});
