import { MailError } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CommandDecoder,
  type CommandEvent,
  encodeCommand,
  encodeResponse,
  ResponseDecoder,
  type ResponseEvent,
} from '../src/index.ts';
import { command, response, tag } from './arbitraries.ts';
import { commands, concat, cutAt, octets, responses } from './feed.ts';

const cuts = fc
  .array(fc.nat({ max: 400 }), { maxLength: 8 })
  .map((offsets) => offsets.sort((left, right) => left - right));

describe('decoding undoes encoding', () => {
  it.each([{}, { literalPlus: true }, { literalMinus: true }, { utf8: true }, { utf8: true, literalPlus: true }])(
    'of commands, with %j',
    (options) => {
      fc.assert(
        fc.property(tag, command, cuts, (tag, command, offsets) => {
          const bytes = concat(
            encodeCommand(tag, command, options).flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : [])),
          );
          const events = commands(cutAt(bytes, offsets), { maxLineBytes: 65_536, maxLiteralBytes: 65_536 });
          expect(events.filter(({ type }) => type !== 'literal')).toEqual([{ type: 'command', tag, command }]);
        }),
        { numRuns: 300 },
      );
    },
  );

  it.each([{}, { utf8: true }])('of responses, with %j', (options) => {
    fc.assert(
      fc.property(response, cuts, fc.boolean(), (value, offsets, strict) => {
        const bytes = concat(
          encodeResponse(value, options).flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : [])),
        );
        expect(responses(cutAt(bytes, offsets), strict ? { mode: 'strict' } : {})).toEqual([value]);
      }),
      { numRuns: 1000 },
    );
  });

  it('of the points where a client waits', () => {
    fc.assert(
      fc.property(tag, command, (tag, command) => {
        const decoder = new CommandDecoder({ maxLineBytes: 65_536, maxLiteralBytes: 65_536 });
        const events: CommandEvent[] = [];
        let isWaiting = false;
        for (const piece of encodeCommand(tag, command)) {
          // A continuation request stands exactly where the server was told of a literal.
          if (piece.type === 'continuation') {
            expect(isWaiting).toBe(true);
            decoder.acceptLiteral();
            isWaiting = false;
          } else if (piece.type === 'bytes') {
            decoder.push(piece.bytes);
            const event = decoder.next();
            isWaiting = event?.type === 'literal';
            if (event !== undefined) events.push(event);
          }
        }
        expect(events.at(-1)).toEqual({ type: 'command', tag, command });
        expect(decoder.bufferedBytes).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});

const TOKENS = [
  '* ',
  'A1 ',
  '+ ',
  '1 FETCH (',
  'BODY[] ',
  'BODY[',
  ']',
  '<0>',
  '{3}\r\n',
  '{3+}\r\n',
  '~{3}\r\n',
  '{',
  '}',
  '"',
  '\\',
  '(',
  ')',
  ' ',
  'NIL',
  'ENVELOPE ',
  'BODYSTRUCTURE ',
  'FLAGS ',
  'OK ',
  '[UIDNEXT ',
  '[CAPABILITY ',
  '0',
  '4294967296',
  '-1',
  '1:*',
  ',',
  '\r\n',
  '\n',
  '\r',
  '\0',
  '\xff',
  'LIST ',
  'STATUS ',
  'UID ',
  'APPEND ',
  'INBOX ',
  'LOGIN ',
  'SEARCH ',
  'VANISHED ',
  '&',
  'a',
  'STORE ',
  '+FLAGS ',
  'UTF8 (',
  '$',
  '*',
];
const noise = fc.oneof(
  fc.array(fc.constantFrom(...TOKENS), { maxLength: 40 }).map((tokens) => octets(tokens.join(''))),
  fc.uint8Array({ maxLength: 200 }),
);

describe('arbitrary octets end in values or a MailError', () => {
  const limits = { maxLineBytes: 4096, maxInlineLiteralBytes: 2, maxLiteralBytes: 100 };

  it('of a server, the same however they are cut', () => {
    fc.assert(
      fc.property(noise, cuts, (bytes, offsets) => {
        expect(outcome(() => responses(cutAt(bytes, offsets), limits))).toEqual(
          outcome(() => responses([bytes], limits)),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('of a client, the same however they are cut', () => {
    fc.assert(
      fc.property(noise, cuts, (bytes, offsets) => {
        expect(outcome(() => commands(cutAt(bytes, offsets)))).toEqual(outcome(() => commands([bytes])));
      }),
      { numRuns: 3000 },
    );
  });

  it('never hold on to more than the limits', () => {
    fc.assert(
      fc.property(noise, (bytes) => {
        const decoder = new ResponseDecoder(limits);
        for (let round = 0; round < 20; round++) {
          decoder.push(bytes);
          try {
            while (decoder.next() !== undefined);
          } catch (error) {
            expect(MailError.is(error)).toBe(true);
            return;
          }
          expect(decoder.bufferedBytes).toBeLessThanOrEqual(4096 + 4000);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function outcome(run: () => readonly (ResponseEvent | CommandEvent)[]): unknown {
  try {
    return run();
  } catch (error) {
    if (!MailError.is(error)) throw error;
    return error.code;
  }
}
