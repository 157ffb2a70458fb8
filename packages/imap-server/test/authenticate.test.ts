import { type Authenticator, accountId } from '@posthorn/core';
import {
  anonymous,
  type ClientMechanism,
  cramMd5,
  deriveScramKeys,
  external,
  login,
  oauthBearer,
  plain,
  scram,
  xoauth2,
} from '@posthorn/sasl';
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

function authenticate(client: RawClient, password: string): Promise<string> {
  return authenticateBy(client, scram('SHA-256', { user: 'alice', password }, { minIterations: 4096 }));
}

async function authenticateBy(client: RawClient, mechanism: ClientMechanism): Promise<string> {
  const { name, initialResponse } = mechanism;
  const initial =
    initialResponse === undefined ? '' : initialResponse.length === 0 ? ' =' : ` ${toBase64(initialResponse)}`;
  await client.write(`a AUTHENTICATE ${name}${initial}\r\n`);
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

const WAYS: readonly ((user: string, secret: string) => ClientMechanism)[] = [
  (user, password) => plain({ user, password }),
  (user, password) => login({ user, password }),
  (user, password) => cramMd5({ user, password }),
  (user, password) => scram('SHA-1', { user, password }, { minIterations: 4096 }),
  (user, password) => scram('SHA-256', { user, password }, { minIterations: 4096 }),
  (user, password) => scram('SHA-512', { user, password }, { minIterations: 4096 }),
  (user, accessToken) => oauthBearer({ user, accessToken }),
  (user, accessToken) => xoauth2({ user, accessToken }),
];

test.each(WAYS.map((way) => [way('x', 'y').name, way] as const))(
  '%s lets in who is right, and nobody else',
  async (name, way) => {
    const server = testServer({
      authenticator: {
        ...WITH_SCRAM,
        scramKeys: (_user, hash) => deriveScramKeys('secret', { hash, iterations: 4096 }),
        checkToken: async (user, token) => (user === 'alice' && token === 'secret' ? accountId(user) : undefined),
      },
      mechanisms: {
        scramHashes: ['SHA-512', 'SHA-256', 'SHA-1'],
        cramMd5: { host: 'localhost', passwordOf: async (user) => (user === 'alice' ? 'secret' : undefined) },
      },
      limits: { loginFailureDelayMs: 0, maxLoginFailures: 10 },
    });
    const client = new RawClient(server.connect());
    expect(await client.line()).toMatch(new RegExp(`AUTH=${name}[ \\]]`));
    for (const [user, secret] of [
      ['alice', 'wrong'],
      ['bob', 'secret'],
    ] as const)
      expect(await authenticateBy(client, way(user, secret))).toBe(
        'a NO [AUTHENTICATIONFAILED] Name or password is wrong',
      );
    expect(await authenticateBy(client, way('alice', 'secret'))).toMatch(/^a OK \[CAPABILITY /);
  },
);

test('EXTERNAL takes who the connection is from, and ANONYMOUS everybody', async () => {
  const traces: string[] = [];
  const server = testServer({
    authenticator: WITH_SCRAM,
    mechanisms: {
      userOf: () => 'alice',
      anonymous: { account: accountId('guest'), onTrace: (trace) => traces.push(trace) },
    },
  });
  const account = async (mechanism: ClientMechanism): Promise<string | undefined> => {
    const client = new RawClient(server.connect());
    await client.line();
    expect(await authenticateBy(client, mechanism)).toMatch(/^a OK /);
    return (await client.run('GETACL INBOX'))[0];
  };
  expect(await account(external())).toBe('* ACL INBOX alice lrswipkxteacd');
  expect(await account(anonymous({ trace: 'somebody' }))).toBe('* ACL INBOX guest lrswipkxteacd');
  expect(traces).toEqual(['somebody']);
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
