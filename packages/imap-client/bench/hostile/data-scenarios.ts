import { constants, deflateRawSync } from 'node:zlib';
import { utf8Bytes } from '@posthorn/core';
import type { FetchQuery, ImapClient } from '../../src/index.ts';
import { behave, many } from './peer.ts';
import type { Scenario } from './scenario.ts';

const MEBIBYTE = 1024 * 1024;

/** Fetches from a hundred messages. @returns UIDs that came, or throws */
async function fetched(client: ImapClient, query: FetchQuery = { flags: true, envelope: true }): Promise<number[]> {
  const inbox = await client.select('INBOX');
  const uids: number[] = [];
  for await (const { uid } of inbox.fetch('1:100', query)) uids.push(uid);
  return uids;
}

/** What FETCH is answered with, before its OK. */
function onFetch(
  attack: string,
  answer: string | Uint8Array,
  right: Scenario['right'],
  { query, end = true }: { readonly query?: FetchQuery; readonly end?: boolean } = {},
): Scenario {
  return {
    attack,
    right,
    serve: (peer) =>
      behave(peer, {
        FETCH: async (tag) => {
          await peer.send(answer);
          return end ? `${tag} OK done\r\n` : undefined;
        },
      }),
    act: (client) => fetched(client, query),
  };
}

/** An error, or a result that says what is missing: never silence. */
const REPORTED = /^(?:IMAP_|LIMIT_|WIRE_|CONNECTION_)/;
/** Nothing asked for came, and that is what is told. */
const NOTHING = (result: unknown): boolean => Array.isArray(result) && result.length === 0;
const ENVELOPE = '(NIL "x" NIL NIL NIL NIL NIL NIL NIL NIL)';
const GOOD = `* 7 FETCH (UID 7 FLAGS () ENVELOPE ${ENVELOPE})\r\n`;

const literals: readonly Scenario[] = [
  ...['{-1}', '{}', '{+5}', '{1e3}', '{0x10}', '{ 5}', '{99999999999999999999}'].map((size) =>
    onFetch(`a literal of the size ${size}`, `* 1 FETCH (UID 1 FLAGS () ENVELOPE ${size}\r\n`, REPORTED, {
      end: false,
    }),
  ),
  onFetch('an envelope literal of 4 GiB', '* 1 FETCH (UID 1 ENVELOPE ({4294967295}\r\n', REPORTED, { end: false }),
  onFetch('a body of 8 EiB that never comes', '* 1 FETCH (UID 1 BODY[] {9223372036854775807}\r\nx', REPORTED, {
    query: { body: true },
    end: false,
  }),
  onFetch(
    '64 MiB of a literal nobody asked for',
    many(`* 1 FETCH (UID 1 BODY[] {${MEBIBYTE}}\r\n${'x'.repeat(MEBIBYTE)})\r\n`, 64),
    (result) => NOTHING(result) || result instanceof Error,
  ),
];

const lines: readonly Scenario[] = [
  {
    attack: 'a greeting without end',
    right: REPORTED,
    serve: (peer) => peer.send(many('* OK xxxxxxxxxxxxxxxxxxxx', 500_000)),
  },
  onFetch('a line without end', many('* 1 FETCH (UID 1 FLAGS (aaaaaaaaaaaaaaaaaaaaaaaaaaa ', 1_000_000), REPORTED, {
    end: false,
  }),
  {
    attack: 'a status text without end',
    right: REPORTED,
    serve: (peer) => behave(peer, { NOOP: (tag) => many(`${tag} OK xxxxxxxxxxxxxxxxx`, 500_000) }),
    act: (client) => client.noop(),
  },
  {
    attack: 'NUL in a line',
    right: (result) => result === 'fine' || result instanceof Error,
    serve: (peer) => behave(peer, { NOOP: (tag) => `* 5 EX\0ISTS\r\n${tag} OK done\r\n` }),
    act: async (client) => {
      await client.noop();
      return 'fine';
    },
  },
];

const nesting: readonly Scenario[] = [
  onFetch('100,000 parentheses', `* 1 FETCH (UID 1 ENVELOPE ${'('.repeat(100_000)}\r\n${GOOD}`, REPORTED),
  onFetch(
    '100,000 parentheses that close',
    `* 1 FETCH (UID 1 ENVELOPE ${'('.repeat(100_000)}${')'.repeat(100_000)})\r\n${GOOD}`,
    REPORTED,
  ),
  onFetch(
    'a body structure 10,000 deep',
    `* 1 FETCH (UID 1 BODYSTRUCTURE ${'('.repeat(10_000)}"text" "plain"${')'.repeat(10_000)})\r\n`,
    REPORTED,
    { query: { bodyStructure: true } },
  ),
];

const width: readonly Scenario[] = [
  onFetch(
    'an envelope of 30,000 addresses',
    `* 1 FETCH (UID 1 FLAGS () ENVELOPE (NIL NIL (${'(NIL NIL "a" "b")'.repeat(30_000)}) NIL NIL NIL NIL NIL NIL NIL))\r\n`,
    (result) => Array.isArray(result) || result instanceof Error,
  ),
  onFetch(
    '100,000 flags',
    `* 1 FETCH (UID 1 ENVELOPE ${ENVELOPE} FLAGS (${'a '.repeat(100_000)}b))\r\n`,
    (result) => Array.isArray(result) || result instanceof Error,
  ),
  {
    attack: '100,000 capabilities',
    right: (result) => result === 'fine' || result instanceof Error,
    serve: (peer) =>
      behave(peer, { NOOP: (tag) => `* CAPABILITY IMAP4rev1${' X-ABC'.repeat(100_000)}\r\n${tag} OK done\r\n` }),
    act: async (client) => {
      await client.noop();
      return 'fine';
    },
  },
];

const sets: readonly Scenario[] = [
  {
    attack: 'COPYUID of the whole number space',
    right: (result) => result !== undefined,
    serve: (peer) => behave(peer, { COPY: (tag) => `${tag} OK [COPYUID 1 1:4294967295 1:4294967295] done\r\n` }),
    act: async (client) => (await client.select('INBOX')).copy('1', 'x'),
  },
  {
    attack: 'a search that finds the whole number space',
    right: (result) => !(result instanceof Error),
    serve: (peer) =>
      behave(peer, { SEARCH: (tag) => `* ESEARCH (TAG "${tag}") UID ALL 1:4294967295\r\n${tag} OK done\r\n` }),
    act: async (client) => (await client.select('INBOX')).search({ type: 'all' }),
  },
  {
    attack: 'VANISHED of the whole number space',
    right: (result) => result === 'fine' || result instanceof Error,
    serve: (peer) => behave(peer, { NOOP: (tag) => `* VANISHED 1:4294967295\r\n${tag} OK done\r\n` }),
    act: async (client) => {
      await client.select('INBOX');
      await client.noop();
      return 'fine';
    },
  },
  {
    attack: 'APPENDUID of a range',
    right: (result) => result !== undefined,
    serve: (peer) =>
      behave(peer, {
        APPEND: async (tag) => {
          await peer.line();
          return `${tag} OK [APPENDUID 1 1:4294967295] done\r\n`;
        },
      }),
    act: async (client) =>
      (await client
        .append('INBOX', { content: utf8Bytes('Subject: x\r\n\r\nx') } as never)
        .catch((error: unknown) => error)) ?? 'fine',
  },
];

const floods: readonly Scenario[] = [
  ['a million EXISTS', '* 101 EXISTS\r\n', 300_000],
  ['EXPUNGE of messages that do not exist', '* 4294967295 EXPUNGE\r\n', 300_000],
  ['flags nobody asked for', '* 5 FETCH (FLAGS (\\Seen))\r\n', 300_000],
  ['OK without end', '* OK still here\r\n', 300_000],
  ['empty lines', '\r\n', 1_000_000],
].map(
  ([name, line, times]): Scenario => ({
    attack: `flood: ${name}`,
    right: (result) => result === 'fine' || result instanceof Error,
    serve: (peer) =>
      behave(peer, {
        NOOP: async (tag) => {
          await peer.send(many(String(line), Number(times)));
          return `${tag} OK done\r\n`;
        },
      }),
    act: async (client) => {
      await client.select('INBOX');
      await client.noop();
      return 'fine';
    },
  }),
);

const numbers: readonly Scenario[] = ['0', '-1', '4294967296', '99999999999999999999', '1e3', '+5', '0x5', 'NaN'].map(
  (number) =>
    onFetch(
      `the UID ${number}`,
      `* 1 FETCH (UID ${number} FLAGS () ENVELOPE ${ENVELOPE})\r\n${GOOD}`,
      (result) => result instanceof Error || (Array.isArray(result) && result.every((uid) => uid === 7)),
    ),
);

const lying: readonly Scenario[] = [
  onFetch(
    'UIDs that were not asked for',
    `* 1 FETCH (UID 4000 FLAGS () ENVELOPE ${ENVELOPE})\r\n${GOOD}`,
    (result) => JSON.stringify(result) === '[7]',
  ),
  onFetch('one message twice', GOOD + GOOD, (result) => JSON.stringify(result) === '[7]'),
  onFetch(
    'a message without what was asked for',
    `* 7 FETCH (UID 7 ENVELOPE ${ENVELOPE})\r\n`,
    'IMAP_FETCH_INCOMPLETE',
  ),
  onFetch('a message that does not parse', '* 7 FETCH (UID 7 FLAGS () ENVELOPE (NIL "x)\r\n', REPORTED),
  {
    attack: 'STATUS of another mailbox',
    right: /^IMAP_/,
    serve: (peer) => behave(peer, { STATUS: (tag) => `* STATUS other (MESSAGES 5)\r\n${tag} OK done\r\n` }),
    act: (client) => client.status('x', ['MESSAGES']),
  },
  {
    attack: 'a mailbox without UIDVALIDITY',
    right: /^IMAP_/,
    serve: (peer) =>
      behave(peer, { SELECT: (tag) => `* 1 EXISTS\r\n${tag} OK done\r\n`, STATUS: (tag) => `${tag} OK done\r\n` }),
    act: (client) => client.select('INBOX'),
  },
  {
    attack: 'a UIDVALIDITY of 0',
    right: /^(?:IMAP_|WIRE_)/,
    serve: (peer) =>
      behave(peer, {
        SELECT: (tag) => `* 1 EXISTS\r\n* OK [UIDVALIDITY 0] no\r\n${tag} OK done\r\n`,
        STATUS: (tag) => `${tag} OK done\r\n`,
      }),
    act: (client) => client.select('INBOX'),
  },
  {
    attack: 'mailboxes named __proto__ and constructor',
    right: (result) =>
      JSON.stringify(result) === '["__proto__","constructor"]' &&
      ({} as Record<string, unknown>)['polluted'] === undefined,
    serve: (peer) =>
      behave(peer, { LIST: (tag) => `* LIST () "/" __proto__\r\n* LIST () "/" constructor\r\n${tag} OK done\r\n` }),
    act: async (client) => (await client.list()).map(({ name }) => name.text),
  },
];

const framing: readonly Scenario[] = [
  {
    attack: 'a tag that is not known',
    right: /^(?:IMAP_|CONNECTION_)/,
    serve: (peer) => behave(peer, { NOOP: () => 'ZZZZ9 OK done\r\n' }),
    act: (client) => client.noop(),
  },
  {
    attack: 'a command completed twice',
    right: /^(?:IMAP_|CONNECTION_)/,
    serve: (peer) => behave(peer, { NOOP: (tag) => `${tag} OK done\r\n${tag} OK done\r\n` }),
    act: async (client) => {
      await client.noop();
      await new Promise((resolve) => setTimeout(resolve, 20));
      await client.noop();
    },
  },
  {
    attack: 'a continuation nobody waits for',
    right: /^(?:IMAP_|CONNECTION_)/,
    serve: (peer) => behave(peer, { NOOP: (tag) => `+ go\r\n${tag} OK done\r\n` }),
    act: async (client) => {
      await client.noop();
      return 'took it';
    },
  },
  { attack: 'another protocol', right: 'IMAP_NOT_IMAP', serve: (peer) => peer.send('220 mail.example.org ESMTP\r\n') },
  {
    attack: 'silence instead of a greeting',
    right: 'CONNECTION_TIMEOUT',
    serve: async (peer) => {
      await peer.line();
    },
  },
  {
    attack: 'silence in the middle of a FETCH',
    right: 'CONNECTION_TIMEOUT',
    serve: (peer) => behave(peer, { FETCH: () => '* 1 FETCH (UID 1 FLAGS () ENVE' }),
    act: (client) => fetched(client),
  },
  {
    attack: 'a harmless line every half second, and no answer',
    right: 'CONNECTION_TIMEOUT',
    serve: (peer) =>
      behave(peer, {
        NOOP: async () => {
          for (;;) {
            await peer.send('* OK still working\r\n');
            await new Promise((resolve) => setTimeout(resolve, 500));
          }
        },
      }),
    act: (client) => client.noop(),
  },
  {
    attack: 'a body an octet at a time',
    right: /^CONNECTION_|^IMAP_/,
    serve: (peer) =>
      behave(peer, {
        FETCH: async (_, line) => {
          if (!line.includes('BODY')) return undefined;
          await peer.send('* 1 FETCH (UID 1 BODY[] {1000}\r\n');
          for (;;) {
            await peer.send('x');
            await new Promise((resolve) => setTimeout(resolve, 200));
          }
        },
      }),
    act: async (client) => {
      const inbox = await client.select('INBOX');
      for await (const { body } of inbox.fetch('1', { body: true })) await body.bytes();
    },
  },
  {
    attack: 'BYE at any time',
    right: 'CONNECTION_BYE',
    serve: (peer) =>
      behave(peer, {
        NOOP: async () => {
          await peer.send('* BYE enough\r\n');
          await peer.close();
          return undefined;
        },
      }),
    act: (client) => client.noop(),
  },
];

const compressed = `IMAP4rev1 COMPRESS=DEFLATE IDLE`;
const compression: readonly Scenario[] = [
  {
    attack: 'clear text behind the OK to COMPRESS',
    right: /^(?:CONNECTION_|TRANSPORT_|IMAP_)/,
    serve: (peer) =>
      behave(
        peer,
        { COMPRESS: (tag) => `${tag} OK go\r\n* LIST () "/" evil\r\n` },
        `* PREAUTH [CAPABILITY ${compressed}] hi\r\n`,
      ),
    act: (client) => client.noop(),
  },
  {
    attack: 'a compressed line of 512 MiB',
    right: /^(?:LIMIT_|CONNECTION_|WIRE_)/,
    serve: (peer) =>
      behave(
        peer,
        {
          COMPRESS: async (tag) => {
            await peer.send(`${tag} OK go\r\n`);
            await new Promise((resolve) => setTimeout(resolve, 50));
            const block = deflateRawSync(new Uint8Array(16 * MEBIBYTE).fill(0x61), {
              finishFlush: constants.Z_SYNC_FLUSH,
            });
            for (let count = 0; count < 32; count++) await peer.send(block);
            return undefined;
          },
        },
        `* PREAUTH [CAPABILITY ${compressed}] hi\r\n`,
      ),
    act: (client) => client.noop(),
  },
];

/** Each string is sent so that it makes one line of its own, or refused before anything is sent. */
const EVIL = ['x\r\nZZ1 DELETE y\r\n', 'x\nZZ1 DELETE y', 'x\0y', 'x"y\\z', '{5+}', 'x{9}'];
const CALLS: readonly (readonly [string, (client: ImapClient, evil: string) => Promise<unknown>])[] = [
  ['the name of a mailbox to open', (client, evil) => client.select(evil)],
  ['the name of a mailbox to make', (client, evil) => client.create(evil)],
  ['a pattern', (client, evil) => client.list({ patterns: [evil] })],
  ['a keyword', async (client, evil) => (await client.select('INBOX')).store('1', 'add', [evil])],
  [
    'what to search for',
    async (client, evil) => (await client.select('INBOX')).search({ type: 'text', where: 'body', value: evil }),
  ],
  [
    'the name of a header',
    async (client, evil) => (await client.select('INBOX')).search({ type: 'header', name: evil, value: 'x' }),
  ],
  ['where to copy', async (client, evil) => (await client.select('INBOX')).copy('1', evil)],
];

const injection: readonly Scenario[] = CALLS.flatMap(([what, call]) =>
  EVIL.map(
    (evil): Scenario => ({
      attack: `${JSON.stringify(evil)} as ${what}`,
      right: (result, peer) =>
        !(result instanceof Error) && !peer.commands.some((command) => command.startsWith('ZZ1')),
      serve: (peer) => behave(peer),
      act: async (client) => {
        await call(client, evil).catch(() => {});
        await client.noop();
      },
    }),
  ),
);

/** @see security 1.2 to 1.4 */
export const DATA_SCENARIOS: readonly Scenario[] = [
  ...literals,
  ...lines,
  ...nesting,
  ...width,
  ...sets,
  ...floods,
  ...numbers,
  ...lying,
  ...framing,
  ...compression,
  ...injection,
];
