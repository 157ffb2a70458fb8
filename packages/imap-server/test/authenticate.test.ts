import { type Authenticator, accountId } from '@posthorn/core';
import { deriveScramKeys, scram } from '@posthorn/sasl';
import { fromBase64, toBase64 } from '@posthorn/wire';
import { expect, test } from 'vitest';
import { RawClient, testServer, USERS } from './harness.ts';

const PLAIN = 'AGFsaWNlAHNlY3JldA==';
const keys = deriveScramKeys('secret', { hash: 'SHA-256', iterations: 4096 });
const WITH_SCRAM: Authenticator = {
  ...USERS,
  scramKeys: () => keys,
  authorize: async (user) => (user === 'alice' ? accountId(user) : undefined),
};

async function authenticate(client: RawClient, password: string): Promise<string> {
  const mechanism = scram('SHA-256', { user: 'alice', password }, { minIterations: 4096 });
  await client.write(`a AUTHENTICATE SCRAM-SHA-256 ${toBase64(mechanism.initialResponse!)}\r\n`);
  for (;;) {
    const line = (await client.line())!;
    if (!line.startsWith('+ ')) return line;
    await client.write(`${toBase64(await mechanism.respond(fromBase64(line.slice(2))!))}\r\n`);
  }
}

test('SCRAM without TLS: no password goes over the wire (RFC 7677)', async () => {
  const server = testServer({
    authenticator: WITH_SCRAM,
    allowInsecureAuth: false,
    limits: { loginFailureDelayMs: 0 },
  });
  const client = new RawClient(server.connect());
  expect(await client.line()).toContain('LOGINDISABLED AUTH=SCRAM-SHA-256]');
  expect(await authenticate(client, 'wrong')).toMatch(/^a NO \[AUTHENTICATIONFAILED\]/);
  expect(await authenticate(client, 'secret')).toMatch(/^a OK \[CAPABILITY /);
  expect((await client.run('SELECT INBOX')).at(-1)).toMatch(/^OK/);
});

test.each([
  ['a', 'a LOGIN', 'a LOGIN {5}\r\n', 'a LOGIN alice secret'],
  ['a AUTHENTICATE PLAIN\r\n', `a AUTHENTICATE PLAIN\r\n${PLAIN}`, 'a AUTHENTICATE SCRAM-SHA-256\r\n'],
  [`a AUTHENTICATE PLAIN ${PLAIN}\r\n`, `a AUTHENTICATE PLAIN ${PLAIN}\r\nb IDLE\r\n`, 'a LOGIN alice wrong\r\n'],
])('who leaves in the middle of a login leaves nothing behind', async (...beginnings) => {
  const server = testServer({ authenticator: WITH_SCRAM, limits: { loginFailureDelayMs: 1 } });
  for (const beginning of beginnings) {
    const [polite, rude] = [new RawClient(server.connect()), new RawClient(server.connect())];
    for (const client of [polite, rude]) {
      await client.line();
      await client.write(beginning);
    }
    await polite.transport.close();
    rude.transport.destroy();
  }
  await server.idle();
});

test('a challenge that is answered with too much ends the connection', async () => {
  const server = testServer({ authenticator: WITH_SCRAM });
  const client = new RawClient(server.connect());
  await client.line();
  await client.write('a AUTHENTICATE PLAIN\r\n');
  expect(await client.line()).toBe('+ ');
  await client.write(`${'A'.repeat(9_000)}\r\n`);
  expect(await client.line()).toBe('* BYE That cannot be IMAP');
});
