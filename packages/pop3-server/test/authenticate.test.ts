import { AuthenticationError, type Authenticator, accountId, utf8Bytes } from '@posthorn/core';
import {
  type ClientMechanism,
  cramMd5,
  deriveScramKeys,
  login,
  oauthBearer,
  plain,
  scram,
  xoauth2,
} from '@posthorn/sasl';
import { fromBase64, toBase64 } from '@posthorn/wire';
import { describe, expect, test } from 'vitest';
import { greeted, passwordOf, type RawClient, testServer, USERS } from './harness.ts';

const keys = deriveScramKeys('secret', { hash: 'SHA-256', iterations: 4096 });
const EVERYTHING: Authenticator = {
  ...USERS,
  scramKeys: () => keys,
  authorize: async (user) => (user === 'alice' ? accountId(user) : undefined),
  checkToken: async (user, token) => (user === 'alice' && token === 'token' ? accountId(user) : undefined),
};
const REFUSED = '-ERR [AUTH] Name or password is wrong';

function serverWith(authenticator: Authenticator): ReturnType<typeof testServer> {
  return testServer({ authenticator, passwordOf, limits: { loginFailureDelayMs: 0, maxLoginFailures: 9 } });
}

/** Plays the client's half of a mechanism. */
async function authenticate(client: RawClient, mechanism: ClientMechanism, isInitial: boolean): Promise<string> {
  const initial = mechanism.initialResponse;
  const sendsNow = isInitial && initial !== undefined;
  await client.write(`AUTH ${mechanism.name}${sendsNow ? ` ${toBase64(initial)}` : ''}\r\n`);
  for (let isFirst = true; ; isFirst = false) {
    const line = (await client.line())!;
    if (!line.startsWith('+ ')) return line;
    const isPlace = isFirst && initial !== undefined && !sendsNow;
    const response = isPlace ? initial : await mechanism.respond(fromBase64(line.slice(2))!);
    await client.write(`${toBase64(response)}\r\n`);
  }
}

const alice = { user: 'alice', password: 'secret' };
const wrong = { user: 'alice', password: 'wrong' };
const MECHANISMS: readonly (readonly [string, () => ClientMechanism, () => ClientMechanism])[] = [
  ['PLAIN', () => plain(alice), () => plain(wrong)],
  ['LOGIN', () => login(alice), () => login(wrong)],
  [
    'SCRAM-SHA-256',
    () => scram('SHA-256', alice, { minIterations: 4096 }),
    () => scram('SHA-256', wrong, { minIterations: 4096 }),
  ],
  ['CRAM-MD5', () => cramMd5(alice), () => cramMd5(wrong)],
  [
    'OAUTHBEARER',
    () => oauthBearer({ user: 'alice', accessToken: 'token' }),
    () => oauthBearer({ user: 'alice', accessToken: 'stale' }),
  ],
  [
    'XOAUTH2',
    () => xoauth2({ user: 'alice', accessToken: 'token' }),
    () => xoauth2({ user: 'alice', accessToken: 'stale' }),
  ],
];

describe.each(MECHANISMS)('AUTH %s', (name, right, bad) => {
  test.each([true, false])('initial response in the command: %s', async (isInitial) => {
    const client = await greeted(serverWith(EVERYTHING));
    const sasl = (await client.lines('CAPA')).find((line) => line.startsWith('SASL '));
    expect(sasl?.split(' ')).toContain(name);
    expect(await authenticate(client, bad(), isInitial)).toBe(REFUSED);
    expect(await authenticate(client, right(), isInitial)).toBe('+OK Logged in');
    expect(await client.run('STAT')).toBe('+OK 0 0');
  });
});

test('the exchanges of RFC 5034 section 6', async () => {
  const authenticator: Authenticator = {
    checkPassword: async (user, password) => (user + password === 'testtest' ? accountId(user) : undefined),
  };
  await testServer({ authenticator }).play(`
    S: +OK Posthorn is ready
    C: AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=
    S: +OK Logged in
  `);
  await testServer({ authenticator }).play(`
    S: +OK Posthorn is ready
    C: AUTH
    S: +OK Mechanisms follow
    S: PLAIN
    S: LOGIN
    S: .
    C: auth plain
    S: +{x20}
    C: dGVzdAB0ZXN0AHRlc3Q=
    S: +OK Logged in
    C: AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=
    S: -ERR You are logged in already
  `);
});

test('what is no answer to a challenge ends the authentication, and not the session', async () => {
  const client = await greeted(serverWith(USERS));
  for (const [command, response, answer] of [
    ['AUTH PLAIN', '*', '-ERR Authentication cancelled'],
    ['AUTH PLAIN', '=AAA', '-ERR That is not base64'],
    ['AUTH PLAIN', 'AAA=BBB', '-ERR That is not base64'],
    ['AUTH PLAIN', '', REFUSED],
    ['AUTH CRAM-MD5', 'YWxpY2U=', REFUSED],
  ] as const) {
    expect(await client.run(command)).toMatch(/^\+ /);
    expect(await client.run(response)).toBe(answer);
  }
  expect(await client.run('AUTH PLAIN =AAA')).toMatch(/^-ERR /);
  expect(await client.run('AUTH PLAIN =')).toBe(REFUSED);
  expect(await client.run('AUTH GSSAPI')).toBe('-ERR That mechanism is not offered');
  expect(await client.run('AUTH SCRAM-SHA-256')).toBe('-ERR That mechanism is not offered');
  expect(await client.run('AUTH PLAIN AGFsaWNlAHNlY3JldA==')).toBe('+OK Logged in');
});

test('without TLS no mechanism that shows a password', async () => {
  const client = await greeted(testServer({ authenticator: EVERYTHING, allowInsecureAuth: false }));
  expect(await client.lines('CAPA')).toContain('SASL SCRAM-SHA-256');
  expect(await client.run('AUTH PLAIN')).toBe('-ERR Use STLS first');
  expect(await authenticate(client, scram('SHA-256', alice, { minIterations: 4096 }), true)).toBe('+OK Logged in');
});

test('an authenticator that cannot decide is not a wrong password', async () => {
  const authenticator = {
    checkPassword: () => Promise.reject(new AuthenticationError('AUTH_UNAVAILABLE', 'the directory is down')),
  };
  const client = await greeted(testServer({ authenticator }));
  for (let attempt = 0; attempt < 5; attempt++) {
    await client.run('USER alice');
    expect(await client.run('PASS secret')).toBe('-ERR [SYS/TEMP] Authentication is not possible now');
  }
});

test.each([
  ['US'],
  ['USER alice\r\nPASS'],
  ['AUTH PLAIN\r\n'],
  ['AUTH PLAIN\r\nAGFs'],
  ['USER alice\r\nPASS wrong\r\n'],
])('who leaves in the middle of a login leaves nothing behind: %j', async (beginning) => {
  const server = testServer({ limits: { loginFailureDelayMs: 1 } });
  for (const isPolite of [true, false]) {
    const client = await greeted(server);
    await client.transport.write(utf8Bytes(beginning));
    if (isPolite) await client.transport.close();
    else client.transport.destroy();
  }
  await server.idle();
});
