import { Grammar } from './grammar.ts';
import { SHARED } from './shared-productions.ts';

/** What POP3 clients send, mostly right. */
export const POP3_COMMANDS: Grammar = new Grammar({
  ...SHARED,
  stream: ['<command>\r\n', '<command>\r\n<stream>', '<command>\n<stream>', '<command>'],
  command: [
    'STAT',
    'NOOP',
    'quit',
    'RSET',
    'CAPA',
    'STLS',
    'UTF8',
    'USER <words>',
    'PASS <words>',
    'APOP <atom> c4c9334bac560ecc979e58001b3e22fb',
    'LIST',
    'LIST <oddNumber>',
    'UIDL <number>',
    'RETR <number>',
    'DELE <nonZero>',
    'TOP <number> <number>',
    'AUTH',
    'AUTH PLAIN',
    'AUTH PLAIN <base64>',
    'LANG *',
    'LANG',
    'XTND <words>',
    '<words>',
  ],
});

/** What POP3 servers send, mostly right. */
export const POP3_RESPONSES: Grammar = new Grammar({
  ...SHARED,
  stream: ['<answer>', '<answer><stream>', '<answer><stream>'],
  answer: [
    '+OK\r\n',
    '+OK <words>\r\n',
    '-ERR [<code>] <words>\r\n',
    '+OK<words>\n',
    '+ <base64>\r\n',
    '+OK\r\n<body>',
    '<body>',
  ],
  code: ['AUTH', 'IN-USE', 'SYS/TEMP', 'sys/perm', 'LOGIN-DELAY', '<words>'],
  body: ['.\r\n', '<line>\r\n<body>', '<line>\r\n<body>', '<line>\n<body>', '<line>\r<body>', '\r\n.\r\n'],
  line: ['', '..', '.', '.a', '<words>', '<number> <number>', 'a.\r.b', '\r', '\x00\xff', '<number> <word>'],
});
