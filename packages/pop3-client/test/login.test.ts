import type { AccountId, Authenticator } from '@posthorn/core';
import { deriveScramKeys, type ServerMechanism, serverMechanism } from '@posthorn/sasl';
import { type Pop3Behaviour, playPop3 } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { fromBase64, toBase64 } from '@posthorn/wire';
import { describe, expect, test } from 'vitest';
import { apopDigest, type ConnectOptions, connect, type Pop3Auth } from '../src/index.ts';
import { AUTH, capa, connectTo, outcome, pretendTls, QUIT, TestTimers } from './support.ts';

/** Logs in with pretended TLS. @returns the lines the server got, or the error */
async function logIn(
  capabilities: readonly string[],
  auth: Pop3Auth = AUTH,
  options: Partial<ConnectOptions> & { readonly on?: Readonly<Record<string, Pop3Behaviour>> } = {},
): Promise<readonly string[] | unknown> {
  const { on = {}, ...rest } = options;
  const [mine, theirs] = memoryPair();
  const server = playPop3(theirs, { capabilities, greeting: '+OK <1896.697170952@dbc.mtview.ca.us>', on });
  const work = async (): Promise<void> => {
    const client = await connect({ transport: pretendTls(mine, { security: 'tls' }), auth, ...rest });
    expect(client.state).toBe('transaction');
    await client.quit();
  };
  const ended = await outcome(work());
  const lines = (await server).map(({ line }) => line);
  return ended === 'resolved' ? lines.filter((line) => line !== 'CAPA' && line !== 'QUIT') : ended;
}

const PLAIN = ['AUTH PLAIN', toBase64(new TextEncoder().encode('\0mrose\0tanstaaf'))];
const USER = ['USER mrose', 'PASS tanstaaf'];

describe('the way to log in', () => {
  test.each([
    ['PLAIN before USER', ['USER', 'SASL LOGIN PLAIN CRAM-MD5'], AUTH, PLAIN],
    ['USER before LOGIN and CRAM-MD5', ['USER', 'SASL LOGIN CRAM-MD5'], AUTH, USER],
    ['LOGIN when nothing else is left', ['SASL LOGIN'], AUTH, ['AUTH LOGIN', 'bXJvc2U=', 'dGFuc3RhYWY=']],
    ['USER when it is the only one allowed', ['USER', 'SASL PLAIN'], { ...AUTH, mechanisms: ['user'] }, USER],
    ['PLAIN when it is the only one allowed', ['USER', 'SASL PLAIN'], { ...AUTH, mechanisms: ['plain'] }, PLAIN],
    [
      'the first message with AUTH where that is asked for',
      ['SASL PLAIN'],
      { ...AUTH, initialResponse: true },
      [PLAIN.join(' ')],
    ],
    [
      'APOP where that is asked for',
      ['USER', 'SASL PLAIN'],
      { ...AUTH, apop: true },
      ['APOP mrose c4c9334bac560ecc979e58001b3e22fb'],
    ],
    ['EXTERNAL', ['SASL EXTERNAL PLAIN'], { external: true }, ['AUTH EXTERNAL', '']],
    ['ANONYMOUS', ['SASL ANONYMOUS'], { anonymous: true, trace: 'guest' }, ['AUTH ANONYMOUS', 'Z3Vlc3Q=']],
  ] as const)('is %s', async (_, capabilities, auth, lines) => {
    const login: Readonly<Record<string, Pop3Behaviour>> = {
      AUTH: async (peer, argument) => {
        if (argument === 'LOGIN') {
          await peer.send('+ VXNlcm5hbWU6\r\n');
          await peer.line();
          await peer.send('+ UGFzc3dvcmQ6\r\n');
          await peer.line();
        } else if (!argument.includes(' ')) {
          await peer.send('+ \r\n');
          await peer.line();
        }
        return '+OK';
      },
    };
    expect(await logIn(capabilities, auth as Pop3Auth, { on: login })).toEqual(lines);
  });

  test.each([
    ['nothing that fits', ['SASL GSSAPI'], AUTH, 'AUTH_NO_MECHANISM'],
    [
      'nothing that is allowed',
      ['USER', 'SASL PLAIN'],
      { ...AUTH, mechanisms: ['SCRAM-SHA-256'] },
      'AUTH_NO_MECHANISM',
    ],
    ['no way for a token', ['USER', 'SASL PLAIN'], { user: 'mrose', accessToken: 'abc' }, 'AUTH_NO_MECHANISM'],
    ['no way to act for another', ['USER', 'SASL LOGIN'], { ...AUTH, authorizeAs: 'boss' }, 'AUTH_NO_MECHANISM'],
  ] as const)('is none when there is %s', async (_, capabilities, auth, code) => {
    expect(await logIn(capabilities, auth)).toMatchObject({ code });
  });

  test.each(['SCRAM-SHA-256', 'PLAIN', 'LOGIN', 'XOAUTH2', 'OAUTHBEARER'])(
    'is %s, against a real server half',
    async (mechanism) => {
      for (const initialResponse of [false, true]) {
        const auth: Pop3Auth = mechanism.includes('OAUTH')
          ? { user: 'mrose', accessToken: 'ya29.token', initialResponse }
          : { ...AUTH, mechanisms: [mechanism], initialResponse };
        expect(await logIn([`SASL ${mechanism}`], auth, { on: { AUTH: realServer } })).toBeInstanceOf(Array);
      }
    },
  );

  test('is a mechanism of one’s own, whatever is offered', async () => {
    const mechanism = {
      name: 'X-TOKEN',
      clientFirst: true,
      initialResponse: new TextEncoder().encode('let me in'),
      respond: () => new Uint8Array(),
      finished: () => {},
    };
    const lines = await logIn(['USER'], { mechanism });
    expect(lines).toEqual(['AUTH X-TOKEN', toBase64(mechanism.initialResponse)]);
  });

  test('sends long tokens in two steps, also when one would do', async () => {
    const accessToken = 'x'.repeat(2000);
    const lines = (await logIn(['SASL XOAUTH2'], { user: 'mrose', accessToken, initialResponse: true })) as string[];
    expect(lines[0]).toBe('AUTH XOAUTH2');
    expect(lines[1]!.length).toBeGreaterThan(2000);
  });
});

const authenticator: Authenticator = {
  checkPassword: async (user, password) => account(user === 'mrose' && password === 'tanstaaf'),
  scramKeys: async (_, hash) =>
    deriveScramKeys('tanstaaf', { hash, salt: new Uint8Array(16).fill(7), iterations: 4096 }),
  checkToken: async (user, token) => account(user === 'mrose' && token === 'ya29.token'),
  authorize: async (user) => account(user === 'mrose'),
};

function account(isRight: boolean): AccountId | undefined {
  return isRight ? ('mrose' as AccountId) : undefined;
}

const realServer: Pop3Behaviour = async (peer, argument) => {
  const [name = '', initial] = argument.split(' ');
  const mechanism: ServerMechanism = serverMechanism(name, {
    authenticator,
    context: { protocol: 'pop3', security: 'tls' },
  })!;
  let response = initial === undefined ? undefined : fromBase64(initial);
  for (;;) {
    const step = await mechanism.step(response);
    if (step.type === 'success') return '+OK';
    if (step.type === 'failure') return '-ERR [AUTH] no';
    await peer.send(`+ ${toBase64(step.data)}\r\n`);
    const line = await peer.line();
    if (line === '*' || line === undefined) return '-ERR cancelled';
    response = fromBase64(line);
  }
};

describe('a refusal', () => {
  test.each([
    ['AUTH', 'AUTH_REFUSED'],
    [undefined, 'AUTH_REFUSED'],
    ['IN-USE', 'AUTH_UNAVAILABLE'],
    ['LOGIN-DELAY', 'AUTH_UNAVAILABLE'],
    ['SYS/TEMP', 'AUTH_UNAVAILABLE'],
    ['SYS/PERM', 'AUTH_UNAVAILABLE'],
  ])('with the code %s', async (responseCode, code) => {
    const answer = `-ERR ${responseCode === undefined ? '' : `[${responseCode.toLowerCase()}] `}no luck`;
    const error = await logIn(['USER'], AUTH, { on: { PASS: answer } });
    expect(error).toMatchObject({
      code,
      cause: { code: 'POP3_ERR', responseCode, text: 'no luck', command: 'PASS ***' },
    });
    expect((error as Error).message).toContain('no luck');
  });

  test('tells what a mechanism was told', async () => {
    const error = await logIn(['SASL XOAUTH2'], { user: 'mrose', accessToken: 'wrong' }, { on: { AUTH: realServer } });
    expect(error).toMatchObject({ code: 'AUTH_REFUSED' });
    expect((error as Error).message).toContain('invalid_token');
    expect((error as Error).message).not.toContain('wrong');
  });

  test('of APOP', async () => {
    const error = await logIn(['USER'], { ...AUTH, apop: true }, { on: { APOP: '-ERR [AUTH] permission denied' } });
    expect(error).toMatchObject({ code: 'AUTH_REFUSED' });
  });
});

test('the digest of RFC 1939 section 7', async () => {
  expect(await apopDigest('<1896.697170952@dbc.mtview.ca.us>', 'tanstaaf')).toBe('c4c9334bac560ecc979e58001b3e22fb');
});

describe('staged', () => {
  test('a client that is not logged in', async () => {
    const [mine, theirs] = memoryPair();
    const server = playPop3(theirs, { capabilities: ['USER', 'STLS', 'UTF8'], on: { STLS: '+OK' } });
    const transport = pretendTls(mine);
    const client = await connect({ transport, tls: { host: 'localhost' } });
    expect([client.state, client.security]).toEqual(['authorization', 'none']);
    await expect(client.login(AUTH)).rejects.toMatchObject({ code: 'AUTH_INSECURE' });
    await client.startTls();
    expect(client.security).toBe('tls');
    await expect(client.startTls()).rejects.toMatchObject({ code: 'INVALID_STATE' });
    await client.enableUtf8();
    await client.login(AUTH);
    await expect(client.login(AUTH)).rejects.toMatchObject({ code: 'INVALID_STATE' });
    await client.quit();
    expect((await server).map(({ line }) => line)).toEqual([
      ...['CAPA', 'STLS', 'CAPA', 'UTF8', 'USER mrose', 'PASS tanstaaf', 'CAPA', 'QUIT'],
    ]);
    expect(client.state).toBe('ended');
  });

  test('may try again after a refusal', async () => {
    const { client, server } = connectTo(
      `S: +OK hi${capa(['USER'])}
       C: USER mrose
       S: +OK
       C: PASS wrong
       S: -ERR [AUTH] no
       C: USER mrose
       S: +OK
       C: PASS tanstaaf
       S: +OK${capa(['UIDL'])}${QUIT}`,
      { allowInsecureAuth: true },
    );
    const pop = await client;
    await expect(pop.login({ ...AUTH, password: 'wrong' })).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
    await pop.login(AUTH);
    expect(pop.capabilities.has('USER')).toBe(false);
    await pop.quit();
    expect((await server).outcome).toBe('done');
  });

  test('is over when it takes too long', async () => {
    const timers = new TestTimers();
    const { client } = connectTo(`S: +OK hi${capa(['USER'])}\nC: USER mrose\nS: +OK\nC: PASS tanstaaf`, {
      auth: AUTH,
      allowInsecureAuth: true,
      timers,
      timeouts: { commandMs: 1_000_000 },
    });
    const ended = outcome(client);
    await timers.advance(30_000);
    expect(await ended).toMatchObject({ code: 'CONNECTION_TIMEOUT', message: expect.stringContaining('30000 ms') });
  });

  test('is given up by its signal', async () => {
    const controller = new AbortController();
    const { client } = connectTo(`S: +OK hi${capa(['SASL PLAIN'])}\nC: AUTH PLAIN`, {
      auth: AUTH,
      allowInsecureAuth: true,
      signal: controller.signal,
    });
    const ended = outcome(client);
    setTimeout(() => controller.abort(new Error('enough')), 20);
    expect(await ended).toMatchObject({ message: 'enough' });
  });
});
