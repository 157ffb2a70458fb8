import { inspect } from 'node:util';
import { AuthenticationError, accountId, decodeText, InvalidStateError, utf8Bytes } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cramMd5, cramMd5Server, login, loginServer, plain, plainServer } from '../src/index.ts';
import { ALICE, authenticator, BOB, PASSWORD, run, TLS_CONTEXT, USER } from './authenticator.ts';

const credentials = { user: USER, password: PASSWORD };
const wrong = { user: USER, password: 'wrong' };

describe('PLAIN', () => {
  it('sends identity, user and password (RFC 4616 section 4)', () => {
    expect(plain({ user: 'tim', password: 'tanstaaftanstaaf' }).initialResponse).toEqual(
      utf8Bytes('\0tim\0tanstaaftanstaaf'),
    );
    expect(plain({ authorizeAs: 'Ursel', user: 'Kurt', password: 'xipj3plmq' }).initialResponse).toEqual(
      utf8Bytes('Ursel\0Kurt\0xipj3plmq'),
    );
  });

  it('reaches the account, with and without an initial response', async () => {
    for (const initial of [true, false]) {
      const { step } = await run(plain(credentials), plainServer(authenticator, TLS_CONTEXT), { initial });
      expect(step).toEqual({ type: 'success', account: ALICE });
    }
  });

  it('acts as somebody else where that is allowed', async () => {
    const outcome = async (authorizeAs: string) =>
      (await run(plain({ ...credentials, authorizeAs }), plainServer(authenticator, TLS_CONTEXT))).step;
    expect(await outcome('bob')).toEqual({ type: 'success', account: BOB });
    expect(await outcome(USER)).toEqual({ type: 'success', account: ALICE });
    expect(await outcome('carol')).toEqual({ type: 'failure', reason: 'credentials' });
  });

  it('refuses a wrong password', async () => {
    const { step } = await run(plain(wrong), plainServer(authenticator, TLS_CONTEXT));
    expect(step).toEqual({ type: 'failure', reason: 'credentials' });
  });

  it('never sends the password twice', () => {
    const mechanism = plain(credentials);
    expect(() => mechanism.respond(new Uint8Array())).toThrow(AuthenticationError);
    expect(() => mechanism.respond(new Uint8Array())).toThrow(/more challenges than PLAIN has/);
    mechanism.finished();
  });

  it.each(['', 'alice', '\0alice', '\0\0secret', '\0alice\0', '\0alice\0a\0b', '\0'.repeat(20_000)])(
    'refuses the message %j',
    async (message) => {
      const server = plainServer(authenticator, TLS_CONTEXT);
      expect(await server.step(utf8Bytes(message))).toEqual({ type: 'failure', reason: 'protocol' });
      await expect(server.step(utf8Bytes(message))).rejects.toThrow(InvalidStateError);
    },
  );

  it('refuses what is not UTF-8', async () => {
    const server = plainServer(authenticator, TLS_CONTEXT);
    expect(await server.step(Uint8Array.of(0, 0xff, 0, 0x61))).toEqual({ type: 'failure', reason: 'protocol' });
  });

  it('refuses texts that cannot be sent, without showing them', () => {
    for (const text of ['', 'se\0cret', 'secret\ud800']) {
      expect(() => plain({ user: USER, password: text })).toThrow(TypeError);
      expect(() => plain({ user: text, password: PASSWORD })).toThrow(TypeError);
      expect(() => plain({ user: USER, password: text })).not.toThrow(/secret/);
    }
    expect(() => plain({ ...credentials, authorizeAs: 'a\0b' })).toThrow(TypeError);
  });

  it('carries any texts unchanged', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !value.includes('\0'));
    await fc.assert(
      fc.asyncProperty(text, text, async (user, password) => {
        const { step } = await run(
          plain({ user, password }),
          plainServer({ checkPassword: async (...given) => accountId(JSON.stringify(given.slice(0, 2))) }, TLS_CONTEXT),
        );
        expect(step).toMatchObject({ account: JSON.stringify([user, password]) });
      }),
    );
  });
});

describe('LOGIN', () => {
  it('answers two prompts, whatever they say', () => {
    const mechanism = login({ user: 'tim', password: 'tanstaaftanstaaf' });
    expect(mechanism.clientFirst).toBe(false);
    expect(mechanism.initialResponse).toBeUndefined();
    expect(decodeText(mechanism.respond(utf8Bytes('User Name\0')) as Uint8Array)).toBe('tim');
    expect(() => mechanism.finished()).toThrow(AuthenticationError);
    expect(decodeText(mechanism.respond(utf8Bytes('Password\0')) as Uint8Array)).toBe('tanstaaftanstaaf');
    mechanism.finished();
    expect(() => mechanism.respond(utf8Bytes('Password'))).toThrow(AuthenticationError);
  });

  it('reaches the account', async () => {
    const { step, messages } = await run(login(credentials), loginServer(authenticator, TLS_CONTEXT));
    expect(step).toEqual({ type: 'success', account: ALICE });
    expect(messages).toEqual(['S: Username:', `C: ${USER}`, 'S: Password:', `C: ${PASSWORD}`]);
    expect((await run(login(wrong), loginServer(authenticator, TLS_CONTEXT))).step.type).toBe('failure');
  });

  it('takes an initial response for the user name, as some clients send it', async () => {
    const server = loginServer(authenticator, TLS_CONTEXT);
    expect(await server.step(utf8Bytes(USER))).toMatchObject({ type: 'challenge' });
    expect(await server.step(utf8Bytes(PASSWORD))).toEqual({ type: 'success', account: ALICE });
    await expect(server.step(utf8Bytes(PASSWORD))).rejects.toThrow(InvalidStateError);
  });

  it.each(['', 'a\0b'])('refuses the answer %j', async (answer) => {
    const server = loginServer(authenticator, TLS_CONTEXT);
    await server.step(undefined);
    expect(await server.step(utf8Bytes(answer))).toEqual({ type: 'failure', reason: 'protocol' });
    await expect(server.step(utf8Bytes(USER))).rejects.toThrow(InvalidStateError);
  });

  it('cannot act as somebody else', () => {
    expect(() => login({ ...credentials, authorizeAs: 'bob' })).toThrow(TypeError);
  });
});

describe('CRAM-MD5', () => {
  const server = (nonce?: string) =>
    cramMd5Server({
      host: 'postoffice.reston.mci.net',
      passwordOf: async (user) => (user === 'tim' ? 'tanstaaftanstaaf' : undefined),
      authorize: async (user) => accountId(user),
      ...(nonce === undefined ? {} : { nonce }),
    });

  it('sends the digest of the challenge (RFC 2195 section 2)', async () => {
    const mechanism = cramMd5({ user: 'tim', password: 'tanstaaftanstaaf' });
    expect(() => mechanism.finished()).toThrow(AuthenticationError);
    const { step, messages } = await run(mechanism, server('1896.697170952'));
    expect(messages).toEqual([
      'S: <1896.697170952@postoffice.reston.mci.net>',
      'C: tim b913a602c7eda7a495b4e6e7334d3890',
    ]);
    expect(step).toEqual({ type: 'success', account: 'tim' });
    mechanism.finished();
    expect(() => mechanism.respond(utf8Bytes('<again@example.org>'))).toThrow(AuthenticationError);
  });

  it('refuses a wrong password, an unknown user and an answer to another challenge', async () => {
    const failure = { type: 'failure', reason: 'credentials' };
    expect((await run(cramMd5({ user: 'tim', password: 'x' }), server())).step).toEqual(failure);
    expect((await run(cramMd5({ user: 'tom', password: 'tanstaaftanstaaf' }), server())).step).toEqual(failure);
    const other = server();
    await other.step(undefined);
    expect(await other.step(utf8Bytes('tim b913a602c7eda7a495b4e6e7334d3890'))).toEqual(failure);
    await expect(other.step(utf8Bytes('x'))).rejects.toThrow(InvalidStateError);
  });

  it.each(['', 'tim', 'tim B913A602C7EDA7A495B4E6E7334D3890', 'tim b913', ' b913a602c7eda7a495b4e6e7334d3890'])(
    'refuses the answer %j',
    async (answer) => {
      const asked = server();
      await asked.step(undefined);
      expect(await asked.step(utf8Bytes(answer))).toEqual({ type: 'failure', reason: 'protocol' });
    },
  );

  it('refuses an initial response, an empty challenge and an endless one', async () => {
    expect(await server().step(utf8Bytes('tim b913a602c7eda7a495b4e6e7334d3890'))).toMatchObject({ type: 'failure' });
    const mechanism = cramMd5(credentials);
    expect(() => mechanism.respond(new Uint8Array())).toThrow(AuthenticationError);
    expect(() => mechanism.respond(new Uint8Array(100_000))).toThrow(AuthenticationError);
  });

  it('cannot act as somebody else', () => {
    expect(() => cramMd5({ ...credentials, authorizeAs: 'bob' })).toThrow(TypeError);
  });
});

it('shows no secret when inspected', () => {
  for (const mechanism of [plain(credentials), login(credentials), cramMd5(credentials)]) {
    expect(inspect(mechanism, { depth: 9, showHidden: true })).not.toMatch(/correct|horse|63, ?6f|99, ?111/);
    expect(JSON.stringify(mechanism)).not.toMatch(/correct|horse|99,111/);
  }
});
