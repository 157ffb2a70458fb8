import type { ChannelBinding } from '@posthorn/core';
import { type Pop3Behaviour, playPop3 } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { fromBase64 } from '@posthorn/wire';
import { expect, test } from 'vitest';
import { connect } from '../src/index.ts';
import { AUTH, outcome, pretendTls } from './support.ts';

const channelBinding: ChannelBinding = { type: 'tls-exporter', data: new Uint8Array(32) };

/** The mechanisms that a client tries, each with its flag for channel binding, on a server that says this to all of them. */
async function tried(refusal: string, mechanisms?: readonly string[]): Promise<unknown> {
  const [mine, theirs] = memoryPair();
  const attempts: string[] = [];
  const refuse: Pop3Behaviour = async (peer, argument) => {
    await peer.send('+ \r\n');
    const first = new TextDecoder().decode(fromBase64((await peer.line()) ?? '') ?? undefined);
    attempts.push(`${argument} ${first.split(',')[0]}`);
    return `-ERR ${refusal}`;
  };
  const capabilities = ['SASL PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS'];
  const server = playPop3(theirs, { capabilities, greeting: '+OK', on: { AUTH: refuse } });
  const transport = Object.defineProperty(pretendTls(mine, { security: 'tls' }), 'channelBinding', {
    value: channelBinding,
  });
  const auth = { ...AUTH, ...(mechanisms && { mechanisms }) };
  expect(await outcome(connect({ transport, auth }))).toMatchObject({ code: 'AUTH_REFUSED' });
  await server;
  return attempts;
}

const BOUND = 'SCRAM-SHA-256-PLUS p=tls-exporter';

test('SCRAM goes on without channel binding where the server knows another one only', async () => {
  expect(await tried('[AUTH] authenticating: bad protocol / cancel')).toEqual([BOUND, 'SCRAM-SHA-256 n']);
});

test('SCRAM does not go on without it after another refusal, nor where nothing else is allowed', async () => {
  expect(await tried('[AUTH] authentication failure')).toEqual([BOUND]);
  expect(await tried('bad protocol / cancel', ['SCRAM-SHA-256-PLUS'])).toEqual([BOUND]);
});

test('SCRAM that alone is allowed does not claim that no channel binding was offered', async () => {
  expect(await tried('[AUTH] no', ['SCRAM-SHA-256'])).toEqual(['SCRAM-SHA-256 n']);
});
