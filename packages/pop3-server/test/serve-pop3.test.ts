import { type AddressInfo, connect as connectSocket, createServer } from 'node:net';
import { type Certificate, makeCertificate } from '@posthorn/certificates';
import { accountId, type Transport, TransportError, utf8Bytes } from '@posthorn/core';
import { memoryStore } from '@posthorn/memory';
import { deriveScramKeys, scram } from '@posthorn/sasl';
import { TestTimers } from '@posthorn/testkit';
import { connectTcp, connectTls, memoryPair } from '@posthorn/transport';
import { fromBase64, toBase64 } from '@posthorn/wire';
import { beforeAll, describe, expect, test } from 'vitest';
import { handleConnection, type Pop3Server, type ServePop3Options, servePop3 } from '../src/index.ts';
import { deliver, message, RawClient, testServer, testStore, USERS } from './harness.ts';

let certificate: Certificate;
beforeAll(async () => {
  certificate = await makeCertificate({ hosts: ['localhost', '127.0.0.1'] });
});

function serve(options: Partial<ServePop3Options> = {}): Promise<Pop3Server> {
  return servePop3({ store: testStore(), authenticator: USERS, allowInsecureAuth: true, ...options });
}

async function connected({ host, port }: Pop3Server): Promise<RawClient> {
  const client = new RawClient(await connectTcp({ host, port }));
  await client.line();
  return client;
}

async function login(client: RawClient): Promise<string | undefined> {
  await client.run('USER alice');
  return client.run('PASS secret');
}

describe('listening', () => {
  test('takes a free port of the loopback, serves, and counts sessions', async () => {
    const server = await serve();
    expect(server.host).toBe('127.0.0.1');
    expect(server.sessions).toBe(0);
    const client = await connected(server);
    expect(server.sessions).toBe(1);
    expect(await login(client)).toBe('+OK Logged in');
    await client.run('QUIT');
    expect(await client.line()).toBeUndefined();
    await client.transport.close();
    await server.close();
    expect(server.sessions).toBe(0);
  });

  test('refuses a port that is taken, and implicit TLS without a certificate', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(serve({ port })).rejects.toThrow(TransportError);
    other.close();
    await expect(serve({ implicitTls: true })).rejects.toThrow(TypeError);
  });

  test.each([
    { loginDelaySeconds: -1 },
    { loginDelaySeconds: 1.5 },
    { expireDays: 0 },
    { hostName: 'a b' },
    { hostName: 'a@b' },
  ])('refuses %j', async (options) => {
    await expect(serve(options)).rejects.toThrow(RangeError);
    await expect(
      handleConnection(memoryPair()[0], { store: testStore(), authenticator: USERS, ...options }),
    ).rejects.toThrow(RangeError);
  });

  test('too many connections are told so', async () => {
    const server = await serve({ limits: { maxConnectionsPerAddress: 1 } });
    const first = await connected(server);
    const second = new RawClient(await connectTcp({ host: server.host, port: server.port }));
    expect(await second.rest()).toEqual(['-ERR [SYS/TEMP] Too many connections']);
    await first.run('QUIT');
    await first.transport.close();
    while (server.sessions > 0) await new Promise((resolve) => setImmediate(resolve));
    const third = await connected(server);
    expect(await login(third)).toBe('+OK Logged in');
    await Promise.all([second, third].map(({ transport }) => transport.close()));
    await server.close();
  });
});

describe('closing', () => {
  test('ends every session, whatever it waits for, deletes nothing, and is idempotent', async () => {
    const store = testStore();
    const kept = testServer({ store });
    await deliver(kept, [message('one')]);
    const server = await serve({ store });
    const [fresh, quiet, asking, failing] = [
      await connected(server),
      await connected(server),
      await connected(server),
      await connected(server),
    ];
    await login(quiet);
    expect(await quiet.run('DELE 1')).toBe('+OK Marked to be deleted');
    expect(await asking.run('AUTH PLAIN')).toBe('+ ');
    await failing.run('USER alice');
    await failing.write('PASS wrong\r\n');
    const closing = server.close();
    for (const client of [fresh, quiet, asking, failing]) {
      expect(await client.rest()).toEqual(['-ERR [SYS/TEMP] The server is going away']);
    }
    await closing;
    await server.close();
    expect(server.sessions).toBe(0);
    const account = await kept.account();
    expect((await account.status(['INBOX'])).messages).toBe(1);
    await Promise.all([fresh, quiet, asking, failing].map(({ transport }) => transport.close()));
  });

  test('drops, after a time, who does not take the answer at hand', async () => {
    const timers = new TestTimers();
    const store = testStore();
    await deliver(testServer({ store }), [message('big', 'x'.repeat(70).concat('\r\n').repeat(500_000))]);
    const server = await serve({ store, timers });
    const client = await connected(server);
    await login(client);
    await client.run('RETR 1');
    let isClosed = false;
    const closing = server.close().then(() => {
      isClosed = true;
    });
    await timers.advance(4_000);
    expect(isClosed).toBe(false);
    await timers.advance(2_000);
    await closing;
    const heard = await client.rest().catch(() => []);
    expect(heard.at(-1)).not.toBe('.');
  });
});

describe('TLS', () => {
  const trusting = () => ({ host: 'localhost', ca: certificate.ca });

  test('STLS: passwords only behind it, and everything from before is forgotten (RFC 2595 section 4)', async () => {
    const { cert, key } = certificate;
    const server = await serve({ tls: { cert, key }, allowInsecureAuth: false });
    const client = await connected(server);
    const before = await client.lines('CAPA');
    expect(before).toContain('STLS');
    expect(before).not.toContain('USER');
    expect(before.join()).not.toContain('SASL');
    expect(await client.run('USER alice')).toBe('-ERR Use STLS first');
    expect(await client.run('STLS')).toBe('+OK Begin TLS now');
    await client.transport.startTls(trusting());
    expect(await client.run('PASS secret')).toBe('-ERR Give the name first, with USER');
    const after = await client.lines('CAPA');
    expect(after).not.toContain('STLS');
    expect(after).toEqual(expect.arrayContaining(['USER', 'SASL PLAIN LOGIN']));
    expect(await client.run('STLS')).toBe('-ERR TLS is not offered');
    expect(await login(client)).toBe('+OK Logged in');
    expect(await client.lines('CAPA')).not.toContain('STLS');
    await client.transport.close();
    const modern = await connected(server);
    await modern.run('UTF8');
    expect(await modern.run('STLS')).toBe('-ERR STLS goes before UTF8');
    await modern.transport.close();
    await server.close();
  });

  test('SCRAM bound to the connection (RFC 5802 section 6)', async () => {
    const { cert, key } = certificate;
    const keys = await deriveScramKeys('secret', { hash: 'SHA-256', iterations: 4096 });
    const authenticator = {
      ...USERS,
      scramKeys: async () => keys,
      authorize: async (user: string) => accountId(user),
    };
    const server = await serve({ authenticator, tls: { cert, key }, implicitTls: true });
    const { port } = server;
    const transport = await connectTls({ port, ...trusting() });
    const client = new RawClient(transport);
    await client.line();
    const capabilities = await client.lines('CAPA');
    expect(capabilities.find((line) => line.startsWith('SASL '))).toContain(' SCRAM-SHA-256-PLUS ');
    const { channelBinding } = transport;
    expect(channelBinding).toBeDefined();
    const mechanism = scram('SHA-256', { user: 'alice', password: 'secret' }, { channelBinding, minIterations: 4096 });
    let line = await client.run(`AUTH ${mechanism.name} ${toBase64(mechanism.initialResponse!)}`);
    while (line?.startsWith('+ ') === true) {
      line = await client.run(toBase64(await mechanism.respond(fromBase64(line.slice(2))!)));
    }
    expect(line).toBe('+OK Logged in');
    await client.transport.close();
    await server.close();
  });

  test('implicit TLS', async () => {
    const { cert, key } = certificate;
    const server = await serve({ tls: { cert, key }, implicitTls: true, allowInsecureAuth: false });
    const { port } = server;
    const transport = await connectTls({ port, ...trusting() });
    const client = new RawClient(transport);
    expect(await client.line()).toBe('+OK Posthorn is ready');
    expect(await client.lines('CAPA')).not.toContain('STLS');
    expect(await login(client)).toBe('+OK Logged in');
    await client.transport.close();
    await server.close();
  });

  test.each([
    ['in the same packet', 'STLS\r\nUSER mallory\r\n', ''],
    ['right behind', 'STLS\r\n', 'USER mallory\r\nPASS x\r\n'],
    ['half a command', 'STLS\r\nUS', ''],
  ])('what comes in clear text %s is never run behind the handshake', async (_, packet, later) => {
    const { cert, key } = certificate;
    const store = memoryStore();
    const asked: string[] = [];
    const authenticator = {
      checkPassword: async (user: string) => {
        asked.push(user);
        return undefined;
      },
    };
    const server = await serve({ store, authenticator, tls: { cert, key }, allowInsecureAuth: false });
    const socket = connectSocket(server.port, server.host);
    const heard = await new Promise<string>((resolve) => {
      let text = '';
      socket.once('data', () => {
        socket.write(packet);
        if (later !== '') socket.write(later);
      });
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      socket.on('error', () => {});
      socket.once('close', () => resolve(text));
    });
    expect(heard).toMatch(
      /^\+OK Posthorn is ready\r\n(-ERR Nothing may follow STLS before the handshake\r\n|\+OK Begin TLS now\r\n)?/,
    );
    expect(heard).not.toMatch(/PASS/);
    expect(asked).toEqual([]);
    await server.close();
  });

  test('a client that begins no handshake is given up', async () => {
    const { cert, key } = certificate;
    const server = await serve({ tls: { cert, key } });
    const client = await connected(server);
    expect(await client.run('STLS')).toBe('+OK Begin TLS now');
    await client.transport.write(utf8Bytes('this is no handshake\r\n'));
    await client.rest().catch(() => {});
    await (client.transport as Transport).close();
    await server.close();
  });
});

test('a hundred sessions at once over TCP, and nobody starves', { timeout: 60_000 }, async () => {
  const store = testStore();
  await deliver(
    testServer({ store }),
    Array.from({ length: 10 }, (_, index) => message(`${index}`, 'x'.repeat(70).concat('\r\n').repeat(1_000))),
  );
  const server = await serve({ store });
  const clients = await Promise.all(Array.from({ length: 100 }, () => connected(server)));
  const order: number[] = [];
  await Promise.all(
    clients.map(async (client, index) => {
      await login(client);
      for (let number = 1; number <= 10; number++) {
        expect(await client.lines(`RETR ${number}`)).toHaveLength(1_003);
        order.push(index);
      }
      await client.run('QUIT');
      await client.transport.close();
    }),
  );
  // Everybody has something before anybody has everything.
  const firstDone = order.findIndex((index, at) => order.slice(0, at).filter((each) => each === index).length === 9);
  expect(new Set(order.slice(0, firstDone)).size).toBeGreaterThan(90);
  await server.close();
});
