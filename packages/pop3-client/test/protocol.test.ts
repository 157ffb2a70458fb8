import { MailError } from '@posthorn/core';
import { everySplit, octetByOctet, randomSplits } from '@posthorn/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ClientEvent, Pop3ClientProtocol } from '../src/protocol.ts';
import { bytes, text } from './support.ts';

/** Runs a protocol half over what a server says, whatever the commands. @returns what happened, bodies joined */
function run(protocol: Pop3ClientProtocol, chunks: readonly Uint8Array[]): string[] {
  const log: string[] = [];
  for (const chunk of chunks) {
    protocol.receive(chunk);
    for (let event = protocol.next(); event !== undefined; event = protocol.next()) {
      note(log, event);
      protocol.output();
    }
  }
  return log;
}

function note(log: string[], event: ClientEvent): void {
  if (event.type === 'greeting') log.push(`greeting ${event.answer.isOk}`);
  else if (event.type === 'challenge') log.push(`challenge ${event.text}`);
  else if (event.type === 'answer') log.push(`${event.command.command.name} ${event.answer.isOk} ${event.hasBody}`);
  else if (event.type === 'bodyEnd') log.push(`${event.command.command.name} ends`);
  else if (log.at(-1)?.startsWith('body ')) log.push(`${log.pop()}${text(event.bytes)}`);
  else log.push(`body ${text(event.bytes)}`);
}

const CONVERSATION = [
  '+OK ready <1.2@b>\r\n',
  '+OK\r\nPIPELINING\r\nUSER\r\n.\r\n',
  '+OK\r\n+OK in\r\n',
  '+OK\r\nPIPELINING\r\n.\r\n',
  '+OK\r\n..a\r\n\r\n...\r\n.\r\n',
  '-ERR gone\r\n',
  '+OK\r\n.\r\n',
  '+OK 1 2\r\n',
].join('');

function conversing(): Pop3ClientProtocol {
  const protocol = new Pop3ClientProtocol();
  protocol.send({ name: 'CAPA' });
  protocol.send({ name: 'USER', user: 'a' });
  protocol.send({ name: 'PASS', password: 'b' });
  protocol.send({ name: 'CAPA' });
  for (const number of [1, 2, 3]) protocol.send({ name: 'RETR', number });
  protocol.send({ name: 'STAT' });
  return protocol;
}

const EXPECTED = [
  'greeting true',
  ...['CAPA true true', 'body PIPELINING\r\nUSER\r\n', 'CAPA ends', 'USER true false', 'PASS true false'],
  ...['CAPA true true', 'body PIPELINING\r\n', 'CAPA ends'],
  ...['RETR true true', 'body .a\r\n\r\n..\r\n', 'RETR ends', 'RETR false false', 'RETR true true', 'RETR ends'],
  'STAT true false',
];

describe('a conversation', () => {
  test('is the same however it is cut', () => {
    const octets = bytes(CONVERSATION);
    for (const chunks of [octetByOctet(octets), ...everySplit(octets), ...randomSplits(octets, 7)]) {
      const protocol = conversing();
      expect(run(protocol, chunks)).toEqual(EXPECTED);
      expect(protocol.state).toBe('transaction');
      expect(protocol.isWaiting).toBe(false);
      protocol.endOfStream();
    }
  });

  test('hands out commands when their time has come', () => {
    const protocol = conversing();
    const written = (): string => protocol.output().reduce((line, { bytes: octets }) => line + text(octets), '');
    expect(written()).toBe('');
    const steps: [string, string][] = [
      ['+OK ready\r\n', 'CAPA\r\n'],
      ['+OK\r\nPIPELINING\r\n.\r\n', 'USER a\r\n'],
      ['+OK\r\n', 'PASS b\r\n'],
      ['+OK\r\n', 'CAPA\r\n'],
      ['+OK\r\nPIPELINING\r\n.\r\n', 'RETR 1\r\nRETR 2\r\nRETR 3\r\nSTAT\r\n'],
    ];
    for (const [heard, said] of steps) {
      protocol.receive(bytes(heard));
      while (protocol.next() !== undefined);
      expect(written()).toBe(said);
    }
    expect(protocol.inProgress).toHaveLength(4);
    expect(protocol.queued).toHaveLength(0);
  });

  test('marks secrets, and describes commands without them', () => {
    const protocol = new Pop3ClientProtocol();
    const command = protocol.send({ name: 'PASS', password: 'tell' });
    protocol.receive(bytes('+OK\r\n'));
    protocol.next();
    expect(protocol.output().filter(({ isSecret }) => isSecret)).toHaveLength(1);
    expect(protocol.describe(command)).toBe('PASS ***');
    expect(protocol.cancel(command)).toBe(false);
    const other = protocol.send({ name: 'NOOP' });
    expect([protocol.cancel(other), protocol.queued.length]).toEqual([true, 0]);
  });
});

describe('STLS', () => {
  test('waits for TLS, and forgets what was learnt before', () => {
    const protocol = new Pop3ClientProtocol();
    protocol.send({ name: 'CAPA' });
    protocol.send({ name: 'STLS' });
    protocol.send({ name: 'CAPA' });
    run(protocol, [bytes('+OK <a@b>\r\n'), bytes('+OK\r\nSTLS\r\n.\r\n'), bytes('+OK\r\n')]);
    expect([protocol.timestamp, protocol.capabilities?.has('STLS')]).toEqual(['<a@b>', true]);
    expect(protocol.output()).toEqual([]);
    expect(() => protocol.receive(bytes('+'))).toThrow(
      expect.objectContaining({ code: 'TRANSPORT_PLAINTEXT_BUFFERED' }),
    );
    protocol.secured();
    expect([protocol.timestamp, protocol.capabilities]).toEqual([undefined, undefined]);
    expect(protocol.output()).toHaveLength(1);
  });

  test.each(['+OK\r\n+OK\r\n', '+OK\r\n+', '+OK\r\n\n'])('takes nothing behind it: %j', (heard) => {
    const protocol = new Pop3ClientProtocol();
    protocol.send({ name: 'STLS' });
    run(protocol, [bytes('+OK\r\n')]);
    expect(() => run(protocol, [bytes(heard)])).toThrow(
      expect.objectContaining({ code: 'TRANSPORT_PLAINTEXT_BUFFERED' }),
    );
  });
});

describe('what begins the connection', () => {
  test.each([
    ['* OK IMAP4rev1\r\n', 'imap'],
    ['* BYE\r\n', 'imap'],
    ['220 mail ESMTP\r\n', 'smtp'],
    ['HTTP/1.1 400\r\n', 'http'],
    ['SSH-2.0-x\r\n', 'ssh'],
    ['\x15\x03\x01\x00\x02\x02\x28', 'tls'],
    ['\x16\x03\x01\x00\x02\x02\x28aaaaaaaaaa', 'tls'],
    ['+OKAY then, hello there\r\n', undefined],
    ['-ERRATIC\r\n', undefined],
    ['hello\r\n', 'unknown'],
    ['x'.repeat(600), 'unknown'],
  ])('%j', (greeting, other) => {
    for (const chunks of [[bytes(greeting)], octetByOctet(bytes(greeting))]) {
      const protocol = new Pop3ClientProtocol();
      const work = (): unknown => [run(protocol, chunks), protocol.endOfStream()];
      if (other === undefined) expect(work).toThrow(expect.objectContaining({ code: 'WIRE_SYNTAX' }));
      else expect(work).toThrow(expect.objectContaining({ code: 'POP3_NOT_POP3', protocol: other }));
    }
  });

  test('may be lower case', () => {
    expect(run(new Pop3ClientProtocol(), octetByOctet(bytes('+ok hi\r\n')))).toEqual(['greeting true']);
  });

  test('ends the session when it is a refusal', () => {
    const protocol = new Pop3ClientProtocol();
    expect(run(protocol, [bytes('-ERR busy\r\n')])).toEqual(['greeting false']);
    expect(protocol.state).toBe('ended');
    expect(() => protocol.send({ name: 'NOOP' })).toThrow('the session is over');
  });
});

test('a challenge is answered, or cancelled', () => {
  const protocol = new Pop3ClientProtocol();
  protocol.send({ name: 'AUTH', mechanism: 'PLAIN' });
  expect(run(protocol, [bytes('+OK\r\n'), bytes('+ \r\n')])).toEqual(['greeting true', 'challenge ']);
  protocol.answerChallenge(bytes('\0a\0b'));
  protocol.answerChallenge(undefined);
  expect(protocol.output().map(({ bytes: octets, isSecret }) => [text(octets), isSecret])).toEqual([
    ['AGEAYg==\r\n', true],
    ['*\r\n', false],
  ]);
});

test('any octets end in events or a MailError', () => {
  const line = fc.constantFrom('+OK', '-ERR', '+ ', '.', '..', '\r\n', '\r', '\n', '[AUTH]', '1 2', 'STLS', '\0', ' ');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), fc.integer(), (pieces, seed) => {
      const octets = bytes(`+OK\r\n${pieces.join('')}`);
      const outcomes = [[octets], ...randomSplits(octets, seed, { count: 3 })].map((chunks) => {
        const protocol = conversing();
        const log: string[] = [];
        try {
          log.push(...run(protocol, chunks));
          return log;
        } catch (error) {
          if (!MailError.is(error)) throw error;
          return error.code;
        }
      });
      for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
    }),
    { numRuns: 1500 },
  );
});
