import type { HostilePop3 } from './pop3-hostile.ts';
import { sendThen } from './pop3-peer.ts';

const LINE = 'x'.repeat(8192);

/** Attacks on time and memory. */
export const RESOURCE_ATTACKS: readonly HostilePop3[] = [
  {
    name: 'a greeting without end',
    security: 'tls',
    peer: { greeting: sendThen('+OK ', (peer) => peer.flood(LINE)) },
    codes: ['LIMIT_EXCEEDED'],
  },
  {
    name: 'an answer without end',
    security: 'tls',
    peer: { on: { STAT: sendThen('+OK ', (peer) => peer.flood(LINE)) } },
    codes: ['LIMIT_EXCEEDED'],
  },
  {
    name: 'capabilities without end',
    security: 'tls',
    peer: { on: { CAPA: sendThen('+OK\r\n', (peer) => peer.flood('X-A\r\n'.repeat(1000))) } },
    codes: ['LIMIT_EXCEEDED'],
  },
  {
    name: 'a capability without end',
    security: 'tls',
    peer: { on: { CAPA: sendThen('+OK\r\n', (peer) => peer.flood(LINE)) } },
    codes: ['LIMIT_EXCEEDED'],
  },
  {
    name: 'a listing without end',
    security: 'tls',
    peer: { on: { UIDL: sendThen('+OK\r\n', (peer) => peer.flood('1 a\r\n'.repeat(10_000))) } },
    codes: ['LIMIT_EXCEEDED'],
  },
  {
    name: 'a line of a listing without end',
    security: 'tls',
    peer: { on: { LIST: sendThen('+OK\r\n', (peer) => peer.flood(LINE)) } },
    codes: ['LIMIT_EXCEEDED'],
  },
  {
    name: 'a message without end',
    security: 'tls',
    peer: { on: { RETR: sendThen('+OK\r\n', (peer) => peer.flood(`${LINE}\r\n`.repeat(8))) } },
    codes: ['LIMIT_EXCEEDED'],
  },
  {
    name: 'a message of dots without end',
    security: 'tls',
    peer: { on: { RETR: sendThen('+OK\r\n', (peer) => peer.flood('..\r\n'.repeat(16_384))) } },
    codes: ['LIMIT_EXCEEDED'],
  },
  {
    name: 'answers that nobody asked for, without end',
    security: 'tls',
    peer: { on: { STAT: (peer) => peer.flood('+OK 2 100\r\n'.repeat(1000)) } },
    codes: ['WIRE_SYNTAX'],
  },
  {
    name: 'no greeting',
    security: 'tls',
    peer: { greeting: (peer) => peer.stall() },
    codes: ['CONNECTION_TIMEOUT'],
  },
  {
    name: 'a greeting that trickles',
    security: 'tls',
    peer: { greeting: trickle('+OK ') },
    codes: ['CONNECTION_TIMEOUT'],
  },
  {
    name: 'no answer to PASS',
    security: 'tls',
    peer: { capabilities: ['USER'], on: { PASS: (peer) => peer.stall() } },
    codes: ['CONNECTION_TIMEOUT'],
  },
  {
    name: 'no answer after login',
    security: 'tls',
    peer: { on: { STAT: (peer) => peer.stall() } },
    codes: ['CONNECTION_TIMEOUT'],
  },
  {
    name: 'an answer that trickles',
    security: 'tls',
    peer: { on: { STAT: trickle('+OK ') } },
    codes: ['CONNECTION_TIMEOUT'],
  },
  {
    name: 'a message that trickles',
    security: 'tls',
    peer: { on: { RETR: trickle('+OK\r\n') } },
    codes: ['CONNECTION_TIMEOUT'],
  },
  {
    name: 'a message that stops half-way',
    security: 'tls',
    peer: { on: { RETR: sendThen('+OK\r\nSubject: x\r\n', (peer) => peer.stall()) } },
    codes: ['CONNECTION_TIMEOUT'],
  },
  {
    name: 'sizes beyond all numbers are announced',
    security: 'tls',
    peer: { on: { RETR: '+OK 9007199254740993 octets\r\nSubject: x\r\n.\r\n' } },
    messages: ['Subject: x\r\n', 'Subject: x\r\n'],
  },
];

/** Sends an octet now and then, which looks like life. */
function trickle(start: string): HostilePop3['peer']['greeting'] & object {
  return async (peer) => {
    await peer.send(start);
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await peer.send('x');
    }
  };
}
