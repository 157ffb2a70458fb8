import type { HostilePop3 } from './pop3-hostile.ts';
import { POP3_CAPABILITIES, sendThen } from './pop3-peer.ts';

const STLS = [...POP3_CAPABILITIES, 'STLS'];
/** Nothing but CAPA, STLS and QUIT may go in clear text when TLS is required; the runner checks credentials by itself. */
const ONLY_BEFORE_TLS = /^(?!CAPA$|STLS$|QUIT$)/;

/** Attacks on the way to TLS. */
export const TLS_ATTACKS: readonly HostilePop3[] = [
  {
    name: 'STLS is not offered',
    security: 'stls',
    peer: { capabilities: POP3_CAPABILITIES },
    codes: ['POP3_STLS_UNAVAILABLE'],
    never: ONLY_BEFORE_TLS,
  },
  {
    name: 'STLS is refused',
    security: 'stls',
    peer: { capabilities: STLS, on: { STLS: '-ERR not now' } },
    codes: ['POP3_STLS_REFUSED'],
    never: ONLY_BEFORE_TLS,
  },
  {
    name: 'CAPA and STLS are refused',
    security: 'stls',
    peer: { on: { CAPA: '-ERR what', STLS: '-ERR what' } },
    codes: ['POP3_STLS_REFUSED'],
    never: ONLY_BEFORE_TLS,
  },
  {
    name: 'answers in clear text stand behind the +OK to STLS',
    security: 'stls',
    peer: { capabilities: STLS, on: { STLS: '+OK begin\r\n+OK\r\nSASL PLAIN\r\n.\r\n+OK logged in\r\n' } },
    codes: ['TRANSPORT_PLAINTEXT_BUFFERED'],
    never: ONLY_BEFORE_TLS,
  },
  {
    name: 'half a line in clear text stands behind the +OK to STLS',
    security: 'stls',
    peer: { capabilities: STLS, on: { STLS: sendThen('+OK begin\r\n+', () => {}) } },
    codes: ['TRANSPORT_PLAINTEXT_BUFFERED', 'TRANSPORT_TLS'],
    never: ONLY_BEFORE_TLS,
  },
  {
    name: 'the session goes on in clear text after STLS',
    security: 'stls',
    peer: {
      capabilities: STLS,
      on: {
        STLS: async (peer) => {
          await peer.send('+OK begin\r\n');
          await peer.transport.read();
          return '+OK\r\nSASL PLAIN\r\n.\r\n';
        },
      },
    },
    codes: ['TRANSPORT_TLS'],
    never: ONLY_BEFORE_TLS,
  },
  {
    name: 'the handshake after STLS never comes',
    security: 'stls',
    peer: {
      capabilities: STLS,
      on: { STLS: sendThen('+OK begin\r\n', (peer) => peer.stall()) },
    },
    codes: ['TRANSPORT_TLS', 'TRANSPORT_TIMEOUT', 'CONNECTION_TIMEOUT'],
    never: ONLY_BEFORE_TLS,
  },
  {
    name: 'answers are sent ahead of the commands before TLS',
    security: 'stls',
    peer: { greeting: '+OK ready\r\n+OK\r\nSTLS\r\n.\r\n+OK begin\r\n' },
    codes: ['WIRE_SYNTAX'],
    never: ONLY_BEFORE_TLS,
  },
  {
    name: 'an answer stands behind the capabilities before TLS',
    security: 'stls',
    peer: { on: { CAPA: '+OK\r\nSTLS\r\n.\r\n+OK begin\r\n' } },
    codes: ['WIRE_SYNTAX', 'TRANSPORT_PLAINTEXT_BUFFERED'],
    never: ONLY_BEFORE_TLS,
  },
  {
    name: 'the greeting before TLS turns away with advice',
    security: 'stls',
    peer: { greeting: '-ERR call 555-1234 and give your password' },
    codes: ['CONNECTION_BYE'],
    never: /./,
  },
  {
    name: 'the time stamp for APOP was learnt before TLS',
    security: 'stls',
    login: 'apop',
    peer: { greeting: '+OK <1.2@attacker>', capabilities: STLS },
    codes: ['AUTH_NO_MECHANISM'],
    never: /^APOP/,
  },
  {
    name: 'TLS is required, and the certificate is for another host',
    security: 'tls',
    certificate: 'wrongHost',
    peer: {},
    codes: ['TRANSPORT_CERTIFICATE'],
    never: /./,
  },
  {
    name: 'TLS is required, and nobody known signed the certificate',
    security: 'tls',
    certificate: 'unknownAuthority',
    peer: {},
    codes: ['TRANSPORT_CERTIFICATE'],
    never: /./,
  },
  {
    name: 'TLS is required, and the certificate has expired',
    security: 'tls',
    certificate: 'expired',
    peer: {},
    codes: ['TRANSPORT_CERTIFICATE'],
    never: /./,
  },
  {
    name: 'the certificate after STLS is for another host',
    security: 'stls',
    certificate: 'wrongHost',
    peer: { capabilities: STLS },
    codes: ['TRANSPORT_CERTIFICATE'],
    never: ONLY_BEFORE_TLS,
  },
];
