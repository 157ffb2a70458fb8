import type { HostilePop3 } from './pop3-hostile.ts';
import type { Pop3Behaviour, Pop3Conversation } from './pop3-peer.ts';

/** Anything that shows a password, or lets it be guessed at. */
const CREDENTIALS = /^(PASS|APOP|USER)|^AUTH (PLAIN|LOGIN|CRAM-MD5|XOAUTH2|OAUTHBEARER)/;
const NO_FALLBACK = /^(PASS|USER|APOP)|^AUTH (PLAIN|LOGIN|CRAM-MD5)/;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Answers the first message of SCRAM; `reply` gets the client's nonce. */
function scram(reply: (nonce: string) => string, last: string): Pop3Behaviour {
  return async (peer: Pop3Conversation) => {
    await peer.send('+ \r\n');
    const first = Buffer.from((await peer.line()) ?? '', 'base64').toString();
    await peer.send(`+ ${base64(reply(/r=([^,]*)/.exec(first)?.[1] ?? ''))}\r\n`);
    if ((await peer.line()) === '*') return '-ERR cancelled';
    return last;
  };
}

const honest = (nonce: string): string => `r=${nonce}more,s=${base64('salt-of-the-earth')},i=4096`;
const SCRAM = ['SASL SCRAM-SHA-256', 'USER'];

/** Attacks on credentials. */
export const LOGIN_ATTACKS: readonly HostilePop3[] = [
  ...['USER', 'SASL PLAIN', 'SASL LOGIN', 'SASL CRAM-MD5', 'SASL PLAIN LOGIN CRAM-MD5'].map((offer) => ({
    name: `clear text, and only ${offer} is offered`,
    security: 'none' as const,
    peer: { capabilities: [offer] },
    codes: ['AUTH_INSECURE'],
    never: CREDENTIALS,
  })),
  {
    name: 'clear text, and CAPA is unknown',
    security: 'none',
    peer: { on: { CAPA: '-ERR' } },
    codes: ['AUTH_INSECURE'],
    never: CREDENTIALS,
  },
  {
    name: 'clear text, and only a way to show a token is offered',
    security: 'none',
    login: 'token',
    peer: { capabilities: ['SASL XOAUTH2'] },
    codes: ['AUTH_INSECURE'],
    never: CREDENTIALS,
  },
  {
    name: 'clear text, and SCRAM is refused in the hope for less',
    security: 'none',
    peer: { capabilities: SCRAM, on: { AUTH: '-ERR try USER' } },
    codes: ['AUTH_REFUSED'],
    never: NO_FALLBACK,
  },
  {
    name: 'SCRAM is refused in the hope for less',
    security: 'tls',
    peer: { capabilities: ['SASL SCRAM-SHA-256 PLAIN', 'USER'], on: { AUTH: '-ERR unsupported mechanism' } },
    codes: ['AUTH_REFUSED'],
    never: NO_FALLBACK,
  },
  {
    name: 'SCRAM with one iteration',
    security: 'tls',
    peer: { capabilities: SCRAM, on: { AUTH: scram((nonce) => `r=${nonce}x,s=${base64('salt')},i=1`, '+OK') } },
    codes: ['AUTH_PROTOCOL'],
    never: NO_FALLBACK,
  },
  {
    name: 'SCRAM with two thousand million iterations',
    security: 'tls',
    peer: {
      capabilities: SCRAM,
      on: { AUTH: scram((nonce) => `r=${nonce}x,s=${base64('salt')},i=2147483647`, '+OK') },
    },
    codes: ['AUTH_PROTOCOL'],
    never: NO_FALLBACK,
  },
  {
    name: 'SCRAM with a nonce that is not ours',
    security: 'tls',
    peer: { capabilities: SCRAM, on: { AUTH: scram(() => honest('somebody-else'), '+OK') } },
    codes: ['AUTH_PROTOCOL'],
    never: NO_FALLBACK,
  },
  {
    name: 'SCRAM ends well without proof of the server',
    security: 'tls',
    peer: { capabilities: SCRAM, on: { AUTH: scram(honest, '+OK welcome') } },
    codes: ['AUTH_PROTOCOL'],
    never: NO_FALLBACK,
  },
  {
    name: 'SCRAM ends well before it began',
    security: 'tls',
    peer: { capabilities: SCRAM, on: { AUTH: '+OK welcome' } },
    codes: ['AUTH_PROTOCOL'],
    never: NO_FALLBACK,
  },
  {
    name: 'challenges without end',
    security: 'tls',
    peer: {
      on: {
        AUTH: async (peer) => {
          await peer.send('+ \r\n');
          await peer.line();
          return peer.flood('+ \r\n');
        },
      },
    },
    codes: ['AUTH_PROTOCOL'],
  },
  {
    name: 'a challenge that is not base64',
    security: 'tls',
    peer: { capabilities: ['SASL CRAM-MD5'], on: { AUTH: challenge('+ <not base64>') } },
    codes: ['AUTH_PROTOCOL'],
  },
  {
    name: 'a challenge with padding in its middle',
    security: 'tls',
    peer: { capabilities: ['SASL CRAM-MD5'], on: { AUTH: challenge('+ AA=AAAAA') } },
    codes: ['AUTH_PROTOCOL'],
  },
  {
    name: 'the refusal repeats the password',
    security: 'tls',
    peer: { capabilities: ['USER'], on: { PASS: (_, password) => `-ERR [AUTH] no: PASS ${password}` } },
    codes: ['AUTH_REFUSED'],
  },
  {
    name: 'the refusal repeats the message of PLAIN',
    security: 'tls',
    peer: {
      on: {
        AUTH: async (peer) => {
          await peer.send('+ \r\n');
          return `-ERR [AUTH] wrong: ${await peer.line()}`;
        },
      },
    },
    codes: ['AUTH_REFUSED'],
  },
  {
    name: 'a token is refused with the reason in a challenge',
    security: 'tls',
    login: 'token',
    peer: {
      capabilities: ['SASL XOAUTH2'],
      on: {
        AUTH: async (peer) => {
          await peer.send('+ \r\n');
          await peer.line();
          await peer.send(`+ ${base64('{"status":"401"}')}\r\n`);
          await peer.line();
          return '-ERR [AUTH] no';
        },
      },
    },
    codes: ['AUTH_REFUSED'],
  },
  ...['IN-USE', 'LOGIN-DELAY', 'SYS/TEMP', 'SYS/PERM'].map((code) => ({
    name: `the login is refused with [${code}], which is no reason to ask for another password`,
    security: 'tls' as const,
    peer: { capabilities: ['USER'], on: { PASS: `-ERR [${code}] later` } },
    codes: ['AUTH_UNAVAILABLE'],
  })),
  {
    name: 'a time stamp lures into APOP',
    security: 'tls',
    peer: { greeting: '+OK <1896.697170952@attacker>', capabilities: ['USER'] },
    never: /^APOP/,
  },
  ...['<\xe9\xe8@attacker>', '<no-at-sign>', '<a b@c>', '<@>', '<<a@b>'].map((stamp) => ({
    name: `APOP is asked for, and the time stamp is ${stamp}`,
    security: 'tls' as const,
    login: 'apop' as const,
    peer: { greeting: `+OK ${stamp}` },
    codes: ['AUTH_NO_MECHANISM'],
    never: /^APOP/,
  })),
  {
    name: 'the greeting is thousands of angle brackets',
    security: 'tls',
    peer: { greeting: `+OK ${'<'.repeat(7000)}` },
  },
];

function challenge(text: string): Pop3Behaviour {
  return async (peer) => {
    await peer.send(`${text}\r\n`);
    await peer.line();
    return '-ERR cancelled';
  };
}
