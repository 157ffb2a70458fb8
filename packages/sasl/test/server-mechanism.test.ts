import { AuthenticationError, type Authenticator } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import {
  anonymous,
  anonymousServer,
  chooseMechanism,
  offeredMechanisms,
  type ServerMechanismOptions,
  serverMechanism,
} from '../src/index.ts';
import { ALICE, authenticator, PASSWORD, PLAIN_CONTEXT, run, TLS_CONTEXT, TOKEN, USER } from './authenticator.ts';

const channelBinding = { type: 'tls-exporter', data: new Uint8Array(32) } as const;
const { checkPassword } = authenticator;

describe('offeredMechanisms', () => {
  it('offers what the authenticator can decide about', () => {
    const offered = (able: Authenticator) => offeredMechanisms({ authenticator: able, context: TLS_CONTEXT });
    expect(offered({ checkPassword })).toEqual(['PLAIN', 'LOGIN']);
    expect(offered(authenticator)).toEqual(['SCRAM-SHA-256', 'PLAIN', 'LOGIN', 'OAUTHBEARER', 'XOAUTH2']);
    expect(offered({ checkPassword, scramKeys: authenticator.scramKeys })).toEqual(['PLAIN', 'LOGIN']);
  });

  it('offers nothing that shows a secret without TLS, unless told to', () => {
    expect(offeredMechanisms({ authenticator, context: PLAIN_CONTEXT })).toEqual(['SCRAM-SHA-256']);
    expect(offeredMechanisms({ authenticator: { checkPassword }, context: PLAIN_CONTEXT })).toEqual([]);
    const insecure = { authenticator: { checkPassword }, context: PLAIN_CONTEXT, allowInsecureAuth: true };
    expect(offeredMechanisms(insecure)).toEqual(['PLAIN', 'LOGIN']);
  });

  it('offers to bind the TLS connection', () => {
    const options = { authenticator, channelBinding, scramHashes: ['SHA-512', 'SHA-1'] } as const;
    expect(offeredMechanisms({ ...options, context: TLS_CONTEXT }).slice(0, 4)).toEqual([
      'SCRAM-SHA-512-PLUS',
      'SCRAM-SHA-1-PLUS',
      'SCRAM-SHA-512',
      'SCRAM-SHA-1',
    ]);
    expect(offeredMechanisms({ ...options, context: PLAIN_CONTEXT })).toEqual(['SCRAM-SHA-512', 'SCRAM-SHA-1']);
  });
});

describe('what is offered only when it is asked for', () => {
  const options: ServerMechanismOptions = {
    authenticator,
    context: TLS_CONTEXT,
    externalUser: USER,
    cramMd5: { host: 'imap.example.org', passwordOf: async (user) => (user === USER ? PASSWORD : undefined) },
    anonymous: { account: ALICE },
    custom: new Map([['x-magic', () => anonymousServer({ account: ALICE })]]),
  };

  it('comes in a fixed order, and what shows a secret only with TLS', () => {
    expect(offeredMechanisms(options)).toEqual([
      'SCRAM-SHA-256',
      'EXTERNAL',
      'CRAM-MD5',
      'PLAIN',
      'LOGIN',
      'OAUTHBEARER',
      'XOAUTH2',
      'ANONYMOUS',
      'X-MAGIC',
    ]);
    expect(offeredMechanisms({ ...options, context: PLAIN_CONTEXT })).toEqual([
      'SCRAM-SHA-256',
      'EXTERNAL',
      'ANONYMOUS',
      'X-MAGIC',
    ]);
    const { checkPassword } = authenticator;
    expect(offeredMechanisms({ ...options, authenticator: { checkPassword } })).toEqual([
      'PLAIN',
      'LOGIN',
      'ANONYMOUS',
      'X-MAGIC',
    ]);
  });

  it('reaches the account', async () => {
    const magic = { name: 'X-MAGIC', isSafeInClearText: true, make: () => anonymous() };
    for (const [name, credentials] of [
      ['EXTERNAL', { external: true }],
      ['CRAM-MD5', { user: USER, password: PASSWORD }],
      ['ANONYMOUS', { anonymous: true }],
      ['X-MAGIC', { user: USER, password: PASSWORD }],
    ] as const) {
      const client = chooseMechanism([name], credentials, { security: 'tls', custom: [magic] });
      const { step } = await run(client, serverMechanism(name, options)!);
      expect([name, step]).toEqual([name, { type: 'success', account: ALICE }]);
    }
    const wrong = chooseMechanism(['CRAM-MD5'], { user: USER, password: 'x' }, { security: 'tls' });
    expect((await run(wrong, serverMechanism('CRAM-MD5', options)!)).step.type).toBe('failure');
  });
});

describe('serverMechanism', () => {
  const options: ServerMechanismOptions = { authenticator, context: TLS_CONTEXT, channelBinding };

  it('plays every offered mechanism to the account', async () => {
    const offered = offeredMechanisms(options);
    expect(offered).toHaveLength(6);
    for (const name of offered) {
      const credentials = name.includes('OAUTH')
        ? { user: USER, accessToken: TOKEN }
        : { user: USER, password: PASSWORD };
      // The one mechanism, but with the whole offer in view.
      const client = chooseMechanism(offered, credentials, { security: 'tls', channelBinding, mechanisms: [name] });
      const { step } = await run(client, serverMechanism(name.toLowerCase(), options)!);
      expect([name, step]).toEqual([name, { type: 'success', account: ALICE }]);
      client.finished();
    }
  });

  it('knows nothing that is not offered', () => {
    for (const name of ['', 'GSSAPI', 'CRAM-MD5', '__proto__', 'constructor', 'SCRAM-SHA-1']) {
      expect(serverMechanism(name, options)).toBeUndefined();
    }
    expect(serverMechanism('PLAIN', { ...options, context: PLAIN_CONTEXT })).toBeUndefined();
  });

  it('passes on that the authenticator cannot decide now', async () => {
    const unavailable = new AuthenticationError('AUTH_UNAVAILABLE', 'the users file cannot be read');
    const failing = { checkPassword: () => Promise.reject(unavailable) };
    const server = serverMechanism('PLAIN', { authenticator: failing, context: TLS_CONTEXT })!;
    const client = chooseMechanism(['PLAIN'], { user: USER, password: PASSWORD }, { security: 'tls' });
    await expect(server.step(client.initialResponse)).rejects.toBe(unavailable);
  });
});
