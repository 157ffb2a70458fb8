import { inspect } from 'node:util';
import { AuthenticationError, InvalidStateError, utf8Bytes } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { oauthBearer, oauthBearerServer, xoauth2, xoauth2Server } from '../src/index.ts';
import { ALICE, authenticator, run, TLS_CONTEXT, TOKEN, USER } from './authenticator.ts';

const credentials = { user: USER, accessToken: TOKEN };

describe('OAUTHBEARER', () => {
  it('sends the message of RFC 7628 section 4.1', () => {
    const mechanism = oauthBearer({
      user: 'user@example.com',
      accessToken: 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==',
      host: 'server.example.com',
      port: 143,
    });
    expect(btoa(String.fromCharCode(...mechanism.initialResponse!))).toBe(
      'bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyI' +
        'HZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB',
    );
  });

  it('writes commas and equal signs in a name so that they part nothing', async () => {
    const mechanism = oauthBearer({ user: 'a=b,c', accessToken: TOKEN });
    expect(new TextDecoder().decode(mechanism.initialResponse)).toBe(`n,a=a=3Db=2Cc,\x01auth=Bearer ${TOKEN}\x01\x01`);
    const seen: string[] = [];
    const server = oauthBearerServer(
      { ...authenticator, checkToken: async (user) => void seen.push(user) },
      TLS_CONTEXT,
    );
    await server.step(mechanism.initialResponse);
    expect(seen).toEqual(['a=b,c']);
  });
});

describe.each([
  ['OAUTHBEARER', oauthBearer, oauthBearerServer, '\x01'],
  ['XOAUTH2', xoauth2, xoauth2Server, ''],
] as const)('%s', (name, makeClient, makeServer, acknowledgement) => {
  it('reaches the account, with and without an initial response', async () => {
    for (const initial of [true, false]) {
      const client = makeClient(credentials);
      const { step } = await run(client, makeServer(authenticator, TLS_CONTEXT), { initial });
      expect(step).toEqual({ type: 'success', account: ALICE });
      client.finished();
    }
  });

  it('acknowledges the reason of a refusal once, and tells it', async () => {
    const client = makeClient({ ...credentials, accessToken: 'expired' });
    const { step, messages } = await run(client, makeServer(authenticator, TLS_CONTEXT));
    expect(step).toEqual({ type: 'failure', reason: 'credentials' });
    expect(messages.slice(1)).toEqual(['S: {"status":"invalid_token"}', `C: ${acknowledgement}`]);
    expect(client.serverError).toBe('{"status":"invalid_token"}');
    expect(() => client.respond(utf8Bytes('{}'))).toThrow(AuthenticationError);
    expect(() => client.finished()).toThrow(/refused in .* and then reported success/);
  });

  it('tells the reason on one line, cut', () => {
    const client = makeClient(credentials);
    client.respond(utf8Bytes(`a\r\n\u001b[31mb${'c'.repeat(1000)}`));
    expect(client.serverError).toMatch(/^a \[31mbc+$/);
    expect(client.serverError!.length).toBe(500);
  });

  it('refuses what cannot be sent, without showing it', () => {
    for (const accessToken of ['', 'se cret', 'secret\x01auth=Bearer x', 'secret\r\n', 'sécret']) {
      expect(() => makeClient({ user: USER, accessToken })).toThrow(TypeError);
      expect(() => makeClient({ user: USER, accessToken })).not.toThrow(/cret/);
    }
    for (const user of ['', 'a\0', 'a\x01auth=Bearer x'])
      expect(() => makeClient({ user, accessToken: TOKEN })).toThrow(TypeError);
  });

  it.each([
    '',
    '\x01\x01',
    'n,,\x01auth=Bearer x\x01\x01',
    'user=alice\x01auth=Basic x\x01\x01',
    'n,a=alice,\x01auth=Bearer x',
    'p=tls-exporter,a=alice,\x01auth=Bearer x\x01\x01',
    'user=alice\x01\x01',
    'n,a=al=ice,\x01auth=Bearer x\x01\x01',
  ])('refuses the message %j', async (message) => {
    const server = makeServer(authenticator, TLS_CONTEXT);
    expect(await server.step(utf8Bytes(message))).toEqual({ type: 'failure', reason: 'protocol' });
    await expect(server.step(utf8Bytes(message))).rejects.toThrow(InvalidStateError);
  });

  it('shows no secret when inspected', () => {
    expect(inspect(makeClient(credentials), { depth: 9, showHidden: true })).not.toContain(TOKEN);
    expect(makeClient(credentials).name).toBe(name);
  });
});
