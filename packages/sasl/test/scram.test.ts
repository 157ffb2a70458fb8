import { inspect } from 'node:util';
import {
  AuthenticationError,
  type ChannelBinding,
  decodeText,
  InvalidStateError,
  type ScramHash,
  utf8Bytes,
} from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ClientMechanism,
  deriveScramKeys,
  prepareText,
  type ScramOptions,
  scram,
  scramServer,
} from '../src/index.ts';
import { ALICE, authenticator, BOB, PASSWORD, run, TLS_CONTEXT, USER } from './authenticator.ts';

const HASHES: readonly ScramHash[] = ['SHA-1', 'SHA-256', 'SHA-512'];
const credentials = { user: USER, password: PASSWORD };
const exporter: ChannelBinding = { type: 'tls-exporter', data: new Uint8Array(32).fill(7) };
const pencil = { user: 'user', password: 'pencil' };

async function respond(mechanism: ClientMechanism, challenge: string): Promise<string> {
  return decodeText(await mechanism.respond(utf8Bytes(challenge)));
}

describe('the example of RFC 5802 section 5', () => {
  const clientFirst = 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL';
  const serverFirst = 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096';
  const clientFinal = 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=';
  const serverFinal = 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=';

  it('is what a client sends', async () => {
    const mechanism = scram('SHA-1', pencil, { nonce: 'fyko+d2lbbFgONRv9qkxdawL' });
    expect(mechanism.name).toBe('SCRAM-SHA-1');
    expect(decodeText(mechanism.initialResponse!)).toBe(clientFirst);
    expect(await respond(mechanism, serverFirst)).toBe(clientFinal);
    expect(() => mechanism.finished()).toThrow(AuthenticationError);
    expect(await respond(mechanism, serverFinal)).toBe('');
    mechanism.finished();
    await expect(mechanism.respond(new Uint8Array())).rejects.toThrow(AuthenticationError);
  });

  it('is what a server sends', async () => {
    const salt = Uint8Array.from(atob('QSXCR+Q6sek8bf92'), (character) => character.charCodeAt(0));
    const keys = await deriveScramKeys('pencil', { hash: 'SHA-1', salt, iterations: 4096 });
    const server = scramServer(
      'SHA-1',
      { ...authenticator, scramKeys: async () => keys, authorize: async () => ALICE },
      TLS_CONTEXT,
      { nonce: '3rfcNHYJY1ZVvWVs7j' },
    );
    expect(await server.step(utf8Bytes(clientFirst))).toEqual({ type: 'challenge', data: utf8Bytes(serverFirst) });
    expect(await server.step(utf8Bytes(clientFinal))).toEqual({ type: 'challenge', data: utf8Bytes(serverFinal) });
    expect(await server.step(new Uint8Array())).toEqual({ type: 'success', account: ALICE });
    await expect(server.step(new Uint8Array())).rejects.toThrow(InvalidStateError);
  });
});

it('sends the example of RFC 7677 section 3', async () => {
  const mechanism = scram('SHA-256', pencil, { nonce: 'rOprNGfwEbeRWgbNEkqO' });
  expect(decodeText(mechanism.initialResponse!)).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  expect(await respond(mechanism, `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`)).toBe(
    `c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
  );
  expect(await respond(mechanism, 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')).toBe('');
  mechanism.finished();
});

it('answers the example of RFC 7677 section 3', async () => {
  const salt = Uint8Array.from(atob('W22ZaJ0SNY7soEsUEjb6gQ=='), (character) => character.charCodeAt(0));
  const keys = await deriveScramKeys('pencil', { hash: 'SHA-256', salt, iterations: 4096 });
  const known = { ...authenticator, scramKeys: async () => keys, authorize: async () => ALICE };
  const server = scramServer('SHA-256', known, TLS_CONTEXT, { nonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0' });
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const challenge = (text: string) => ({ type: 'challenge', data: utf8Bytes(text) });
  expect(await server.step(utf8Bytes('n,,n=user,r=rOprNGfwEbeRWgbNEkqO'))).toEqual(
    challenge(`r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`),
  );
  expect(await server.step(utf8Bytes(`c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`))).toEqual(
    challenge('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='),
  );
});

describe.each(HASHES)('SCRAM-%s', (hash) => {
  it('reaches the account, with and without an initial response', async () => {
    for (const initial of [true, false]) {
      const client = scram(hash, credentials);
      const { step } = await run(client, scramServer(hash, authenticator, TLS_CONTEXT), { initial });
      expect(step).toEqual({ type: 'success', account: ALICE });
      client.finished();
    }
  });

  it('binds to the TLS connection', async () => {
    const client = scram(hash, credentials, { channelBinding: exporter });
    expect(client.name).toBe(`SCRAM-${hash}-PLUS`);
    const server = scramServer(hash, authenticator, TLS_CONTEXT, { channelBinding: exporter, plus: true });
    expect(server.name).toBe(client.name);
    const { step, messages } = await run(client, server);
    expect(messages[0]).toMatch(/^C: p=tls-exporter,,n=alice,r=/);
    expect(step).toEqual({ type: 'success', account: ALICE });
    client.finished();
  });

  it('acts as somebody else where that is allowed', async () => {
    const outcome = async (authorizeAs: string) =>
      (await run(scram(hash, { ...credentials, authorizeAs }), scramServer(hash, authenticator, TLS_CONTEXT))).step;
    expect(await outcome('bob')).toEqual({ type: 'success', account: BOB });
    expect(await outcome(USER)).toEqual({ type: 'success', account: ALICE });
    expect(await outcome('a,b=c')).toEqual({ type: 'failure', reason: 'credentials' });
  });

  it('refuses a wrong password and an unknown user alike', async () => {
    for (const wrong of [
      { user: USER, password: 'wrong' },
      { user: 'nobody', password: PASSWORD },
    ]) {
      const { step, messages } = await run(scram(hash, wrong), scramServer(hash, authenticator, TLS_CONTEXT));
      expect(step).toEqual({ type: 'failure', reason: 'credentials' });
      expect(messages).toHaveLength(3);
    }
  });

  it('refuses a connection bound to another, as with somebody between', async () => {
    const other: ChannelBinding = { type: 'tls-exporter', data: new Uint8Array(32).fill(8) };
    const client = scram(hash, credentials, { channelBinding: other });
    const server = scramServer(hash, authenticator, TLS_CONTEXT, { channelBinding: exporter, plus: true });
    expect((await run(client, server)).step).toEqual({ type: 'failure', reason: 'protocol' });
  });
});

describe('a client', () => {
  const nonce = 'fyko+d2lbbFgONRv9qkxdawL';
  const client = (options: ScramOptions = {}) => scram('SHA-1', pencil, { nonce, ...options });

  it.each([
    ['another nonce', `r=other3rfc,s=QSXCR+Q6sek8bf92,i=4096`, /changed the nonce/],
    ['a nonce without its own part', `r=${nonce},s=QSXCR+Q6sek8bf92,i=4096`, /changed the nonce/],
    ['too few iterations', `r=${nonce}x,s=QSXCR+Q6sek8bf92,i=4095`, /asks for only 4095 iterations/],
    ['too many iterations', `r=${nonce}x,s=QSXCR+Q6sek8bf92,i=600001`, /asks for 600001 iterations/],
    ['absurdly many iterations', `r=${nonce}x,s=QSXCR+Q6sek8bf92,i=99999999999`, /makes no sense/],
    ['no number of iterations', `r=${nonce}x,s=QSXCR+Q6sek8bf92,i=-1`, /makes no sense/],
    ['no salt', `r=${nonce}x,s=,i=4096`, /makes no sense/],
    ['a salt that is not base64', `r=${nonce}x,s=QSX=R,i=4096`, /makes no sense/],
    ['an extension it must know', `m=new,r=${nonce}x,s=QSXCR+Q6sek8bf92,i=4096`, /makes no sense/],
    ['nothing', '', /makes no sense/],
  ])('refuses %s', async (_, challenge, message) => {
    const mechanism = client();
    await expect(mechanism.respond(utf8Bytes(challenge))).rejects.toThrow(message);
    await expect(mechanism.respond(utf8Bytes(challenge))).rejects.toMatchObject({ code: 'AUTH_PROTOCOL' });
    expect(() => mechanism.finished()).toThrow(AuthenticationError);
  });

  it('ignores extensions it need not know, and takes limits of iterations', async () => {
    const mechanism = client({ minIterations: 1, maxIterations: 10 });
    expect(await respond(mechanism, `r=${nonce}x,s=QSXCR+Q6sek8bf92,i=1,x=y`)).toMatch(/^c=biws,/);
  });

  it.each([
    ['a wrong proof', 'v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=', 'AUTH_PROTOCOL'],
    ['no proof', 'x=y', 'AUTH_PROTOCOL'],
    ['an empty message', '', 'AUTH_PROTOCOL'],
    ['an error', 'e=invalid-proof', 'AUTH_REFUSED'],
  ])('refuses %s in the end', async (_, challenge, code) => {
    const mechanism = client();
    await respond(mechanism, `r=${nonce}x,s=QSXCR+Q6sek8bf92,i=4096`);
    await expect(mechanism.respond(utf8Bytes(challenge))).rejects.toMatchObject({ code });
    expect(mechanism.serverError).toBe(code === 'AUTH_REFUSED' ? 'invalid-proof' : undefined);
    expect(() => mechanism.finished()).toThrow(AuthenticationError);
  });

  it('refuses success that comes early', () => {
    expect(() => client().finished()).toThrow(/without proving that it knows the password/);
  });

  it('refuses what is not UTF-8', async () => {
    await expect(client().respond(Uint8Array.of(0xff))).rejects.toMatchObject({ code: 'AUTH_PROTOCOL' });
  });

  it('prepares a name that is not ASCII before it speaks', async () => {
    const mechanism = scram('SHA-256', { user: 'I\u00adX\u2168,', password: 'x' }, { nonce });
    expect(mechanism.initialResponse).toBeUndefined();
    expect(await respond(mechanism, '')).toBe(`n,,n=IXIX=2C,r=${nonce}`);
    expect(await respond(mechanism, `r=${nonce}x,s=QSXCR+Q6sek8bf92,i=4096`)).toMatch(/^c=biws,/);
    const early = scram('SHA-256', { user: 'ü', password: 'x' }, { nonce });
    await expect(early.respond(utf8Bytes(`r=${nonce}x,s=QSXCR+Q6sek8bf92,i=4096`))).rejects.toThrow(/spoke before/);
  });

  it('says that it could bind, for a server to notice that its offer was changed', async () => {
    const couldBind = scram('SHA-256', credentials, { couldBind: true });
    expect(decodeText(couldBind.initialResponse!)).toMatch(/^y,,n=/);
    const tampered = scramServer('SHA-256', authenticator, TLS_CONTEXT, { channelBinding: exporter });
    expect((await run(couldBind, tampered)).step).toEqual({ type: 'failure', reason: 'protocol' });
    const honest = scramServer('SHA-256', authenticator, TLS_CONTEXT);
    expect((await run(scram('SHA-256', credentials, { couldBind: true }), honest)).step.type).toBe('success');
  });

  it('refuses texts that cannot be sent, and shows no secret', () => {
    for (const password of ['', 'se\0cret']) expect(() => scram('SHA-1', { user: USER, password })).toThrow(TypeError);
    for (const user of ['', 'a\0']) expect(() => scram('SHA-1', { user, password: PASSWORD })).toThrow(TypeError);
    expect(() => scram('SHA-1', credentials, { nonce: 'a,b' })).toThrow(TypeError);
    expect(inspect(scram('SHA-1', credentials), { depth: 9, showHidden: true })).not.toContain(PASSWORD);
  });

  it('uses a new nonce every time', () => {
    expect(scram('SHA-1', credentials).initialResponse).not.toEqual(scram('SHA-1', credentials).initialResponse);
  });
});

describe('a server', () => {
  it.each([
    '',
    'n=alice,r=abc',
    'x,,n=alice,r=abc',
    'p=tls-exporter,,n=alice,r=abc',
    'n,alice,n=alice,r=abc',
    'n,a=,n=alice,r=abc',
    'n,,n=,r=abc',
    'n,,n=al=ice,r=abc',
    'n,,n=alice',
    'n,,n=alice,r=',
    'n,,m=new,n=alice,r=abc',
  ])('refuses the first message %j', async (message) => {
    const server = scramServer('SHA-256', authenticator, TLS_CONTEXT);
    expect(await server.step(utf8Bytes(message))).toEqual({ type: 'failure', reason: 'protocol' });
    await expect(server.step(utf8Bytes(message))).rejects.toThrow(InvalidStateError);
  });

  it.each(['n,,n=alice,r=abc', 'y,,n=alice,r=abc', 'p=tls-unique,,n=alice,r=abc'])(
    'refuses %j where the connection must be bound',
    async (message) => {
      const server = scramServer('SHA-256', authenticator, TLS_CONTEXT, { channelBinding: exporter, plus: true });
      expect(await server.step(utf8Bytes(message))).toEqual({ type: 'failure', reason: 'protocol' });
    },
  );

  it.each([
    ['another nonce', 'c=biws,r=abcOTHER,p='],
    ['another header', 'c=eSws,r=abcserver,p='],
    ['no header', 'c=,r=abcserver,p='],
    ['no order', 'r=abcserver,c=biws,p='],
  ])('refuses a last message with %s', async (_, start) => {
    const server = scramServer('SHA-256', authenticator, TLS_CONTEXT, { nonce: 'server' });
    expect((await server.step(utf8Bytes('n,,n=alice,r=abc'))).type).toBe('challenge');
    const message = utf8Bytes(`${start}${btoa('\0'.repeat(32))}`);
    expect(await server.step(message)).toEqual({ type: 'failure', reason: 'protocol' });
  });

  it.each([
    ['of no octets', '', 'protocol'],
    ['too short', btoa('short'), 'protocol'],
    ['wrong', btoa('\0'.repeat(32)), 'credentials'],
  ])('refuses a proof %s', async (_, proof, reason) => {
    const server = scramServer('SHA-256', authenticator, TLS_CONTEXT, { nonce: 'server' });
    await server.step(utf8Bytes('n,,n=alice,r=abc'));
    const step = await server.step(utf8Bytes(`c=biws,r=abcserver,p=${proof}`));
    expect(step).toEqual({ type: 'failure', reason });
  });

  it('waits for an empty answer to its own proof', async () => {
    const client = scram('SHA-256', credentials);
    const server = scramServer('SHA-256', authenticator, TLS_CONTEXT);
    const first = await server.step(client.initialResponse);
    if (first.type !== 'challenge') throw new Error(first.type);
    await server.step(await client.respond(first.data));
    expect(await server.step(utf8Bytes('more'))).toEqual({ type: 'failure', reason: 'protocol' });
  });

  it('refuses a user without keys, and one who may not enter', async () => {
    const keyless = { ...authenticator, scramKeys: async () => undefined };
    const failure = { type: 'failure', reason: 'credentials' };
    expect((await run(scram('SHA-256', credentials), scramServer('SHA-256', keyless, TLS_CONTEXT))).step).toEqual(
      failure,
    );
    const closed = { ...authenticator, authorize: async () => undefined };
    expect((await run(scram('SHA-256', credentials), scramServer('SHA-256', closed, TLS_CONTEXT))).step).toEqual(
      failure,
    );
  });

  it('ends any messages in a step, never in an exception', async () => {
    const field = fc.constantFrom(
      'n',
      'y',
      ',',
      ',,',
      'n=',
      'alice',
      'r=',
      'abc',
      'c=',
      'biws',
      'p=',
      'm=',
      'a=',
      '=',
      '\0',
    );
    const message = fc.oneof(
      fc.uint8Array(),
      fc.array(field).map((fields) => utf8Bytes(fields.join(''))),
    );
    const { scramKeys } = authenticator;
    const keys = await scramKeys(USER, 'SHA-256', TLS_CONTEXT);
    await fc.assert(
      fc.asyncProperty(message, message, async (first, second) => {
        const server = scramServer('SHA-256', { ...authenticator, scramKeys: async () => keys }, TLS_CONTEXT);
        const step = await server.step(first);
        if (step.type === 'challenge') expect((await server.step(second)).type).toBe('failure');
      }),
    );
  });
});

describe('deriveScramKeys', () => {
  it('makes the keys that Dovecot makes (doveadm pw -s SCRAM-SHA-256)', async () => {
    const [salt, storedKey, serverKey] = [
      'VVofECuyx6xfPSgIX3mfHA==',
      'hFw9IJR+kRik7qX7xgIGJ2Ci04Y85AFNP7rBhb7ayfk=',
      '3ksiDrCVhw4ClkXvnBCb40feFh/lMPUQLrsM/kGNGVU=',
    ].map((text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const keys = await deriveScramKeys(PASSWORD, { hash: 'SHA-256', salt, iterations: 4096 });
    expect(keys).toEqual({ salt, iterations: 4096, storedKey, serverKey });
  });

  it('salts anew each time, with what clients accept', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => deriveScramKeys('x', { hash: 'SHA-256' })));
    expect(first!.salt).toHaveLength(16);
    expect(first!.salt).not.toEqual(second!.salt);
    expect(first!.iterations).toBeGreaterThanOrEqual(4096);
    expect(first!.iterations).toBeLessThanOrEqual(600_000);
    expect(first!.storedKey).toHaveLength(32);
  });
});

describe('prepareText', () => {
  it.each([
    ['I\u00adX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00aa', 'a'],
    ['\u2168', 'IX'],
    ['a\u00a0b', 'a b'],
  ])('prepares %j as %j (RFC 4013 section 3)', async (text, prepared) => {
    expect(await prepareText(text)).toBe(prepared);
  });

  it.each(['\u0007', '\u0627\u0031', '', '\u00ad', 'ü'.repeat(2000)])('leaves %j as it is', async (text) => {
    expect(await prepareText(text)).toBe(text);
  });
});
