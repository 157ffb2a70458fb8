import { type AuthenticationError, type ChannelBinding, decodeText } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { anonymous, type ChooseMechanismOptions, type Credentials, chooseMechanism } from '../src/index.ts';

const password: Credentials = { user: 'alice', password: 'secret' };
const token: Credentials = { user: 'alice', accessToken: 'token' };
const ALL = [
  'LOGIN',
  'PLAIN',
  'CRAM-MD5',
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'SCRAM-SHA-512',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-512-PLUS',
  'XOAUTH2',
  'OAUTHBEARER',
  'EXTERNAL',
  'ANONYMOUS',
  'GSSAPI',
  'DIGEST-MD5',
];
const channelBinding: ChannelBinding = { type: 'tls-exporter', data: new Uint8Array(32) };
const tls: ChooseMechanismOptions = { security: 'tls' };

function chosen(offered: readonly string[], credentials: Credentials, options: ChooseMechanismOptions): string {
  return chooseMechanism(offered, credentials, options).name;
}

function refusal(offered: readonly string[], credentials: Credentials, options: ChooseMechanismOptions): unknown {
  try {
    return chosen(offered, credentials, options);
  } catch (error) {
    return (error as AuthenticationError).code;
  }
}

describe('chooseMechanism', () => {
  it('takes the strongest that is offered', () => {
    const order: string[] = [];
    for (let offered = ALL; ; offered = offered.filter((name) => name !== order.at(-1))) {
      const name = refusal(offered, password, { ...tls, channelBinding });
      if (name === 'AUTH_NO_MECHANISM') break;
      order.push(String(name));
    }
    expect(order).toEqual([
      'SCRAM-SHA-512-PLUS',
      'SCRAM-SHA-256-PLUS',
      'SCRAM-SHA-1-PLUS',
      'SCRAM-SHA-512',
      'SCRAM-SHA-256',
      'SCRAM-SHA-1',
      'CRAM-MD5',
      'PLAIN',
      'LOGIN',
    ]);
  });

  it('fits the credentials', () => {
    expect(chosen(ALL, token, tls)).toBe('OAUTHBEARER');
    expect(chosen(['PLAIN', 'XOAUTH2'], token, tls)).toBe('XOAUTH2');
    expect(chosen(ALL, { external: true }, tls)).toBe('EXTERNAL');
    expect(chosen(ALL, { anonymous: true, trace: 'x' }, tls)).toBe('ANONYMOUS');
    expect(refusal(['XOAUTH2', 'GSSAPI'], password, tls)).toBe('AUTH_NO_MECHANISM');
    expect(refusal([], password, tls)).toBe('AUTH_NO_MECHANISM');
  });

  it('reads names in any case', () => {
    expect(chosen(['plain', 'Scram-Sha-256'], password, tls)).toBe('SCRAM-SHA-256');
  });

  it('shows no secret on a connection without TLS, unless told to', () => {
    const none: ChooseMechanismOptions = { security: 'none' };
    expect(chosen(ALL, password, none)).toBe('SCRAM-SHA-512');
    for (const name of ['PLAIN', 'LOGIN', 'CRAM-MD5']) {
      expect(refusal([name], password, none)).toBe('AUTH_INSECURE');
      expect(chosen([name], password, { ...none, allowInsecureAuth: true })).toBe(name);
    }
    for (const name of ['XOAUTH2', 'OAUTHBEARER']) {
      expect(refusal([name], token, none)).toBe('AUTH_INSECURE');
      expect(chosen([name], token, { ...none, allowInsecureAuth: true })).toBe(name);
    }
    expect(() => chooseMechanism(['PLAIN'], password, none)).toThrow(/^PLAIN would send .* without TLS$/);
  });

  it('binds only what can be bound, and says so when the server does not offer it', () => {
    const first = (offered: readonly string[], options: ChooseMechanismOptions) =>
      decodeText(chooseMechanism(offered, password, options).initialResponse!).slice(0, 2);
    expect(first(['SCRAM-SHA-256'], { ...tls, channelBinding })).toBe('y,');
    expect(first(['SCRAM-SHA-256'], tls)).toBe('n,');
    expect(first(['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'], tls)).toBe('n,');
    expect(first(['SCRAM-SHA-512', 'SCRAM-SHA-1-PLUS'], { ...tls, channelBinding })).toBe('p=');
    expect(first(['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'], { security: 'none', channelBinding })).toBe('n,');
  });

  it('says that it can bind only where the server cannot', () => {
    const options: ChooseMechanismOptions = { ...tls, channelBinding, mechanisms: ['SCRAM-SHA-256'] };
    const mechanism = chooseMechanism(['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'], password, options);
    expect(decodeText(mechanism.initialResponse!).slice(0, 2)).toBe('n,');
  });

  it('uses only mechanisms that can act as somebody else when asked to', () => {
    const other = { ...password, authorizeAs: 'bob' };
    expect(chosen(['CRAM-MD5', 'LOGIN', 'PLAIN'], other, tls)).toBe('PLAIN');
    expect(refusal(['CRAM-MD5', 'LOGIN'], other, tls)).toBe('AUTH_NO_MECHANISM');
  });

  it('takes nobody for anonymous who did not say so', () => {
    expect(() => chooseMechanism(ALL, { user: 'alice' } as never, tls)).toThrow(TypeError);
  });

  it('uses only the mechanisms it is given', () => {
    expect(chosen(ALL, password, { ...tls, mechanisms: ['plain', 'login'] })).toBe('PLAIN');
    expect(refusal(['PLAIN'], password, { ...tls, mechanisms: ['SCRAM-SHA-256'] })).toBe('AUTH_NO_MECHANISM');
    expect(refusal(ALL, password, { ...tls, mechanisms: [] })).toBe('AUTH_NO_MECHANISM');
  });

  it('uses mechanisms of your own before all others, under the same rules', () => {
    const custom = [
      { name: 'X-WEAK', isSafeInClearText: false, make: () => anonymous({ trace: 'weak' }) },
      { name: 'X-STRONG', isSafeInClearText: true, make: () => anonymous({ trace: 'strong' }) },
    ];
    const made = (offered: readonly string[], options: ChooseMechanismOptions) =>
      decodeText(chooseMechanism(offered, password, { ...options, custom }).initialResponse!);
    expect(made(['PLAIN', 'x-weak', 'X-STRONG'], tls)).toBe('weak');
    expect(made(['SCRAM-SHA-256', 'X-STRONG', 'X-WEAK'], { security: 'none' })).toBe('strong');
    expect(refusal(['X-WEAK'], password, { security: 'none', custom })).toBe('AUTH_INSECURE');
    expect(chosen(['PLAIN', 'X-WEAK'], password, { ...tls, custom, mechanisms: ['PLAIN'] })).toBe('PLAIN');
  });

  it('passes on how many iterations to accept', async () => {
    const mechanism = chooseMechanism(['SCRAM-SHA-256'], password, { ...tls, scram: { minIterations: 10_000 } });
    const nonce = /r=(.*)/.exec(decodeText(mechanism.initialResponse!))![1];
    const challenge = new TextEncoder().encode(`r=${nonce}x,s=QSXCR+Q6sek8bf92,i=9999`);
    await expect(mechanism.respond(challenge)).rejects.toMatchObject({ code: 'AUTH_PROTOCOL' });
  });
});
