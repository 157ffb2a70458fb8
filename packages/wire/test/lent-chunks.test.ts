import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecoderOptions, encodeResponse, ResponseDecoder, type ResponseEvent } from '../src/index.ts';
import { response } from './arbitraries.ts';
import { concat, cutAt, octets, responses } from './feed.ts';

/** All events when every chunk comes in the same memory, which is overwritten as soon as it is released. */
function lentResponses(chunks: readonly Uint8Array[], options: DecoderOptions): ResponseEvent[] {
  const decoder = new ResponseDecoder(options);
  const memory = new Uint8Array(Math.max(1, ...chunks.map(({ length }) => length)));
  const events: ResponseEvent[] = [];
  for (const chunk of chunks) {
    memory.set(chunk);
    decoder.push(memory.subarray(0, chunk.length));
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) add(events, event);
    decoder.releaseChunks();
    memory.fill(0x29);
  }
  return events;
}

function add(events: ResponseEvent[], event: ResponseEvent): void {
  const last = events.at(-1);
  if (event.type !== 'literalData') events.push(event);
  else if (last?.type === 'literalData')
    events[events.length - 1] = { ...last, bytes: concat([last.bytes, event.bytes]) };
  else events.push({ ...event, bytes: event.bytes.slice() });
}

const SESSION = [
  '* OK [CAPABILITY IMAP4rev2] hello {1}',
  '* LIST () "/" {5}\r\nINBOX',
  '* 1 FETCH (UID 7 FLAGS (\\Seen) BODY[] {12}\r\n0123456789\r\n INTERNALDATE "17-Jul-1996 02:44:25 -0700")',
  '* 2 FETCH (BODY[1] {4}\r\nabcd BODY[2] {26}\r\nabcdefghijklmnopqrstuvwxyz UID 8)',
  '* %% broken {3}\r\nabc',
  '* X-NEW value {2}\r\nab',
  'A1 OK done',
]
  .map((line) => `${line}\r\n`)
  .join('');

describe('chunks that are released', () => {
  it.each([0, 8, 64])('leave the same events, cut anywhere, with %i octets inline', (maxInlineLiteralBytes) => {
    const bytes = octets(SESSION);
    const expected = responses([bytes], { maxInlineLiteralBytes });
    for (let first = 0; first <= bytes.length; first++)
      for (const second of [first + 1, first + 9, bytes.length])
        if (second <= bytes.length)
          expect(lentResponses(cutAt(bytes, [first, second]), { maxInlineLiteralBytes })).toEqual(expected);
    expect(lentResponses(cutAt(bytes, [...bytes.keys()]), { maxInlineLiteralBytes })).toEqual(expected);
  });

  it('leave any responses as they are', () => {
    const offsets = fc
      .array(fc.nat({ max: 400 }), { maxLength: 8 })
      .map((each) => each.sort((left, right) => left - right));
    fc.assert(
      fc.property(fc.array(response, { maxLength: 3 }), offsets, (values, cuts) => {
        const pieces = values.flatMap((value) => encodeResponse(value));
        const bytes = concat(pieces.flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : [])));
        expect(lentResponses(cutAt(bytes, cuts), {})).toEqual(values);
      }),
      { numRuns: 300 },
    );
  });

  it('may be released before their events are asked for', () => {
    const decoder = new ResponseDecoder();
    const chunks = [octets('* 1 EXISTS\r\n* 2 EX'), octets('ISTS\r\n* 3 EXISTS\r\n'), octets('* 4 EXISTS\r\n')];
    for (const chunk of chunks) decoder.push(chunk);
    expect(decoder.next()).toEqual({ type: 'exists', count: 1 });
    decoder.releaseChunks();
    for (const chunk of chunks) chunk.fill(0);
    expect([decoder.next(), decoder.next(), decoder.next(), decoder.next()]).toEqual([
      { type: 'exists', count: 2 },
      { type: 'exists', count: 3 },
      { type: 'exists', count: 4 },
      undefined,
    ]);
  });
});
