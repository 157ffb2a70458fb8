import { AuthenticationError, InvalidStateError, utf8Bytes } from '@posthorn/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anonymous, anonymousServer, external, externalServer } from '../src/index.ts';
import { ALICE, authenticator, BOB, run, TLS_CONTEXT } from './authenticator.ts';

it('EXTERNAL sends the identity to act as, or nothing (RFC 4422 appendix A)', () => {
  expect(external().initialResponse).toEqual(new Uint8Array());
  expect(external({ authorizeAs: 'fred@example.com' }).initialResponse).toEqual(utf8Bytes('fred@example.com'));
  expect(() => external({ authorizeAs: 'a\0b' })).toThrow(TypeError);
  expect(() => external().respond(new Uint8Array())).toThrow(AuthenticationError);
  external().finished();
});

it('ANONYMOUS sends a trace (RFC 4505)', () => {
  expect(anonymous({ trace: 'sirhc' }).initialResponse).toEqual(utf8Bytes('sirhc'));
  expect(anonymous().initialResponse).toEqual(utf8Bytes('anonymous'));
  expect(() => anonymous({ trace: 'x'.repeat(256) })).toThrow(TypeError);
  expect(() => anonymous({ trace: '' })).toThrow(TypeError);
  expect(() => anonymous().respond(new Uint8Array())).toThrow(AuthenticationError);
});

it('a server of EXTERNAL opens the account of whoever the connection proves, or another where that is allowed', async () => {
  const server = (user = 'alice') => externalServer(user, authenticator, TLS_CONTEXT);
  for (const initial of [true, false]) {
    expect((await run(external(), server(), { initial })).step).toEqual({ type: 'success', account: ALICE });
  }
  const step = async (authorizeAs: string, user?: string) => (await run(external({ authorizeAs }), server(user))).step;
  expect(await step('alice')).toEqual({ type: 'success', account: ALICE });
  expect(await step('bob')).toEqual({ type: 'success', account: BOB });
  expect(await step('carol')).toEqual({ type: 'failure', reason: 'credentials' });
  expect(await step('alice', 'mallory')).toEqual({ type: 'failure', reason: 'credentials' });
  const unable = externalServer('alice', { checkPassword: authenticator.checkPassword }, TLS_CONTEXT);
  expect((await run(external(), unable)).step).toEqual({ type: 'failure', reason: 'credentials' });
});

it('a server of ANONYMOUS lets everybody in, and is told the trace on one line', async () => {
  const traces: string[] = [];
  for (const initial of [true, false]) {
    const server = anonymousServer({ account: BOB, onTrace: (trace) => traces.push(trace) });
    const { step } = await run(anonymous({ trace: 'si\r\nrhc' }), server, { initial });
    expect(step).toEqual({ type: 'success', account: BOB });
  }
  expect(traces).toEqual(['si rhc', 'si rhc']);
});

it.each([
  ['EXTERNAL', () => externalServer('alice', authenticator, TLS_CONTEXT)],
  ['ANONYMOUS', () => anonymousServer({ account: BOB })],
])('a server of %s ends any message in a step, and answers once', async (_, make) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), async (message) => {
      const server = make();
      expect(['success', 'failure']).toContain((await server.step(message)).type);
      await expect(server.step(message)).rejects.toThrow(InvalidStateError);
    }),
  );
  for (const wrong of [utf8Bytes('a\0b'), Uint8Array.of(0xff)]) {
    expect(await make().step(wrong)).toEqual({ type: 'failure', reason: 'protocol' });
  }
  const asked = make();
  expect((await asked.step(undefined)).type).toBe('challenge');
  expect(await asked.step(undefined)).toEqual({ type: 'failure', reason: 'protocol' });
});
