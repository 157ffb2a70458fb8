import { describe, expect, test } from 'vitest';
import { parseReferral, referralsOf } from '../src/index.ts';
import { CAPABILITIES, connectTo, outcome, session } from './support.ts';

const BASE = { port: 143, user: undefined, mechanism: undefined, mailbox: undefined, uidValidity: undefined };

describe('the URL of a referral', () => {
  test.each([
    ['imap://SERVER2/', { host: 'SERVER2' }],
    ['IMAP://MIKE@SERVER2/', { host: 'SERVER2', user: 'MIKE' }],
    ['IMAP://user;AUTH=*@SERVER2/SHARED/FOO', { host: 'SERVER2', user: 'user', mailbox: 'SHARED/FOO' }],
    ['imap://;AUTH=gssapi@s:1143', { host: 's', port: 1143, mechanism: 'GSSAPI' }],
    ['imap://a%40b;AUTH=SCRAM-SHA-256@s/', { host: 's', user: 'a@b', mechanism: 'SCRAM-SHA-256' }],
    [
      'imap://s/Gr%C3%BC%C3%9Fe;UIDVALIDITY=385759045/;UID=20',
      { host: 's', mailbox: 'Grüße', uidValidity: 385_759_045 },
    ],
    ['imap://[2001:db8::1]:143/a', { host: '2001:db8::1', mailbox: 'a' }],
    ['imaps://s/', { host: 's', port: 993 }],
  ])('%s', (url, parts) => {
    expect(parseReferral(url)).toEqual({ ...BASE, ...parts, url });
  });

  test.each([
    '',
    'http://s/',
    'imap:///a',
    'imap://',
    'imap://a b/',
    'imap://s/%ff',
    'imap://%@s/',
    `imap://s/${'a'.repeat(3000)}`,
  ])('%j is none', (url) => expect(parseReferral(url)).toBeUndefined());
});

const GREETING = 'S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR LOGIN-REFERRALS] hi';
const LOGIN = { auth: { user: 'a', password: 'b' }, allowInsecureAuth: true };

describe('an account elsewhere (RFC 2221)', () => {
  test('is told of by the refusal of the login', async () => {
    const { client } = connectTo(
      `${GREETING}
       C: {a} AUTHENTICATE PLAIN AGEAYg==
       S: {a} NO [REFERRAL IMAP://MIKE@SERVER2/] Specified user is invalid on this server. Try SERVER2.`,
      LOGIN,
    );
    const error = await outcome(client);
    expect(error).toMatchObject({ code: 'AUTH_REFUSED' });
    expect(referralsOf(error)).toMatchObject([{ host: 'SERVER2', user: 'MIKE' }]);
  });

  test('is told of by the login itself', async () => {
    const { client } = connectTo(
      `${GREETING}
       C: {a} AUTHENTICATE PLAIN AGEAYg==
       S: {a} OK [REFERRAL IMAP://MATTHEW@SERVER2/] Specified user's personal mailboxes located on Server2
       C: {b} CAPABILITY
       S: * CAPABILITY IMAP4rev1
       S: {b} OK done`,
      LOGIN,
    );
    expect((await client).referrals).toMatchObject([{ host: 'SERVER2', user: 'MATTHEW' }]);
    expect((await session('')).client.referrals).toEqual([]);
  });

  test('is told of by a server that takes nobody, but believed only when nobody can have changed it', async () => {
    const bye = 'S: * BYE [REFERRAL IMAP://user;AUTH=*@SERVER2/] Server not accepting connections.';
    const told = await outcome(connectTo(bye, LOGIN).client);
    expect(told).toMatchObject({ code: 'CONNECTION_BYE' });
    expect(referralsOf(told)).toMatchObject([{ host: 'SERVER2', user: 'user', mechanism: undefined }]);
    expect(referralsOf(await outcome(connectTo(bye, { ...LOGIN, security: 'starttls' }).client))).toEqual([]);
  });
});

describe('a mailbox elsewhere (RFC 2193)', () => {
  const options = { capabilities: `${CAPABILITIES} MAILBOX-REFERRALS` };

  test('is told of by the refusal to open it', async () => {
    const { client } = await session(
      `C: {a} SELECT REMOTE
       S: {a} NO [REFERRAL IMAP://user;AUTH=*@SERVER2/REMOTE IMAP://user;AUTH=*@SERVER3/REMOTE nonsense] Remote mailbox.`,
      options,
    );
    const error = await outcome(client.select('REMOTE'));
    expect(referralsOf(error)).toMatchObject([
      { host: 'SERVER2', mailbox: 'REMOTE' },
      { host: 'SERVER3', mailbox: 'REMOTE' },
    ]);
    expect(referralsOf(new Error('x', { cause: error }))).toHaveLength(2);
    expect(referralsOf(undefined)).toEqual([]);
  });

  test('is listed when it is asked for', async () => {
    const { client, server } = await session(
      `C: {a} RLIST "" *
       S: * LIST () "/" REMOTE
       S: {a} OK done
       C: {b} RLSUB "" *
       S: * LSUB () "/" REMOTE
       S: {b} OK done`,
      options,
    );
    expect((await client.list({ remote: true })).map(({ path }) => path)).toEqual([['REMOTE']]);
    expect(await client.list({ remote: true, subscribedOnly: true })).toHaveLength(1);
    expect((await server).outcome).toBe('done');
    const plain = (await session('')).client;
    expect(await outcome(plain.list({ remote: true }))).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
  });

  test('is listed with LIST-EXTENDED too', async () => {
    const { client } = await session(
      `C: {a} LIST (SUBSCRIBED REMOTE) "" * RETURN (CHILDREN SUBSCRIBED)
       S: * LIST (\\Remote \\Subscribed) "/" REMOTE
       S: {a} OK done`,
      { capabilities: `${CAPABILITIES} LIST-EXTENDED` },
    );
    expect(await client.list({ remote: true, subscribedOnly: true })).toMatchObject([
      { attributes: ['\\Remote', '\\Subscribed'] },
    ]);
  });
});
