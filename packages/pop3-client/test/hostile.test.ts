/**
 * Servers that mean harm, over real sockets and TLS, against a client with default options: only who to trust, and how
 * long to wait, is told otherwise.
 */

import { type Certificate, makeCertificate } from '@posthorn/certificates';
import { utf8Bytes } from '@posthorn/core';
import {
  type HostilePop3,
  LOGIN_ATTACKS,
  type Pop3Line,
  playPop3,
  RESOURCE_ATTACKS,
  SESSION_ATTACKS,
  TLS_ATTACKS,
  UnhandledRejections,
} from '@posthorn/testkit';
import { listen } from '@posthorn/transport';
import { toBase64 } from '@posthorn/wire';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connect, type Pop3Auth, type Pop3Client } from '../src/index.ts';
import { outcome, settle } from './support.ts';

const PASSWORD = 'tanstaaf-and-then-some';
const SECRETS = [PASSWORD, `\0mrose\0${PASSWORD}`, 'ya29.token'].flatMap((text) => [text, toBase64(utf8Bytes(text))]);
const TIMEOUTS = {
  connectMs: 2000,
  greetingMs: 500,
  tlsMs: 1000,
  authMs: 2000,
  commandMs: 500,
  progressMs: 1000,
  closeMs: 500,
};

const AUTH: Readonly<Record<NonNullable<HostilePop3['login']> | 'password', Pop3Auth>> = {
  password: { user: 'mrose', password: PASSWORD },
  apop: { user: 'mrose', password: PASSWORD, apop: true },
  token: { user: 'mrose', accessToken: 'ya29.token' },
};

const certificates = new Map<HostilePop3['certificate'], Certificate>();
const rejections = new UnhandledRejections();

beforeAll(async () => {
  const hosts = ['127.0.0.1'];
  certificates.set(undefined, await makeCertificate({ hosts }));
  certificates.set('unknownAuthority', await makeCertificate({ hosts }));
  certificates.set('wrongHost', await makeCertificate({ hosts: ['mail.example.org'] }));
  certificates.set('expired', await makeCertificate({ hosts, validTo: new Date(Date.now() - 86_400_000) }));
});

beforeEach(() => rejections.begin());

afterEach(async () => {
  await settle();
  expect(await rejections.end()).toEqual([]);
});

/** What anybody would do with a maildrop. @returns the messages, as Latin-1 */
async function use(client: Pop3Client): Promise<readonly string[]> {
  const messages: string[] = [];
  await client.stat();
  const sizes = await client.list();
  await client.uniqueIds();
  for await (const message of client.retrieveMany(sizes.map(({ number }) => number)))
    messages.push(Buffer.from(await message.bytes()).toString('latin1'));
  await Promise.all(sizes.map(({ number }) => client.delete(number)));
  await client.quit();
  return messages;
}

interface Ended {
  readonly result: unknown;
  readonly messages: readonly string[] | undefined;
  readonly lines: readonly Pop3Line[];
  readonly logged: readonly string[];
}

/** A session with a hostile server, from the first octet to the last. */
async function meet({ security, peer, certificate, login }: HostilePop3): Promise<Ended> {
  const { cert, key } = certificates.get(certificate)!;
  const tls = { cert, key };
  const conversations: Promise<readonly Pop3Line[]>[] = [];
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    ...(security === 'tls' ? { tls } : {}),
    onConnection: (transport) => {
      conversations.push(playPop3(transport, { ...peer, tls }));
    },
  });
  const ca = certificate === 'unknownAuthority' ? certificates.get(undefined)!.ca : certificates.get(certificate)!.ca;
  const logged: string[] = [];
  const write = (message: string, fields?: object): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  let messages: readonly string[] | undefined;
  const session = async (): Promise<void> => {
    const client = await connect({
      host: '127.0.0.1',
      port: server.port,
      security,
      auth: AUTH[login ?? 'password'],
      tls: { ca },
      timeouts: TIMEOUTS,
      logger: { debug: write, info: write, warn: write, error: write },
    });
    try {
      messages = await use(client);
    } finally {
      await client.close();
      await client.closed;
    }
  };
  const result = await outcome(session());
  const lines = (await Promise.all(conversations)).flat();
  await server.close();
  return { result, messages, lines, logged };
}

/** Everything that an error tells, its causes too. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack}${JSON.stringify(error)}${error.cause === undefined ? '' : textOf(error.cause)}`;
}

describe.each([
  ['TLS', TLS_ATTACKS],
  ['logging in', LOGIN_ATTACKS],
  ['time and memory', RESOURCE_ATTACKS],
  ['framing and words', SESSION_ATTACKS],
])('attacks on %s', (_, attacks) => {
  test.each(attacks)('$name', async (attack) => {
    const { codes, never, security } = attack;
    const { result, messages, lines, logged } = await meet(attack);
    if (codes === undefined) {
      expect(result).toBe('resolved');
      expect(messages).toEqual(attack.messages ?? attack.peer.messages ?? expect.anything());
    } else {
      expect(codes).toContain((result as { code?: string }).code);
      expect(messages).toBeUndefined();
    }
    for (const { line, security: channel } of lines) {
      if (never !== undefined && (security === 'tls' || channel === 'none')) expect(line).not.toMatch(never);
      if (channel === 'none') for (const secret of SECRETS) expect(line).not.toContain(secret);
    }
    const told = textOf(result) + logged.join('\n');
    for (const secret of SECRETS) expect(told).not.toContain(secret);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not be there
    expect((result as Error).message ?? '').not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(((result as Error).message ?? '').length).toBeLessThan(500);
  });
});

test('there are enough of them', () => {
  const all = [TLS_ATTACKS, LOGIN_ATTACKS, RESOURCE_ATTACKS, SESSION_ATTACKS].flat();
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  expect(all.length).toBeGreaterThan(80);
});
