import { type AddressInfo, connect as connectSocket, createServer } from 'node:net';
import { type Certificate, makeCertificate } from '@posthorn/certificates';
import { type Transport, TransportError, utf8Bytes } from '@posthorn/core';
import { playClient } from '@posthorn/testkit';
import { connectTcp, connectTls } from '@posthorn/transport';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type ImapServer, type ServeImapOptions, serveImap } from '../src/index.ts';
import { RawClient, testStore, USERS } from './harness.ts';

let certificate: Certificate;
beforeAll(async () => {
  certificate = await makeCertificate({ hosts: ['localhost', '127.0.0.1'] });
});

/** Serves until the test is over, however it ends. */
async function serve(options: Partial<ServeImapOptions> = {}): Promise<ImapServer> {
  const server = await serveImap({ store: testStore(), authenticator: USERS, allowInsecureAuth: true, ...options });
  onTestFinished(() => server.close());
  return server;
}

async function connected({ host, port }: ImapServer): Promise<RawClient> {
  const client = new RawClient(await connectTcp({ host, port }));
  await client.line();
  return client;
}

describe('listening', () => {
  test('takes a free port of the loopback, serves, and counts sessions', async () => {
    const server = await serve();
    expect(server.host).toBe('127.0.0.1');
    expect(server.sessions).toBe(0);
    const client = await connected(server);
    expect(server.sessions).toBe(1);
    expect((await client.run('LOGIN alice secret')).at(-1)).toMatch(/^OK/);
    await client.run('LOGOUT');
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

  test('too many connections are told so', async () => {
    const server = await serve({ limits: { maxConnectionsPerAddress: 1 } });
    const first = await connected(server);
    const second = new RawClient(await connectTcp({ host: server.host, port: server.port }));
    expect(await second.line()).toBe('* BYE [UNAVAILABLE] Too many connections');
    expect(await second.line()).toBeUndefined();
    await first.run('LOGOUT');
    await first.transport.close();
    while (server.sessions > 0) await new Promise((resolve) => setImmediate(resolve));
    const third = await connected(server);
    expect(await third.run('NOOP')).toEqual(['OK Done']);
    await Promise.all([second, third].map(({ transport }) => transport.close()));
    await server.close();
  });
});

describe('closing', () => {
  test('ends every session with BYE, whatever it waits for, and is idempotent', async () => {
    const server = await serve();
    const [fresh, quiet, idling, asking] = [
      await connected(server),
      await connected(server),
      await connected(server),
      await connected(server),
    ];
    await quiet.run('LOGIN alice secret');
    await idling.run('LOGIN alice secret');
    await idling.write('i IDLE\r\n');
    expect(await idling.line()).toBe('+ Idling');
    await asking.write('a AUTHENTICATE PLAIN\r\n');
    expect(await asking.line()).toBe('+ ');
    const closing = server.close();
    for (const client of [fresh, quiet, idling, asking]) {
      expect(await client.line()).toBe('* BYE The server is going away');
      expect(await client.line()).toBeUndefined();
      await client.transport.close();
    }
    await closing;
    expect(server.close()).toBe(server.close());
    await expect(connectTcp({ host: server.host, port: server.port })).rejects.toThrow(TransportError);
  });

  test('lets a command finish, and drops what does not within the grace time', async () => {
    const store = testStore();
    const server = await serve({ store, limits: { closeTimeoutMs: 300 } });
    const [finishing, stuck] = [await connected(server), await connected(server)];
    for (const client of [finishing, stuck]) {
      await client.run('LOGIN alice secret');
      await client.write('a APPEND INBOX {10}\r\n');
      expect(await client.line()).toBe('+ Send the message');
    }
    const closing = server.close();
    await finishing.write('A: b\r\n\r\nxy\r\n');
    expect(await finishing.line()).toMatch(/^a OK \[APPENDUID/);
    expect(await finishing.line()).toBe('* BYE The server is going away');
    await finishing.transport.close();
    await expect(stuck.line()).rejects.toThrow(TransportError);
    await closing;
  });
});

describe('STARTTLS (RFC 9051 section 6.2.1)', () => {
  const tls = (): ServeImapOptions['tls'] => ({ cert: certificate.cert, key: certificate.key });
  const open = async (server: ImapServer): Promise<Transport> => connectTcp({ host: server.host, port: server.port });

  test('secures the connection, and then passwords are taken', async () => {
    const server = await serve({ tls: tls(), allowInsecureAuth: false });
    const transport = await open(server);
    await playClient(
      transport,
      `
      S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 ID LITERAL+ SASL-IR STARTTLS LOGINDISABLED] Posthorn is ready
      C: a1 LOGIN alice secret
      S: a1 NO [PRIVACYREQUIRED] Use STARTTLS first
      C: a2 STARTTLS
      S: a2 OK Begin TLS now
      ! starttls
      C: a3 CAPABILITY
      S: * CAPABILITY IMAP4rev1 IMAP4rev2 ID LITERAL+ SASL-IR AUTH=PLAIN AUTH=LOGIN
      S: a3 OK Done
      C: a4 STARTTLS
      S: a4 BAD TLS is not offered
      C: a5 LOGIN alice secret
      S: a5 OK {any}
      C: a6 STARTTLS
      S: a6 BAD You are logged in already
      C: a7 LOGOUT
      S: * BYE Good-bye
      S: a7 OK Logged out
      ! end
    `,
      { tls: { host: '127.0.0.1', ca: certificate.ca } },
    );
    await transport.close();
    await server.close();
  });

  test('octets behind STARTTLS in clear text end the connection (security catalogue 1.6)', async () => {
    const server = await serve({ tls: tls() });
    for (const injected of ['b NOOP\r\n', 'b', '\r\n']) {
      const client = await connected(server);
      await client.write(`a STARTTLS\r\n${injected}`);
      expect(await client.line()).toBe('* BYE Nothing may follow STARTTLS before the handshake');
      expect(await client.line()).toBeUndefined();
      await client.transport.close();
    }
    await server.close();
  });

  test('octets that come in clear text after the answer end the connection too', async () => {
    const server = await serve({ tls: tls() });
    const socket = connectSocket(server.port, server.host);
    socket.on('error', () => {});
    let heard = '';
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      if (heard.includes('* OK') && !heard.includes('a OK')) socket.write('a STARTTLS\r\n');
      if (heard.includes('a OK')) socket.write('b LOGIN alice secret\r\n');
    });
    await closed;
    expect(heard).not.toContain('b OK');
    await server.close();
    expect(server.sessions).toBe(0);
  });

  test('implicit TLS from the first octet (RFC 8314 section 3.2)', async () => {
    const server = await serve({ tls: tls(), implicitTls: true, allowInsecureAuth: false });
    const { host, port } = server;
    const transport = await connectTls({ host, port, ca: certificate.ca });
    const client = new RawClient(transport);
    expect(await client.line()).toBe(
      '* OK [CAPABILITY IMAP4rev1 IMAP4rev2 ID LITERAL+ SASL-IR AUTH=PLAIN AUTH=LOGIN] Posthorn is ready',
    );
    expect((await client.run('LOGIN alice secret')).at(-1)).toMatch(/^OK/);
    await transport.close();
    await server.close();
  });
});

test('a hundred thousand octets of garbage per connection do no harm', async () => {
  const server = await serve();
  const honest = await connected(server);
  await honest.run('LOGIN alice secret');
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const transport = await connectTcp({ host: server.host, port: server.port });
      const garbage = utf8Bytes(String.fromCharCode(33 + index).repeat(index % 2 === 0 ? 100_000 : 7));
      await transport.write(garbage).catch(() => {});
      transport.destroy();
    }),
  );
  expect(await honest.run('NOOP')).toEqual(['OK Done']);
  while (server.sessions > 1) await new Promise((resolve) => setImmediate(resolve));
  await honest.transport.close();
  await server.close();
});
