import { uidValidity } from '@posthorn/core';
import { memoryPair } from '@posthorn/transport';
import { CommandDecoder } from '@posthorn/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connect, type ImapClient, type SelectedMailbox } from '../src/index.ts';
import { bytes, settle } from './support.ts';

interface Peer {
  readonly client: ImapClient;
  readonly inbox: SelectedMailbox;
  /** Commands received since the last call, as a server decodes them, and how many lines that do not parse. */
  taken(): { readonly commands: string[]; readonly invalid: number };
}

/** A server that accepts everything, and decodes what it gets. */
async function peer(capabilities: string, extra: Parameters<typeof connect>[0] = {}): Promise<Peer> {
  const [mine, theirs] = memoryPair();
  const decoder = new CommandDecoder({ maxLineBytes: 65_536, maxLiteralBytes: 65_536 });
  let commands: string[] = [];
  let invalid = 0;
  const serve = async (): Promise<void> => {
    await theirs.write(bytes(`* PREAUTH [CAPABILITY ${capabilities}] hi\r\n`));
    for (let chunk = await theirs.read(); chunk !== null; chunk = await theirs.read()) {
      decoder.push(chunk);
      for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
        if (event.type === 'literal' || event.type === 'appendLiteral') {
          if (event.isSynchronizing) await theirs.write(bytes('+ go\r\n'));
          decoder.acceptLiteral();
        } else if (event.type === 'invalid') {
          invalid++;
          if (event.tag !== undefined) await theirs.write(bytes(`${event.tag} BAD what\r\n`));
        } else if (event.type === 'command') {
          commands.push(event.command.name === 'X' ? event.command.command : event.command.name);
          if (event.command.name === 'SELECT')
            await theirs.write(bytes(`* 1 EXISTS\r\n* OK [UIDVALIDITY ${uidValidity(1)}] x\r\n* OK [UIDNEXT 2] x\r\n`));
          await theirs.write(bytes(`${event.tag} OK done\r\n`));
        }
      }
    }
  };
  void serve().catch(() => {});
  const client = await connect({ transport: mine, ...extra });
  const inbox = await client.select('INBOX');
  commands = [];
  return {
    client,
    inbox,
    taken: () => {
      const result = { commands, invalid };
      commands = [];
      invalid = 0;
      return result;
    },
  };
}

const evil = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      'a',
      ' ',
      '"',
      '\\',
      '{',
      '}',
      '(',
      ')',
      '\r',
      '\n',
      '\0',
      '*',
      '%',
      '&',
      '\u00e9',
      '\u{1f4e7}',
      '1',
      '+',
      ']',
      '\t',
      '\x7f',
    ),
    maxLength: 12,
  }),
  fc.constantFrom(
    '\r\nA99 DELETE INBOX\r\n',
    'x"\r\nA1 LOGOUT\r\n',
    '{3}\r\nabc',
    '{3+}\r\nabc',
    '',
    '{1}',
    'x {3+}',
    'NIL',
    'a\0b',
    '\ud800',
  ),
);

describe.each([
  'IMAP4rev1 UIDPLUS MOVE CONVERT',
  'IMAP4rev1 LITERAL+ UIDPLUS MOVE CONVERT LIST-EXTENDED CREATE-SPECIAL-USE',
])('injection (pain 14) with %s', (capabilities) => {
  const calls: readonly (readonly [string, readonly string[], (peer: Peer, value: string) => Promise<unknown>])[] = [
    ['create', ['CREATE'], ({ client }, value) => client.create(value)],
    ['create for a use', ['CREATE'], ({ client }, value) => client.create('x', { specialUse: [value] })],
    ['delete', ['DELETE'], ({ client }, value) => client.delete(value)],
    ['rename from', ['RENAME'], ({ client }, value) => client.rename(value, 'x')],
    ['rename to', ['RENAME'], ({ client }, value) => client.rename('x', value)],
    ['subscribe', ['SUBSCRIBE'], ({ client }, value) => client.subscribe(value)],
    ['unsubscribe', ['UNSUBSCRIBE'], ({ client }, value) => client.unsubscribe(value)],
    ['list reference', ['LIST'], ({ client }, value) => client.list({ reference: value })],
    ['list pattern', ['LIST'], ({ client }, value) => client.list({ patterns: [value] })],
    ['lsub pattern', ['LIST', 'LSUB'], ({ client }, value) => client.list({ patterns: [value], subscribedOnly: true })],
    ['status', ['STATUS'], ({ client }, value) => client.status(value, ['MESSAGES'])],
    ['status item', ['STATUS'], ({ client }, value) => client.status('x', [value as 'MESSAGES'])],
    ['append to', ['APPEND'], ({ client }, value) => client.append(value, { body: bytes('x') })],
    ['append flag', ['APPEND'], ({ client }, value) => client.append('x', { body: bytes('x'), flags: [value] })],
    ['enable', ['ENABLE'], ({ client }, value) => client.enable([value])],
    ['store flag', ['STORE'], ({ inbox }, value) => inbox.store('1', 'add', [value])],
    ['search text', ['UID SEARCH'], ({ inbox }, value) => inbox.search({ type: 'text', where: 'body', value })],
    ['search field', ['UID SEARCH'], ({ inbox }, value) => inbox.search({ type: 'header', name: value, value: 'x' })],
    ['search value', ['UID SEARCH'], ({ inbox }, value) => inbox.search({ type: 'header', name: 'Subject', value })],
    ['search flag', ['UID SEARCH'], ({ inbox }, value) => inbox.search({ type: 'flag', flag: value })],
    ['copy to', ['COPY'], ({ inbox }, value) => inbox.copy('1', value)],
    ['move to', ['MOVE'], ({ inbox }, value) => inbox.move('1', value)],
    [
      'fetch set',
      ['FETCH'],
      async ({ inbox }, value) => inbox.fetch(value, { flags: true })[Symbol.asyncIterator]().next(),
    ],
    [
      'fetch part',
      ['FETCH'],
      async ({ inbox }, value) =>
        inbox
          .fetch('1', { body: { part: [], text: 'HEADER.FIELDS', fields: [value] } })
          [Symbol.asyncIterator]()
          .next(),
    ],
    [
      'fetch text',
      ['FETCH'],
      async ({ inbox }, value) =>
        inbox
          .fetch('1', { body: { part: [1], text: value as 'TEXT' } })
          [Symbol.asyncIterator]()
          .next(),
    ],
    ['conversions', ['CONVERSIONS'], ({ client }, value) => client.conversions(value, value)],
    [
      'convert to',
      ['UID CONVERT'],
      ({ inbox }, value) => inbox.convert('1', { to: `text/${value}` }, [{ size: true }]),
    ],
    [
      'convert parameter',
      ['UID CONVERT'],
      ({ inbox }, value) => inbox.convert('1', { to: null, parameters: { [value]: value } }, [{ size: true }]),
    ],
    ['raw command name', ['X'], ({ client }, value) => client.command({ name: 'X', command: value, raw: bytes('') })],
    ['raw arguments', ['X'], ({ client }, value) => client.command({ name: 'X', command: 'XFOO', raw: bytes(value) })],
  ];

  test.each(calls)('%s is one command, or none', async (_, names, call) => {
    const connection = await peer(capabilities);
    await fc.assert(
      fc.asyncProperty(evil, async (value) => {
        await call(connection, value).catch(() => {});
        await settle();
        const { commands, invalid } = connection.taken();
        expect(commands.length + invalid).toBeLessThanOrEqual(1);
        if (names[0] !== 'X') for (const command of commands) expect(names).toContain(command);
        expect(connection.client.isClosed).toBe(false);
      }),
      { numRuns: 60 },
    );
    connection.client.destroy();
  });
});
