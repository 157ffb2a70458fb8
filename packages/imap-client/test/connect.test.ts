import { AuthenticationError, ConnectionClosedError, silentLogger, TransportError } from '@posthorn/core';
import { playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { describe, expect, test } from 'vitest';
import { type ConnectOptions, connect, ImapError, NotImapError } from '../src/index.ts';
import { connectTo, LOGOUT, outcome, pretendTls, TestTimers } from './support.ts';

const AUTH = { user: 'alice', password: 'secret' };
const PLAIN = 'AGFsaWNlAHNlY3JldA==';
const CLEAR = { auth: AUTH, allowInsecureAuth: true };

/** Connects over a transport that pretends to run TLS, and tells what the server saw of us. */
function secure(transcript: string, options: Partial<ConnectOptions> = {}, startTls?: () => Promise<void>) {
  const [mine, theirs] = memoryPair();
  const server = playServer(theirs, transcript);
  server.catch(() => {});
  const client = connect({
    transport: pretendTls(mine, startTls && { startTls }),
    host: 'imap.example.org',
    auth: AUTH,
    ...options,
  });
  client.catch(() => {});
  return { client, server };
}

describe('the greeting', () => {
  test('OK with capabilities needs no CAPABILITY command', async () => {
    const { client, server } = connectTo(
      `S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready
       C: {a} AUTHENTICATE PLAIN ${PLAIN}
       S: {a} OK [CAPABILITY IMAP4rev1 IDLE] in${LOGOUT}`,
      CLEAR,
    );
    const imap = await client;
    expect(imap.capabilities.names).toEqual(['IMAP4rev1', 'IDLE']);
    await imap.close();
    expect((await server).outcome).toBe('done');
  });

  test('OK without capabilities, nor after login: asked twice', async () => {
    const { client } = connectTo(
      `S: * OK ready
       C: {c} CAPABILITY
       S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
       S: {c} OK done
       C: {a} AUTHENTICATE PLAIN
       S: +
       C: ${PLAIN}
       S: {a} OK in
       C: {d} CAPABILITY
       S: * CAPABILITY IMAP4rev1 UIDPLUS
       S: {d} OK done`,
      CLEAR,
    );
    expect((await client).capabilities.names).toEqual(['IMAP4rev1', 'UIDPLUS']);
  });

  test('untagged capabilities during login count as those after it', async () => {
    const { client } = connectTo(
      `S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready
       C: {a} AUTHENTICATE PLAIN ${PLAIN}
       S: * CAPABILITY IMAP4rev1 MOVE
       S: {a} OK in`,
      CLEAR,
    );
    expect((await client).capabilities.has('move')).toBe(true);
  });

  test('PREAUTH needs no login', async () => {
    const { client } = connectTo('S: * PREAUTH [CAPABILITY IMAP4rev1] hello');
    expect((await client).capabilities.has('IMAP4rev1')).toBe(true);
  });

  test('BYE says that we are not welcome', async () => {
    const { client } = connectTo('S: * BYE too many connections', CLEAR);
    expect(await outcome(client)).toMatchObject({ code: 'CONNECTION_BYE' });
  });

  test.each([
    ['smtp', '220 mail.example.org ESMTP ready'],
    ['smtp', '421 busy, come back later'],
    ['pop3', '+OK POP3 ready'],
    ['http', 'HTTP/1.1 400 Bad Request'],
    ['ssh', 'SSH-2.0-OpenSSH_9.6'],
    ['tls', '{x15}{x03}{x01}{x00}{x02}{x02}{x0a}'],
    ['unknown', 'hello, who is there?'],
  ])('of %s is recognised (pain 33)', async (protocol, line) => {
    const error = await outcome(connectTo(`S: ${line}\n! close`, CLEAR).client);
    expect(error).toBeInstanceOf(NotImapError);
    expect(error).toMatchObject({ code: 'IMAP_NOT_IMAP', protocol });
    expect((error as NotImapError).received).toMatch(/^[ -~]+$/);
  });

  test.each([
    ['', 'CONNECTION_CLOSED'],
    ['S: * OK half a gree{noeol}', 'CONNECTION_CLOSED'],
    ['S: 22{noeol}', 'IMAP_NOT_IMAP'],
    ['S: * NO go away', 'IMAP_PROTOCOL'],
    ['S: * 3 EXISTS', 'IMAP_PROTOCOL'],
    ['S: * OK [CAPABILITY IMAP4rev1] ready\nS: A1 OK done', 'IMAP_PROTOCOL'],
  ])('%j and then nothing rejects', async (line, code) => {
    expect(await outcome(connectTo(`${line}\n! close`, CLEAR).client)).toMatchObject({ code });
  });

  test('that does not come in time rejects', async () => {
    const timers = new TestTimers();
    const { client } = connectTo('S: * OK slow{noeol}\n! end', { ...CLEAR, timers });
    const ended = outcome(client);
    await timers.advance(10_001);
    expect(await ended).toMatchObject({ code: 'CONNECTION_TIMEOUT' });
    expect(timers.pending).toBe(0);
  });

  test('an abort rejects with its reason', async () => {
    const abort = new AbortController();
    const { client, server } = connectTo('! end', { ...CLEAR, signal: abort.signal });
    abort.abort('enough');
    expect(await outcome(client)).toBe('enough');
    await outcome(server);
    expect(await outcome(connect({ host: 'unused', signal: AbortSignal.abort('before') }))).toBe('before');
  });
});

describe('what the server says while it lets us in', () => {
  const ALERT = '* OK [ALERT] The system goes down at noon';
  const heardBy = (heard: string[]): Partial<ConnectOptions> => ({
    onUnsolicited: (event) => void heard.push(event.type === 'status' ? event.text : event.type),
    logger: { ...silentLogger, warn: (message, fields) => void heard.push(`${message}: ${fields?.['text']}`) },
  });

  test('is told: an alert is for people (RFC 9051 section 7.1)', async () => {
    const heard: string[] = [];
    const { client } = connectTo(
      `S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready
       C: {a} AUTHENTICATE PLAIN ${PLAIN}
       S: ${ALERT}
       S: {a} OK [CAPABILITY IMAP4rev1] in${LOGOUT}`,
      { ...CLEAR, ...heardBy(heard) },
    );
    await (await client).close();
    expect(heard).toEqual([
      'alert from the server: The system goes down at noon',
      'The system goes down at noon',
      // BYE, at LOGOUT.
      'see you',
    ]);
  });

  test('is not told in clear text, where anybody may have said it before STARTTLS', async () => {
    const heard: string[] = [];
    const { client } = secure(
      `S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
       C: {s} STARTTLS
       S: ${ALERT.replace('noon', 'night')}
       S: {s} OK go
       C: {c} CAPABILITY
       S: * CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR
       S: {c} OK done
       C: {a} AUTHENTICATE PLAIN ${PLAIN}
       S: ${ALERT}
       S: {a} OK [CAPABILITY IMAP4rev1] in${LOGOUT}`,
      { security: 'starttls', ...heardBy(heard) },
    );
    await (await client).close();
    expect(heard).toEqual([
      'alert from the server: The system goes down at noon',
      'The system goes down at noon',
      'see you',
    ]);
  });
});

describe('STARTTLS (pain 15)', () => {
  const READY = 'S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready';

  test('forgets what was learnt before it', async () => {
    const { client, server } = secure(
      `S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN EVIL SASL-IR] ready
       C: {s} STARTTLS
       S: {s} OK go
       C: {c} CAPABILITY
       S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
       S: {c} OK done
       C: {a} AUTHENTICATE PLAIN
       S: +
       C: ${PLAIN}
       S: {a} OK [CAPABILITY IMAP4rev1] in${LOGOUT}`,
      { security: 'starttls' },
    );
    const imap = await client;
    expect(imap.security).toBe('tls');
    expect(imap.capabilities.has('EVIL')).toBe(false);
    await imap.close();
    expect((await server).outcome).toBe('done');
  });

  test.each([
    ['not offered', 'S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready', 'IMAP_STARTTLS_UNAVAILABLE'],
    ['refused with NO', `${READY}\nC: {s} STARTTLS\nS: {s} NO not now`, 'IMAP_STARTTLS_REFUSED'],
    ['refused with BAD', `${READY}\nC: {s} STARTTLS\nS: {s} BAD what`, 'IMAP_STARTTLS_REFUSED'],
    ['evaded by PREAUTH', 'S: * PREAUTH [CAPABILITY IMAP4rev1] welcome', 'IMAP_PREAUTH_IN_CLEAR'],
    ['evaded by BYE', 'S: * BYE no', 'CONNECTION_BYE'],
    ['evaded by a failed CAPABILITY', 'S: * OK ready\nC: {c} CAPABILITY\nS: {c} NO', 'IMAP_NO'],
    ['evaded by an empty CAPABILITY', 'S: * OK ready\nC: {c} CAPABILITY\nS: {c} OK', 'IMAP_PROTOCOL'],
    ['answered without a tag', `${READY}\nC: {s} STARTTLS\nS: * OK go\nS: unknown OK go`, 'IMAP_PROTOCOL'],
    [
      'answered together with more',
      `${READY}\nC: {s} STARTTLS\nS: {s} OK go{x0d}{x0a}* CAPABILITY IMAP4rev1 AUTH=PLAIN`,
      'TRANSPORT_PLAINTEXT_BUFFERED',
    ],
    [
      'answered together with half a line',
      `${READY}\nC: {s} STARTTLS\nS: {s} OK go{x0d}{x0a}*{noeol}`,
      'TRANSPORT_PLAINTEXT_BUFFERED',
    ],
    ['answered with BYE', `${READY}\nC: {s} STARTTLS\nS: * BYE bye\n! close`, 'CONNECTION_BYE'],
  ])('%s: rejects, and nothing of worth leaves', async (_, transcript, code) => {
    const { client, server } = secure(`${transcript}\n! end`, { security: 'starttls' });
    expect(await outcome(client)).toMatchObject({ code });
    // The transcript ends where the client hangs up: no octet came beyond it.
    const ended = await outcome(server);
    expect(ended === 'resolved' || TransportError.is(ended)).toBe(true);
  });

  test('a failed handshake rejects with its own error', async () => {
    const failure = new TransportError('TRANSPORT_CERTIFICATE', 'self-signed');
    const { client } = secure(`${READY}\nC: {s} STARTTLS\nS: {s} OK go\n! end`, { security: 'starttls' }, () =>
      Promise.reject(failure),
    );
    expect(await outcome(client)).toBe(failure);
  });

  test('a handshake that never ends is given up', async () => {
    const timers = new TestTimers();
    const { client } = secure(
      `${READY}\nC: {s} STARTTLS\nS: {s} OK go\n! end`,
      { security: 'starttls', timers },
      () => new Promise(() => {}),
    );
    const ended = outcome(client);
    await timers.advance(30_001);
    expect(await ended).toMatchObject({ code: 'CONNECTION_TIMEOUT' });
  });

  test('words from before TLS are not shown', async () => {
    const { client } = secure('S: * BYE visit http://evil.example to log in', { security: 'starttls' });
    expect(String(await outcome(client))).not.toContain('evil');
  });
});

describe('logging in', () => {
  test.each([
    ['AUTH=PLAIN', 'IMAP4rev1 AUTH=PLAIN SASL-IR'],
    ['LOGIN', 'IMAP4rev1'],
    ['LOGINDISABLED', 'IMAP4rev1 LOGINDISABLED AUTH=LOGIN'],
  ])('in clear text does not happen unless allowed (%s)', async (_, capabilities) => {
    const { client } = connectTo(`S: * OK [CAPABILITY ${capabilities}] ready\n! end`, { auth: AUTH });
    expect(await outcome(client)).toMatchObject({ code: 'AUTH_INSECURE' });
  });

  test('with LOGIN when no mechanism fits', async () => {
    const { client } = connectTo(
      'S: * OK [CAPABILITY IMAP4rev1] ready\nC: {a} LOGIN alice secret\nS: {a} OK [CAPABILITY IMAP4rev1] in',
      CLEAR,
    );
    expect((await client).isClosed).toBe(false);
  });

  test('is given up where LOGIN is disabled and nothing else fits', async () => {
    const { client } = connectTo('S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=GSSAPI] ready\n! end', CLEAR);
    expect(await outcome(client)).toMatchObject({ code: 'AUTH_NO_MECHANISM' });
  });

  test.each([
    ['NO [AUTHENTICATIONFAILED] no', 'AUTH_REFUSED'],
    ['NO no', 'AUTH_REFUSED'],
    ['BAD no', 'AUTH_REFUSED'],
    ['NO [UNAVAILABLE] later', 'AUTH_UNAVAILABLE'],
    ['NO [INUSE] later', 'AUTH_UNAVAILABLE'],
    ['NO [PRIVACYREQUIRED] use TLS', 'AUTH_INSECURE'],
  ])('refused with %s', async (answer, code) => {
    const { client } = connectTo(
      `S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\nC: {any}\nS: {tag} ${answer}`.replace(
        '{any}',
        `{tag} AUTHENTICATE PLAIN ${PLAIN}`,
      ),
      CLEAR,
    );
    const error = await outcome(client);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ code });
  });

  test('no error holds the password, also when the server repeats it', async () => {
    for (const echo of [`LOGIN alice secret failed`, `${PLAIN} is wrong`, 'c2VjcmV0 is wrong']) {
      const { client } = connectTo(
        `S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\nC: {a} AUTHENTICATE PLAIN ${PLAIN}\nS: {a} NO [X ${echo}] ${echo}`,
        CLEAR,
      );
      const error = (await outcome(client)) as Error;
      const { inspect } = await import('node:util');
      const shown = inspect(error, { depth: 9, showHidden: true });
      expect(shown).not.toMatch(/secret|c2VjcmV0|AGFsaWNl/);
    }
  });

  test.each([
    ['a second challenge', '+\nC: *', '{a} NO cancelled'],
    ['a challenge that is not base64', '+ !!!\nC: *', '{a} BAD cancelled'],
  ])('%s is answered with a cancellation', async (_, more, end) => {
    const { client } = connectTo(
      `S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\nC: {a} AUTHENTICATE PLAIN ${PLAIN}\nS: ${more}\nS: ${end}\n! end`,
      CLEAR,
    );
    expect(await outcome(client)).toMatchObject({ code: 'AUTH_PROTOCOL' });
  });

  test('endless challenges do not get the credentials again', async () => {
    const challenges = 'S: +\n'.repeat(20);
    const { client } = connectTo(
      `S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\nC: {a} AUTHENTICATE PLAIN ${PLAIN}\nS: +\nC: *\n${challenges}! end`,
      CLEAR,
    );
    expect(await outcome(client)).toMatchObject({ code: 'AUTH_PROTOCOL' });
  });

  test('a stray continuation request before login closes the connection', async () => {
    const { client } = connectTo('S: * OK ready\nC: {c} CAPABILITY\nS: + what is it?\n! end', CLEAR);
    expect(await outcome(client)).toMatchObject({ code: 'IMAP_PROTOCOL' });
  });

  test('a login that takes too long is given up, also when the server talks all the while', async () => {
    const timers = new TestTimers();
    const { client } = connectTo(
      `S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\nC: {a} AUTHENTICATE PLAIN ${PLAIN}\nS: * OK just a moment\n! end`,
      { ...CLEAR, timers },
    );
    const ended = outcome(client);
    await timers.advance(30_001);
    expect(await ended).toBeInstanceOf(ConnectionClosedError);
    expect(timers.pending).toBe(0);
  });

  test('a server that wants a login, and no auth', async () => {
    expect(await outcome(connectTo('S: * OK [CAPABILITY IMAP4rev1] ready\n! end').client)).toBeInstanceOf(ImapError);
  });

  test('a user name that needs a literal waits for the server', async () => {
    const { client } = connectTo(
      `S: * OK [CAPABILITY IMAP4rev1] ready
       C: {a} LOGIN {6}
       S: + go on
       C: zoë{x0d}{x0a} secret
       S: {a} OK [CAPABILITY IMAP4rev1] in`,
      { auth: { user: 'zoë\r\n', password: 'secret' }, allowInsecureAuth: true },
    );
    expect((await client).isClosed).toBe(false);
  });
});
