import type { HostilePop3 } from './pop3-hostile.ts';
import { sendThen } from './pop3-peer.ts';

const MESSAGE = 'Subject: x\r\n\r\n';
/** A body that lies in wait for clients that look for dots or answers in the wrong places. */
const TRICKY = `${MESSAGE}a\n.\nb\r\r\n\n.\r.\r\n+OK\r\n-ERR not an answer\r\n.\r.\r\n\r\n.\r\n..\r\n.x\r\n. \r\n\0\xff\r\n`;

/** Attacks on framing, numbers and the words of answers. */
export const SESSION_ATTACKS: readonly HostilePop3[] = [
  { name: 'a message full of dots and answers', security: 'tls', peer: { messages: [TRICKY] }, messages: [TRICKY] },
  {
    name: 'the end of a message octet by octet',
    security: 'tls',
    peer: {
      on: {
        RETR: async (peer) => {
          for (const octet of `+OK\r\n${MESSAGE}.\r\n`) await peer.send(octet);
          return undefined;
        },
      },
    },
    messages: [MESSAGE, MESSAGE],
  },
  {
    name: 'a line behind the end of a message',
    security: 'tls',
    peer: { messages: [MESSAGE], on: { RETR: `+OK\r\n${MESSAGE}.\r\nSubject: smuggled\r\n` } },
    codes: ['WIRE_SYNTAX'],
  },
  {
    name: 'an answer behind the end of a message',
    security: 'tls',
    peer: { messages: [MESSAGE], on: { RETR: `+OK\r\n${MESSAGE}.\r\n+OK deleted\r\n` } },
    codes: ['WIRE_SYNTAX'],
  },
  {
    name: 'the line breaks in the middle of a message',
    security: 'tls',
    peer: {
      on: { RETR: sendThen(`+OK\r\n${MESSAGE}half`, (peer) => peer.transport.close()) },
    },
    codes: ['CONNECTION_CLOSED'],
  },
  {
    name: 'the line breaks right before the end of a message',
    security: 'tls',
    peer: {
      on: { RETR: sendThen(`+OK\r\n${MESSAGE}.\r`, (peer) => peer.transport.close()) },
    },
    codes: ['CONNECTION_CLOSED'],
  },
  {
    name: 'bare line feeds end everything, the message too',
    security: 'tls',
    peer: { on: { RETR: '+OK\nSubject: x\n\nbody\n.\n' } },
    codes: ['CONNECTION_TIMEOUT'],
  },
  { name: 'NUL in an answer', security: 'tls', peer: { on: { STAT: '+OK 2 100\0\r\n' } }, codes: ['WIRE_SYNTAX'] },
  { name: 'an answer of another protocol', security: 'tls', peer: { on: { STAT: '* OK 2' } }, codes: ['WIRE_SYNTAX'] },
  { name: 'an empty answer', security: 'tls', peer: { on: { STAT: '\r\n' } }, codes: ['WIRE_SYNTAX'] },
  {
    name: 'a challenge that nobody waits for',
    security: 'tls',
    peer: { on: { STAT: '+ AAAA' } },
    codes: ['POP3_PROTOCOL'],
  },
  { name: 'a challenge instead of a message', security: 'tls', peer: { on: { RETR: '+ ' } }, codes: ['POP3_PROTOCOL'] },
  { name: 'STAT is refused', security: 'tls', peer: { on: { STAT: '-ERR' } }, codes: ['POP3_ERR'] },
  ...['+OK', '+OK two messages', '+OK -1 -1', '+OK 1e3 5', '+OK 0x2 5', '+OK 99999999999999999999 1'].map((line) => ({
    name: `STAT is answered ${line}`,
    security: 'tls' as const,
    peer: { on: { STAT: line } },
    codes: ['POP3_PROTOCOL'],
  })),
  {
    name: 'LIST has numbers that are none',
    security: 'tls',
    peer: {
      on: {
        LIST: '+OK\r\n-1 5\r\n0 5\r\n1e1 5\r\n0x1 5\r\nNaN 5\r\n99999999999999999999 5\r\n1 -5\r\n1\r\n\r\n1 5\r\n.\r\n',
      },
    },
    messages: ['Subject: one\r\n\r\n.first\r\n'],
  },
  {
    name: 'LIST has more messages than there are',
    security: 'tls',
    peer: { on: { LIST: '+OK\r\n1 5\r\n999999999999999 5\r\n.\r\n' } },
    codes: ['POP3_ERR'],
  },
  {
    name: 'UIDL has names of files and of prototypes',
    security: 'tls',
    peer: { uniqueIds: ['../../etc/passwd', '__proto__'] },
  },
  {
    name: 'capabilities are named after prototypes',
    security: 'tls',
    peer: { capabilities: ['USER', '__proto__ x', 'constructor', 'toString y', 'hasOwnProperty'] },
  },
  {
    name: 'capabilities that make no sense',
    security: 'tls',
    peer: {
      capabilities: ['USER', 'EXPIRE -1', 'LOGIN-DELAY 99999999999999999999', 'IMPLEMENTATION', 'SASL', '', ' '],
    },
  },
  ...[
    ['IMAP', '* OK IMAP4rev1 ready'],
    ['SMTP', '220 mail.example.org ESMTP'],
    ['HTTP', 'HTTP/1.1 400 Bad Request'],
    ['SSH', 'SSH-2.0-OpenSSH_9.6'],
    ['nothing known', 'hello there, client of mine'],
  ].map(([protocol, greeting]) => ({
    name: `the server speaks ${protocol}`,
    security: 'tls' as const,
    peer: { greeting: greeting! },
    codes: ['POP3_NOT_POP3'],
    never: /./,
  })),
  {
    name: 'the server ends the connection instead of a greeting',
    security: 'tls',
    peer: { greeting: sendThen('', (peer) => peer.transport.close()) },
    codes: ['CONNECTION_CLOSED'],
  },
  {
    name: 'a deletion is refused',
    security: 'tls',
    peer: { on: { DELE: '-ERR locked' } },
    codes: ['POP3_ERR'],
  },
  {
    name: 'QUIT is refused after deletions',
    security: 'tls',
    peer: { on: { QUIT: '-ERR some deleted messages not removed' } },
    codes: ['POP3_COMMIT_FAILED'],
  },
  {
    name: 'the line breaks at QUIT after deletions',
    security: 'tls',
    peer: { on: { QUIT: sendThen('', (peer) => peer.transport.destroy()) } },
    codes: ['POP3_COMMIT_FAILED'],
  },
  {
    name: 'QUIT is not answered after deletions',
    security: 'tls',
    peer: { on: { QUIT: (peer) => peer.stall() } },
    codes: ['POP3_COMMIT_FAILED'],
  },
  {
    name: 'a refusal is made of escape sequences',
    security: 'tls',
    peer: { on: { STAT: '-ERR \x1b]0;owned\x07\x1b[2J\x9b31m\r\n' } },
    codes: ['POP3_ERR'],
  },
  {
    name: 'a response code is made of escape sequences',
    security: 'tls',
    peer: { on: { STAT: '-ERR [\x1b[2J] no\r\n' } },
    codes: ['POP3_ERR'],
  },
  {
    name: 'a refusal is thousands of words long',
    security: 'tls',
    peer: { on: { STAT: `-ERR ${'no '.repeat(2500)}` } },
    codes: ['POP3_ERR'],
  },
];
