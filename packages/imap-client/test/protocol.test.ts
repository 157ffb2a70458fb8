import { InvalidStateError, TransportError } from '@posthorn/core';
import { mailboxName } from '@posthorn/mailbox-name';
import { parseSequenceSet } from '@posthorn/message-set';
import { everySplit, octetByOctet, randomSplits } from '@posthorn/testkit';
import type { Command } from '@posthorn/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ClientEvent, ImapClientProtocol, ImapError, mayStart, NotImapError, traitsOf } from '../src/protocol.ts';
import { bytes, text } from './support.ts';

const NOOP: Command = { name: 'NOOP' };
const INBOX = mailboxName('INBOX');

function events(protocol: ImapClientProtocol): ClientEvent[] {
  const found: ClientEvent[] = [];
  for (let event = protocol.next(); event !== undefined; event = protocol.next()) found.push(event);
  return found;
}

function feed(protocol: ImapClientProtocol, received: string): ClientEvent[] {
  protocol.receive(bytes(received));
  return events(protocol);
}

function written(protocol: ImapClientProtocol): string {
  return protocol
    .output()
    .map((item) => (item.type === 'bytes' ? text(item.bytes) : `<message ${item.index} of ${item.size}>`))
    .join('');
}

function loggedIn(capabilities = 'IMAP4rev1'): ImapClientProtocol {
  const protocol = new ImapClientProtocol();
  feed(protocol, `* PREAUTH [CAPABILITY ${capabilities}] hi\r\n`);
  return protocol;
}

test('nothing is written before the greeting', () => {
  const protocol = new ImapClientProtocol({ tagPrefix: 'X' });
  protocol.send(NOOP);
  expect(written(protocol)).toBe('');
  expect(feed(protocol, '* OK hi\r\n')).toMatchObject([{ type: 'greeting', response: { status: 'OK' } }]);
  expect(protocol.state).toBe('notAuthenticated');
  expect(written(protocol)).toBe('X1 NOOP\r\n');
});

test('follows the session through its states (RFC 9051 section 3)', () => {
  const protocol = new ImapClientProtocol();
  const states: string[] = [protocol.state];
  const say = (command: Command, status = 'OK'): void => {
    const { tag } = protocol.send(command);
    protocol.output();
    feed(protocol, `${tag} ${status} done\r\n`);
    states.push(protocol.state);
  };
  feed(protocol, '* OK hi\r\n');
  say({ name: 'LOGIN', user: 'a', password: 'b' }, 'NO');
  say({ name: 'LOGIN', user: 'a', password: 'b' });
  say({ name: 'SELECT', mailbox: INBOX });
  say({ name: 'SELECT', mailbox: INBOX }, 'NO');
  say({ name: 'EXAMINE', mailbox: INBOX });
  say({ name: 'CLOSE' });
  say({ name: 'LOGOUT' });
  expect(states).toEqual([
    'greeting',
    'notAuthenticated',
    'authenticated',
    'selected',
    'authenticated',
    'selected',
    'authenticated',
    'logout',
  ]);
  expect(() => protocol.send(NOOP)).toThrow(InvalidStateError);
});

test('tags answers to commands, in any order', () => {
  const protocol = loggedIn();
  const first = protocol.send({ name: 'STATUS', mailbox: mailboxName('a'), items: ['MESSAGES'] });
  const second = protocol.send({ name: 'STATUS', mailbox: mailboxName('b'), items: ['MESSAGES'] });
  expect(written(protocol)).toBe('A1 STATUS a (MESSAGES)\r\nA2 STATUS b (MESSAGES)\r\n');
  const found = feed(protocol, 'A2 OK x\r\nA1 NO y\r\n');
  expect(found.map((event) => event.type === 'completed' && event.command)).toEqual([second, first]);
});

describe('literals', () => {
  const login: Command = { name: 'LOGIN', user: 'a\r\nb', password: 'c\nd' };

  test('wait for the server, and everything behind them waits too', () => {
    const protocol = new ImapClientProtocol();
    feed(protocol, '* OK hi\r\n');
    protocol.send(login);
    protocol.send({ name: 'CAPABILITY' });
    expect(written(protocol)).toBe('A1 LOGIN {4}\r\n');
    expect(written(protocol)).toBe('');
    feed(protocol, '+ go\r\n');
    expect(written(protocol)).toBe('a\r\nb {3}\r\n');
    feed(protocol, '+ go\r\n');
    expect(written(protocol)).toBe('c\nd\r\n');
  });

  test('a refused one ends its command, and nothing of it is written', () => {
    const protocol = new ImapClientProtocol();
    feed(protocol, '* OK hi\r\n');
    protocol.send(login);
    protocol.output();
    expect(feed(protocol, 'A1 BAD no literals here\r\n')).toMatchObject([
      { type: 'completed', response: { status: 'BAD' } },
    ]);
    protocol.send({ name: 'CAPABILITY' });
    expect(written(protocol)).toBe('A2 CAPABILITY\r\n');
  });

  test.each([
    ['LITERAL+', 5000, '{5000+}'],
    ['LITERAL-', 4096, '{4096+}'],
    ['LITERAL-', 4097, '{4097}'],
    ['IDLE', 1, '{1}'],
  ])('go ahead only with what %s allows', (capability, size, announced) => {
    const protocol = loggedIn(`IMAP4rev1 ${capability}`);
    protocol.send({ name: 'APPEND', mailbox: INBOX, messages: [{ flags: [], size }] });
    expect(written(protocol)).toMatch(`A1 APPEND INBOX ${announced}\r\n`);
  });

  test('are not sent ahead because of a capability from before login', () => {
    const protocol = new ImapClientProtocol();
    feed(protocol, '* OK [CAPABILITY IMAP4rev1 LITERAL+] hi\r\n');
    protocol.send({ name: 'LOGIN', user: 'a', password: 'b' });
    protocol.send({ name: 'APPEND', mailbox: INBOX, messages: [{ flags: [], size: 1 }] });
    protocol.output();
    feed(protocol, 'A1 OK in\r\n');
    expect(protocol.capabilities).toBeUndefined();
    expect(written(protocol)).toBe('A2 APPEND INBOX {1}\r\n');
  });

  test('a message is written between its announcement and what follows', () => {
    const protocol = loggedIn('IMAP4rev1 LITERAL+');
    const append = protocol.send({ name: 'APPEND', mailbox: INBOX, messages: [{ flags: [], size: 3 }] });
    protocol.send(NOOP);
    expect(written(protocol)).toBe('A1 APPEND INBOX {3+}\r\n<message 0 of 3>');
    expect(written(protocol)).toBe('');
    protocol.messageSent(append);
    expect(written(protocol)).toBe('\r\nA2 NOOP\r\n');
    expect(() => protocol.messageSent(append)).toThrow(InvalidStateError);
  });

  test('an early refusal is told when the message is out', () => {
    const protocol = loggedIn('IMAP4rev1 LITERAL+');
    const append = protocol.send({ name: 'APPEND', mailbox: INBOX, messages: [{ flags: [], size: 3 }] });
    protocol.output();
    expect(feed(protocol, 'A1 NO [TOOBIG] no\r\n')).toEqual([]);
    protocol.messageSent(append);
    protocol.output();
    expect(events(protocol)).toMatchObject([{ type: 'completed', response: { status: 'NO' } }]);
  });
});

describe('a server that breaks the protocol', () => {
  const broken = (received: string, prepare: (protocol: ImapClientProtocol) => void = () => {}): unknown => {
    const protocol = loggedIn('IMAP4rev1 LITERAL+');
    prepare(protocol);
    try {
      feed(protocol, received);
    } catch (error) {
      return error;
    }
    return undefined;
  };

  test.each([
    ['an unknown tag', 'A1 OK x\r\n', () => {}],
    [
      'a second completion',
      'A1 OK x\r\nA1 OK x\r\n',
      (protocol: ImapClientProtocol) => {
        protocol.send(NOOP);
        protocol.output();
      },
    ],
    [
      'an answer to a command that is only queued',
      'A1 OK x\r\n',
      (protocol: ImapClientProtocol) => {
        protocol.send(NOOP);
      },
    ],
    [
      'success before the message is written',
      'A1 OK x\r\n',
      (protocol: ImapClientProtocol) => {
        protocol.send({ name: 'APPEND', mailbox: INBOX, messages: [{ flags: [], size: 3 }] });
        protocol.output();
      },
    ],
    ['a continuation request out of nowhere', '+ yes?\r\n', () => {}],
    [
      'a second continuation request for IDLE',
      '+ a\r\n+ b\r\n',
      (protocol: ImapClientProtocol) => {
        protocol.send({ name: 'IDLE' });
        protocol.output();
      },
    ],
  ])('%s', (_, received, prepare) => {
    expect(broken(received, prepare)).toMatchObject({ code: 'IMAP_PROTOCOL' });
  });

  test.each(['BYE', 'PREAUTH', 'MAYBE'])('a tagged %s is no success', (status) => {
    const protocol = loggedIn();
    protocol.send(NOOP);
    protocol.output();
    expect(feed(protocol, `A1 ${status} x\r\n`)).toMatchObject([{ type: 'completed', response: { type: 'invalid' } }]);
  });

  test('a tagged line that does not parse ends its command; an unknown untagged one ends nothing', () => {
    const protocol = loggedIn();
    protocol.send(NOOP);
    protocol.output();
    const found = feed(protocol, '* WHATEVER (((\r\nA1 PERHAPS done\r\n');
    expect(found.map(({ type }) => type)).toEqual(['unknown', 'completed']);
  });
});

describe('IDLE', () => {
  test('ends when a command waits, also when it was not accepted yet', () => {
    const protocol = loggedIn('IMAP4rev1 IDLE');
    const idle = protocol.send({ name: 'IDLE' });
    expect(written(protocol)).toBe('A1 IDLE\r\n');
    expect(protocol.isWaiting).toBe(true);
    protocol.send(NOOP);
    expect(written(protocol)).toBe('');
    expect(feed(protocol, '+ idling\r\n')).toEqual([{ type: 'idling', command: idle }]);
    expect(written(protocol)).toBe('DONE\r\n');
    expect(written(protocol)).toBe('');
    feed(protocol, 'A1 OK\r\n');
    expect(written(protocol)).toBe('A2 NOOP\r\n');
  });

  test('owes no answer while it lasts, and waits until nothing else is to be done', () => {
    const protocol = loggedIn('IMAP4rev1 IDLE');
    protocol.send({ name: 'ENABLE', capabilities: ['X'] });
    const idle = protocol.send({ name: 'IDLE' });
    protocol.send(NOOP);
    expect(written(protocol)).toBe('A1 ENABLE X\r\n');
    feed(protocol, 'A1 OK\r\n');
    expect(written(protocol)).toBe('A3 NOOP\r\n');
    feed(protocol, 'A3 OK\r\n');
    expect(written(protocol)).toBe('A2 IDLE\r\n');
    feed(protocol, '+\r\n');
    expect(protocol.isWaiting).toBe(false);
    protocol.endIdle(idle);
    expect(written(protocol)).toBe('DONE\r\n');
    expect(protocol.isWaiting).toBe(true);
  });
});

describe('STARTTLS', () => {
  const start = (): ImapClientProtocol => {
    const protocol = new ImapClientProtocol();
    feed(protocol, '* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n');
    protocol.send({ name: 'STARTTLS' });
    protocol.send({ name: 'CAPABILITY' });
    expect(written(protocol)).toBe('A1 STARTTLS\r\n');
    return protocol;
  };

  test('holds everything back until the connection is secured, and forgets the rest', () => {
    const protocol = start();
    expect(feed(protocol, 'A1 OK go\r\n')).toMatchObject([{ type: 'completed' }]);
    expect(written(protocol)).toBe('');
    protocol.secured();
    expect(protocol.capabilities).toBeUndefined();
    expect(written(protocol)).toBe('A2 CAPABILITY\r\n');
  });

  test.each(['A1 OK go\r\n* OK', 'A1 OK go\r\n\r\n'])('refuses octets behind the answer: %j', (received) => {
    expect(() => feed(start(), received)).toThrow(TransportError);
  });

  test('refuses octets that come later in clear text', () => {
    const protocol = start();
    feed(protocol, 'A1 OK go\r\n');
    expect(() => protocol.receive(bytes('* OK'))).toThrow(
      expect.objectContaining({ code: 'TRANSPORT_PLAINTEXT_BUFFERED' }),
    );
  });
});

describe('commands that may overlap (RFC 9051 section 5.5)', () => {
  const set = parseSequenceSet('1');
  const fetch = (type: 'uids' | 'sequenceNumbers'): Command => ({
    name: 'FETCH',
    messages: { type, set } as never,
    items: [{ type: 'flags' }],
  });
  const store: Command = {
    name: 'STORE',
    messages: { type: 'sequenceNumbers', set } as never,
    operation: 'add',
    isSilent: true,
    flags: [],
  };
  const copy: Command = { name: 'COPY', messages: { type: 'sequenceNumbers', set } as never, mailbox: INBOX };
  const may = (...commands: Command[]): boolean => {
    const traits = commands.map(traitsOf);
    return traits.every((each, index) => mayStart(each, traits.slice(0, index)));
  };

  test('the examples of the RFC', () => {
    expect(may(fetch('sequenceNumbers'), NOOP, store)).toBe(false);
    expect(may(store, copy, fetch('sequenceNumbers'))).toBe(false);
    expect(may(copy, copy)).toBe(false);
    expect(may(fetch('sequenceNumbers'), store, NOOP)).toBe(true);
    expect(may(store, copy, { name: 'EXPUNGE' })).toBe(true);
  });

  test('UID commands overlap, and keep commands by sequence number out', () => {
    expect(may(fetch('uids'), fetch('uids'), NOOP, fetch('uids'))).toBe(true);
    expect(may(fetch('uids'), fetch('sequenceNumbers'))).toBe(false);
  });

  test('what changes the session runs alone', () => {
    for (const name of ['LOGOUT', 'IDLE', 'CLOSE', 'UNSELECT', 'STARTTLS'] as const) {
      expect(may(NOOP, { name })).toBe(false);
      expect(may({ name }, NOOP)).toBe(false);
    }
    expect(may(NOOP, { name: 'SELECT', mailbox: INBOX })).toBe(false);
    expect(may({ name: 'X', command: 'FROB', raw: bytes('') }, NOOP)).toBe(false);
  });

  test('answers that cannot be told apart do not mix', () => {
    const list: Command = { name: 'LIST', reference: mailboxName(''), patterns: [mailboxName('*')] };
    expect(may(list, list)).toBe(false);
    expect(
      may(
        { name: 'STATUS', mailbox: INBOX, items: ['MESSAGES'] },
        { name: 'STATUS', mailbox: INBOX, items: ['UIDNEXT'] },
      ),
    ).toBe(false);
    expect(may({ name: 'STATUS', mailbox: INBOX, items: ['MESSAGES'] }, list)).toBe(true);
  });
});

const CONVERSATION =
  '* OK [CAPABILITY IMAP4rev1] hi\r\n* 3 EXISTS\r\n* LIST () "/" {3}\r\na\r\n\r\n* 1 FETCH (UID 7 BODY[] {4}\r\nab\r\n FLAGS (\\Seen))\r\n+ \r\nA1 OK done\r\n* BYE\r\n';

test('any split of what arrives gives the same events', () => {
  const play = (chunks: readonly Uint8Array[]): ClientEvent[] => {
    const protocol = new ImapClientProtocol({ decoder: { maxInlineLiteralBytes: 2 } });
    const found: ClientEvent[] = [];
    protocol.send({ name: 'IDLE' });
    for (const chunk of chunks) {
      protocol.receive(chunk);
      for (let event = protocol.next(); event !== undefined; event = protocol.next()) {
        found.push(event);
        protocol.output();
      }
    }
    protocol.endOfStream();
    return joined(found);
  };
  const received = bytes(CONVERSATION);
  const expected = play([received]);
  expect(expected.map(({ type }) => type)).toContain('literalData');
  for (const split of everySplit(received)) expect(play(split)).toEqual(expected);
  for (const split of randomSplits(received, 7)) expect(play(split)).toEqual(expected);
  expect(play(octetByOctet(received))).toEqual(expected);
});

/** Where chunks of a literal are cut is no matter. */
function joined(found: readonly ClientEvent[]): ClientEvent[] {
  const result: ClientEvent[] = [];
  for (const event of found) {
    const last = result.at(-1);
    if (event.type === 'literalData' && last?.type === 'literalData') {
      result[result.length - 1] = { type: 'literalData', bytes: Uint8Array.of(...last.bytes, ...event.bytes) };
    } else result.push(event.type === 'literalData' ? { ...event, bytes: Uint8Array.from(event.bytes) } : event);
  }
  return result;
}

test('arbitrary octets end in events or in a named error', () => {
  const line = fc.oneof(
    fc.constantFrom(
      '* OK x\r\n',
      'A1 OK\r\n',
      'A2 NO x\r\n',
      '+ \r\n',
      '* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n',
      '* BYE\r\n',
      '\r\n',
      '* CAPABILITY X\r\n',
    ),
    fc.string({ unit: 'binary', maxLength: 30 }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const protocol = new ImapClientProtocol();
      protocol.send({ name: 'LOGIN', user: 'a\nb', password: 'c' });
      protocol.send({ name: 'IDLE' });
      try {
        for (const each of lines) {
          feed(protocol, each);
          protocol.output();
        }
      } catch (error) {
        expect(error).toHaveProperty('code');
      }
    }),
    { numRuns: 500 },
  );
});

test('a misused constructor throws', () => {
  expect(() => new ImapClientProtocol({ tagPrefix: 'a b' })).toThrow(RangeError);
  expect(ImapError.is(new NotImapError('ssh', 'x'))).toBe(true);
});
