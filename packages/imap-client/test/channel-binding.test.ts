import type { ChannelBinding, Transport } from '@posthorn/core';
import { memoryPair } from '@posthorn/transport';
import { expect, test } from 'vitest';
import { connect } from '../src/index.ts';
import { bytes } from './support.ts';

const channelBinding: ChannelBinding = { type: 'tls-exporter', data: new Uint8Array(32) };

/** The mechanisms that a client tries, each with its flag for channel binding, on a server that says this to all of them. */
async function tried(
  refusal: string,
  { mechanisms, greeting = 'hello' }: { readonly mechanisms?: readonly string[]; readonly greeting?: string } = {},
): Promise<readonly string[]> {
  const [mine, theirs] = memoryPair();
  const transport: Transport = Object.defineProperties(mine, {
    security: { value: 'tls' },
    channelBinding: { value: channelBinding },
  });
  const auth = { user: 'alice', password: 'secret', ...(mechanisms && { mechanisms }) };
  const client = connect({ transport, security: 'none', auth });
  const attempts: string[] = [];
  // The client leaves without a word when it was refused.
  await Promise.all([
    expect(client).rejects.toMatchObject({ code: 'AUTH_REFUSED' }),
    expect(refuseAll(theirs, { refusal, greeting }, attempts)).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' }),
  ]);
  return attempts;
}

async function refuseAll(
  theirs: Transport,
  { refusal, greeting }: { readonly refusal: string; readonly greeting: string },
  attempts: string[],
): Promise<void> {
  await theirs.write(
    bytes(`* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-256-PLUS] ${greeting}\r\n`),
  );
  for (let octets = await theirs.read(); octets !== null; octets = await theirs.read()) {
    const [tag, , mechanism, first = ''] = new TextDecoder().decode(octets).trim().split(' ');
    attempts.push(`${mechanism} ${atob(first).split(',')[0]}`);
    await theirs.write(bytes(`${tag} NO ${refusal}\r\n`));
  }
}

const BOUND = 'SCRAM-SHA-256-PLUS p=tls-exporter';

test('SCRAM goes on without channel binding where the server knows another one only', async () => {
  expect(await tried('bad protocol / cancel')).toEqual([BOUND, 'SCRAM-SHA-256 n']);
});

test.each([
  ['localhost Cyrus IMAP 3.6.1-Debian-3.6.1-4+deb12u3 server ready', ['SCRAM-SHA-256 n']],
  ['localhost Cyrus IMAP v2.4.17 server ready', ['SCRAM-SHA-256 n']],
  ['localhost Cyrus IMAP 3.12.0 server ready', [BOUND]],
])('SCRAM begins without it where the version is known to know another one only: %s', async (greeting, expected) => {
  expect(await tried('[AUTHENTICATIONFAILED] no', { greeting })).toEqual(expected);
  const mechanisms = ['SCRAM-SHA-256-PLUS'];
  expect(await tried('[AUTHENTICATIONFAILED] no', { greeting, mechanisms })).toEqual([BOUND]);
});

test('SCRAM does not go on without it after another refusal, nor where nothing else is allowed', async () => {
  expect(await tried('[AUTHENTICATIONFAILED] authentication failure')).toEqual([BOUND]);
  expect(await tried('bad protocol / cancel', { mechanisms: ['SCRAM-SHA-256-PLUS'] })).toEqual([BOUND]);
});

test('SCRAM that alone is allowed does not claim that no channel binding was offered', async () => {
  expect(await tried('[AUTHENTICATIONFAILED] no', { mechanisms: ['SCRAM-SHA-256'] })).toEqual(['SCRAM-SHA-256 n']);
});
