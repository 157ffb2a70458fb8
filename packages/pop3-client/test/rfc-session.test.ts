/** The examples of the RFCs, played as they stand. */
import { octetByOctet, playServer, randomSplits } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { describe, expect, test } from 'vitest';
import { connect, type Pop3Client } from '../src/index.ts';
import { capa, connectTo, text } from './support.ts';

const NO_CAPA = `
  C: CAPA
  S: -ERR unknown command`;

/** RFC 1939 section 10, with the messages that the RFC leaves out. */
const EXAMPLE = `
  S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>${NO_CAPA}
  C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
  S: +OK mrose's maildrop has 2 messages (320 octets)${NO_CAPA}
  C: STAT
  S: +OK 2 320
  C: LIST
  S: +OK 2 messages (320 octets)
  S: 1 120
  S: 2 200
  S: .
  C: RETR 1
  S: +OK 120 octets
  S: Subject: one
  S:
  S: ..first
  S: .
  C: DELE 1
  S: +OK message 1 deleted
  C: RETR 2
  S: +OK 200 octets
  S: Subject: two
  S: .
  C: DELE 2
  S: +OK message 2 deleted
  C: QUIT
  S: +OK dewey POP3 server signing off (maildrop empty)
  ! end`;

const APOP = { auth: { user: 'mrose', password: 'tanstaaf', apop: true }, allowInsecureAuth: true };

async function download(client: Pop3Client): Promise<string[]> {
  const log = [JSON.stringify(await client.stat())];
  for (const { number } of await client.list()) {
    log.push(text(await (await client.retrieve(number)).bytes()));
    await client.delete(number);
  }
  await client.quit();
  return log;
}

const EXPECTED = ['{"messages":2,"octets":320}', 'Subject: one\r\n\r\n.first\r\n', 'Subject: two\r\n'];

describe('RFC 1939', () => {
  test('section 10, however its octets are cut', async () => {
    const cuts = [
      octetByOctet,
      ...[1, 2, 3].map((seed) => (octets: Uint8Array) => [...randomSplits(octets, seed, { count: 1 })][0]!),
    ];
    for (const split of cuts) {
      const [mine, theirs] = memoryPair();
      const server = playServer(theirs, EXAMPLE, { split });
      const client = await connect({ transport: mine, ...APOP });
      expect(client.greeting).toBe('POP3 server ready <1896.697170952@dbc.mtview.ca.us>');
      expect(client.timestamp).toBe('<1896.697170952@dbc.mtview.ca.us>');
      expect(await download(client)).toEqual(EXPECTED);
      expect((await server).outcome).toBe('done');
      expect(client.closeReason).toBeUndefined();
    }
  });

  test('section 7: TOP, UIDL, and their refusals', async () => {
    const { client, server } = connectTo(
      `S: +OK ready${NO_CAPA}
       C: USER mrose
       S: +OK mrose is a real hoopy frood
       C: PASS secret
       S: +OK mrose's maildrop has 2 messages (320 octets)${NO_CAPA}
       C: TOP 1 10
       S: +OK
       S: A: b
       S:
       S: ...
       S: .
       C: TOP 100 3
       S: -ERR no such message
       C: UIDL
       S: +OK
       S: 1 whqtswO00WBw418f9t5JxYwZ
       S: 2 QhdPYR:00WBw1Ph7x7
       S: .
       C: UIDL 2
       S: +OK 2 QhdPYR:00WBw1Ph7x7
       C: UIDL 3
       S: -ERR no such message, only 2 messages in maildrop
       C: LIST 2
       S: +OK 2 200
       C: NOOP
       S: +OK
       C: RSET
       S: +OK maildrop has 2 messages (320 octets)
       C: QUIT
       S: +OK
       ! end`,
      { auth: { user: 'mrose', password: 'secret' }, allowInsecureAuth: true },
    );
    const pop = await client;
    expect(pop.capabilities.isKnown).toBe(false);
    expect(text(await (await pop.top(1, 10)).bytes())).toBe('A: b\r\n\r\n..\r\n');
    await expect(pop.top(100, 3)).rejects.toMatchObject({ code: 'POP3_ERR', command: 'TOP 100 3' });
    expect(await pop.uniqueIds()).toEqual([
      { number: 1, uniqueId: 'whqtswO00WBw418f9t5JxYwZ' },
      { number: 2, uniqueId: 'QhdPYR:00WBw1Ph7x7' },
    ]);
    expect(await pop.uniqueIdOf(2)).toBe('QhdPYR:00WBw1Ph7x7');
    await expect(pop.uniqueIdOf(3)).rejects.toMatchObject({ text: 'no such message, only 2 messages in maildrop' });
    expect(await pop.sizeOf(2)).toBe(200);
    await pop.noop();
    await pop.reset();
    await pop.quit();
    expect((await server).outcome).toBe('done');
  });
});

test('RFC 2449 section 5: capabilities', async () => {
  const offered = [
    'TOP',
    'USER',
    'SASL CRAM-MD5 KERBEROS_V4',
    'RESP-CODES',
    'LOGIN-DELAY 900 USER',
    'PIPELINING',
    'EXPIRE 60',
    'UIDL',
    'IMPLEMENTATION Shlemazle-Plotz-v302',
  ];
  const { client } = connectTo(`S: +OK ready${capa(offered)}`);
  const { capabilities, state } = await client;
  expect(state).toBe('authorization');
  expect(capabilities.has('pipelining')).toBe(true);
  expect(capabilities.has('STLS')).toBe(false);
  expect(capabilities.mayHave('STLS')).toBe(false);
  expect(capabilities.saslMechanisms).toEqual(['CRAM-MD5', 'KERBEROS_V4']);
  expect(capabilities.loginDelay).toEqual({ seconds: 900, isPerUser: true });
  expect(capabilities.expire).toEqual({ days: 60, isPerUser: false });
  expect(capabilities.implementation).toBe('Shlemazle-Plotz-v302');
  expect([...capabilities].map(([name]) => name)).toEqual(offered.map((line) => line.split(' ')[0]));
  (await client).destroy();
});

test('RFC 6856 section 3.3: languages', async () => {
  const { client, server } = connectTo(
    `S: +OK ready${capa(['LANG', 'UTF8'])}
     C: UTF8
     S: +OK
     C: LANG MUL
     S: -ERR invalid language MUL
     C: LANG
     S: +OK Language listing follows:
     S: en English
     S: de Deutsch
     S: i-default Default language
     S: .
     C: LANG de
     S: +OK de Sprache geändert
     C: QUIT
     S: +OK
     ! end`,
    { utf8: true },
  );
  const pop = await client;
  await expect(pop.setLanguage('MUL')).rejects.toMatchObject({ text: 'invalid language MUL' });
  expect(await pop.languages()).toEqual([
    { tag: 'en', description: 'English' },
    { tag: 'de', description: 'Deutsch' },
    { tag: 'i-default', description: 'Default language' },
  ]);
  expect(await pop.setLanguage('de')).toBe('de');
  await pop.quit();
  expect((await server).outcome).toBe('done');
});

test('RFC 5034 section 6: PLAIN in two steps, and with the initial response', async () => {
  for (const initialResponse of [false, true]) {
    const exchange = initialResponse
      ? 'C: AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q='
      : 'C: AUTH PLAIN\nS: + \nC: dGVzdAB0ZXN0AHRlc3Q=';
    const { client, server } = connectTo(
      `S: +OK ready${capa(['SASL PLAIN'])}
       ${exchange}
       S: +OK Maildrop locked and ready${capa(['SASL PLAIN', 'UIDL'])}
       C: QUIT
       S: +OK
       ! end`,
      {
        auth: { user: 'test', password: 'test', authorizeAs: 'test', initialResponse },
        allowInsecureAuth: true,
      },
    );
    const pop = await client;
    expect(pop.state).toBe('transaction');
    expect(pop.capabilities.has('UIDL')).toBe(true);
    await pop.quit();
    expect((await server).outcome).toBe('done');
  }
});
