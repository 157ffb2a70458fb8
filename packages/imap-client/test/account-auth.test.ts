import { inspect } from 'node:util';
import { AuthenticationError } from '@posthorn/core';
import type { ClientMechanism } from '@posthorn/sasl';
import { expect, test } from 'vitest';
import type { Auth } from '../src/index.ts';
import { bytes, connectTo, LOGOUT } from './support.ts';

const TOKEN = 'ya29.secret-token';
const XOAUTH2 = btoa(`user=alice\x01auth=Bearer ${TOKEN}\x01\x01`);
const greeting = (capabilities: string): string => `S: * OK [CAPABILITY IMAP4rev1 ${capabilities}] ready`;

async function loggedIn(transcript: string, auth: Auth): Promise<void> {
  const { client, server } = connectTo(`${transcript}${LOGOUT}`, { auth, allowInsecureAuth: true });
  await (await client).close();
  expect((await server).outcome).toBe('done');
}

async function refused(transcript: string, auth: Auth): Promise<AuthenticationError> {
  const { client } = connectTo(transcript, { auth, allowInsecureAuth: true });
  const error: unknown = await client.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AuthenticationError);
  return error as AuthenticationError;
}

test('an access token goes with OAUTHBEARER before XOAUTH2', async () => {
  const bearer = btoa(`n,a=alice,\x01auth=Bearer ${TOKEN}\x01\x01`);
  await loggedIn(
    `${greeting('SASL-IR AUTH=XOAUTH2 AUTH=OAUTHBEARER AUTH=PLAIN')}
    C: {a} AUTHENTICATE OAUTHBEARER ${bearer}
    S: {a} OK [CAPABILITY IMAP4rev1] done`,
    { user: 'alice', accessToken: TOKEN },
  );
});

test('an access token goes with XOAUTH2, without SASL-IR too', async () => {
  await loggedIn(
    `${greeting('AUTH=XOAUTH2')}
    C: {a} AUTHENTICATE XOAUTH2
    S: +
    C: ${XOAUTH2}
    S: {a} OK [CAPABILITY IMAP4rev1] done`,
    { user: 'alice', accessToken: TOKEN },
  );
});

test('a refused token is acknowledged, and the reason told without the token (pain 13)', async () => {
  const reason = btoa('{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}');
  const error = await refused(
    `${greeting('SASL-IR AUTH=XOAUTH2')}
    C: {a} AUTHENTICATE XOAUTH2 ${XOAUTH2}
    S: + ${reason}
    C:
    S: {a} NO [AUTHENTICATIONFAILED] Invalid credentials ${TOKEN} ${XOAUTH2}
    ! end`,
    { user: 'alice', accessToken: TOKEN },
  );
  expect(error.code).toBe('AUTH_REFUSED');
  expect(error.message).toMatch(/the server refused the access token: .*"status":"400"/);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(new RegExp(`${TOKEN}|${XOAUTH2}`));
});

test('a token never goes as a password, nor over a connection without TLS', async () => {
  const auth = { user: 'alice', accessToken: TOKEN };
  expect((await refused(`${greeting('AUTH=PLAIN')}\n! end`, auth)).code).toBe('AUTH_NO_MECHANISM');
  const { client } = connectTo(`${greeting('AUTH=XOAUTH2')}\n! end`, { auth });
  await expect(client).rejects.toMatchObject({ code: 'AUTH_INSECURE' });
});

test('EXTERNAL and ANONYMOUS are used by those who ask for them', async () => {
  await loggedIn(
    `${greeting('SASL-IR AUTH=EXTERNAL AUTH=PLAIN')}
    C: {a} AUTHENTICATE EXTERNAL =
    S: {a} OK [CAPABILITY IMAP4rev1] done`,
    { external: true },
  );
  await loggedIn(
    `${greeting('SASL-IR AUTH=ANONYMOUS')}
    C: {a} AUTHENTICATE ANONYMOUS ${btoa('guest')}
    S: {a} OK [CAPABILITY IMAP4rev1] done`,
    { anonymous: true, trace: 'guest' },
  );
});

test('a password may open the account of somebody else', async () => {
  await loggedIn(
    `${greeting('SASL-IR AUTH=PLAIN AUTH=LOGIN')}
    C: {a} AUTHENTICATE PLAIN ${btoa('bob\0alice\0secret')}
    S: {a} OK [CAPABILITY IMAP4rev1] done`,
    { user: 'alice', password: 'secret', authorizeAs: 'bob' },
  );
});

test('a mechanism of your own is used when it is offered', async () => {
  const make = (): ClientMechanism => ({
    name: 'X-MAGIC',
    clientFirst: true,
    initialResponse: bytes('abracadabra'),
    respond: () => bytes(''),
    finished: () => {},
  });
  const magic = { name: 'X-MAGIC', isSafeInClearText: true, make };
  const auth = { user: 'alice', password: 'secret', custom: [magic] };
  const transcript = (capabilities: string, command: string): string =>
    `${greeting(`SASL-IR ${capabilities}`)}
    C: {a} AUTHENTICATE ${command}
    S: {a} OK [CAPABILITY IMAP4rev1] done`;
  await loggedIn(transcript('AUTH=X-MAGIC AUTH=PLAIN', `X-MAGIC ${btoa('abracadabra')}`), auth);
  await loggedIn(transcript('AUTH=PLAIN', `PLAIN ${btoa('\0alice\0secret')}`), auth);
});
