/** Faults that random input found, each with the octets that showed it. */
import { processorMilliseconds } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import { encodeResponse, Pop3ResponseDecoder, type Response, ResponseDecoder } from '../src/index.ts';
import { command, commands, latin1, octets, response } from './feed.ts';

const STRICT = { mode: 'strict' } as const;

/** The ids of what a decoder noted. */
function noted(event: object): readonly string[] {
  return 'diagnostics' in event ? (event.diagnostics as readonly { readonly id: string }[]).map(({ id }) => id) : [];
}

function encoded(value: Response): string {
  return encodeResponse(value)
    .map((piece) => (piece.type === 'bytes' ? latin1(piece.bytes) : ''))
    .join('');
}

describe('a POP3 body of many short lines', () => {
  function milliseconds(lines: number): number {
    const input = octets(`+OK\r\n+OK\r\n${'..\r\n'.repeat(lines)}.\r\n`);
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round++) {
      const decoder = new Pop3ResponseDecoder();
      decoder.expect(true);
      decoder.push(input);
      const started = processorMilliseconds();
      for (let event = decoder.next(); event !== undefined; event = decoder.next()) decoder.bufferedBytes;
      best = Math.min(best, processorMilliseconds() - started);
    }
    return best;
  }

  it('takes time that grows with their count', { retry: 4 }, () => {
    milliseconds(8000);
    // Four times the input; quadratic work would take sixteen times as long.
    expect(milliseconds(128_000)).toBeLessThan(milliseconds(32_000) * 8 + 10);
  });

  it('counts the octets that were not given out', () => {
    const decoder = new Pop3ResponseDecoder();
    decoder.expect(true);
    decoder.push(octets('+OK\r\n+OK\r\n..a\r\n..b\r\n.\r\n'));
    const counts: number[] = [];
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) counts.push(decoder.bufferedBytes);
    expect(counts).toEqual([18, 13, 4, 0, 0]);
  });
});

describe('flags with a wildcard', () => {
  it.each(['* 1 FETCH (FLAGS ($*))', '* FLAGS (\\*e)', '* FLAGS (\\*)', '* LIST (\\*) "/" a'])('%s', (line) => {
    expect(noted(response(`${line}\r\n`))).toEqual(['QUIRK_FLAG_CHARACTER']);
    expect(response(`${line}\r\n`, STRICT).type).toBe('invalid');
  });

  it.each(['a CREATE x (USE (\\*))', 'a STORE 1 FLAGS (\\*)'])('%s', (line) => {
    expect(noted(command(`${line}\r\n`))).toEqual(['QUIRK_FLAG_CHARACTER']);
    expect(command(`${line}\r\n`, STRICT).type).toBe('invalid');
  });

  it('belong in PERMANENTFLAGS', () => {
    expect(response('* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n', STRICT)).toMatchObject({
      code: { flags: ['\\Seen'], allowsNewKeywords: true },
    });
    expect(response('* OK [PERMANENTFLAGS ($*)] x\r\n', STRICT).type).toBe('invalid');
  });
});

describe('an APPEND', () => {
  it('keeps what was noted before its messages', () => {
    const events = commands('a APPEND x (\\S\xf0n) {1}\r\nm (\\T\xf0) {1}\r\nm\r\n');
    expect(events.filter(({ type }) => type === 'command').map(noted)).toEqual([
      ['QUIRK_FLAG_CHARACTER', 'QUIRK_FLAG_CHARACTER'],
    ]);
  });

  it('keeps no more than other commands', () => {
    const events = commands(`a APPEND x${' (\xf0) {1}\r\nm'.repeat(100)}\r\n`);
    expect(noted(events.at(-1)!)).toHaveLength(32);
  });
});

describe('a section without the name of a field', () => {
  it('is noted, and refused in strict mode', () => {
    const answer = '* 1 FETCH (BODY[HEADER.FIELDS ()] NIL)\r\n';
    expect(noted(response(answer))).toEqual(['QUIRK_NO_FIELDS']);
    expect(response(answer, STRICT).type).toBe('invalid');
    const question = 'a FETCH 1 BODY[HEADER.FIELDS.NOT ()]\r\n';
    expect(noted(command(question))).toEqual(['QUIRK_NO_FIELDS']);
    expect(command(question, STRICT).type).toBe('invalid');
  });
});

describe('a tagged response', () => {
  it.each(['BYE', 'PREAUTH'] as const)('is never %s', (status) => {
    expect(() => encodeResponse({ type: 'status', tag: 'a', status, text: 'x' })).toThrow(RangeError);
    expect(encoded({ type: 'status', tag: undefined, status, text: 'x' })).toBe(`* ${status} x\r\n`);
  });
});

describe('a chunk that is a view with a slice of its own', () => {
  class ViewArray extends Uint8Array {
    override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
      return this.subarray(start, end) as Uint8Array<ArrayBuffer>;
    }
  }

  it('is not held by the values that came in it', () => {
    const decoder = new ResponseDecoder();
    const chunk = ViewArray.from(octets('* XYZ abc\r\n'));
    decoder.push(chunk);
    const event = decoder.next();
    chunk.fill(0);
    expect(event).toMatchObject({ name: 'XYZ', raw: octets('abc') });
  });
});
