import { MailError, utf8Bytes } from '@posthorn/core';
import { randomSplits } from '@posthorn/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ImapServerProtocol, type ServerEvent } from '../src/protocol.ts';

const word = fc.constantFrom(
  ...[
    'a ',
    'b1 ',
    'LOGIN ',
    'FETCH ',
    'UID ',
    'STORE ',
    'APPEND ',
    'INBOX ',
    'LIST ',
    '"" ',
    '* ',
    '1:* ',
    '(',
    ')',
    ' ',
  ],
  ...[
    '{3}\r\n',
    '{5+}\r\n',
    '{99999999999}\r\n',
    '~{2}\r\n',
    'FLAGS',
    '\\Seen',
    'BODY[',
    '1.2.MIME]',
    '<0.5>',
    '"x',
    '\\"',
  ],
  ...['\r\n', '\n', '\r', '\u0000', 'é', 'NOOP\r\n', 'z LOGOUT\r\n', 'IDLE\r\n', 'DONE\r\n', 'abc', '=', '+'],
);
const octets = fc
  .array(
    fc.oneof({ weight: 9, arbitrary: word }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) }),
    {
      maxLength: 40,
    },
  )
  .map((words) => utf8Bytes(words.join('')));

/** All events, as JSON; literal data joined, because its cuts are free. */
function eventsOf(chunks: readonly Uint8Array[], isLoggedIn: boolean): string {
  const protocol = new ImapServerProtocol({
    loginOffer: () => ({ canStartTls: true, canLogin: true, mechanisms: ['PLAIN'] }),
  });
  if (isLoggedIn) protocol.loggedIn();
  let told = '';
  const heed = (event: ServerEvent): void => {
    if (event.type === 'literalData') {
      told += [...event.bytes].join();
      return;
    }
    if (event.type === 'appendLiteral') protocol.acceptLiteral();
    told += JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  };
  try {
    for (const chunk of chunks) {
      protocol.receive(chunk);
      for (let event = protocol.next(); event !== undefined; event = protocol.next()) heed(event);
    }
  } catch (error) {
    expect(MailError.is(error), String(error)).toBe(true);
    told += (error as MailError).code;
  }
  return told.replaceAll(',', '');
}

test('any octets end in events or a MailError, the same however they are cut', () => {
  fc.assert(
    fc.property(octets, fc.boolean(), fc.nat(), (bytes, isLoggedIn, seed) => {
      const whole = eventsOf([bytes.slice()], isLoggedIn);
      for (const chunks of randomSplits(bytes.slice(), seed, { count: 3 })) {
        expect(
          eventsOf(
            chunks.map((chunk) => chunk.slice()),
            isLoggedIn,
          ),
        ).toBe(whole);
      }
    }),
    { numRuns: 1_000 },
  );
});
