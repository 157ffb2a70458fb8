import { concatBytes, utf8Bytes } from '@posthorn/core';
import { everySplit, octetByOctet, processorMilliseconds } from '@posthorn/testkit';
import { DotUnstuffer } from '@posthorn/wire/pop3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyStuffer } from '../src/protocol.ts';

function stuffed(chunks: readonly Uint8Array[]): Uint8Array {
  const stuffer = new BodyStuffer();
  const views = chunks.flatMap((chunk) => stuffer.push(chunk));
  return concatBytes([...views, ...stuffer.end()]);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}

/** A body as a client reads it that goes by CRLF alone, and what of the octets it did not read. */
function strictly(octets: Uint8Array): readonly [body: string, rest: number] {
  const unstuffer = new DotUnstuffer();
  const body = text(concatBytes([...unstuffer.push(octets)]));
  return [body, octets.length - unstuffer.consumed];
}

/** The lines of a body as a client reads them that ends lines at LF, as poplib does. */
function byLineFeed(octets: Uint8Array): { readonly lines: readonly string[]; readonly isWhole: boolean } {
  const lines = text(octets).split('\n');
  const end = lines.findIndex((line) => line.replace(/\r$/, '') === '.');
  return { lines: lines.slice(0, end), isWhole: end === lines.length - 2 };
}

const octet = fc.constantFrom(0x2e, 0x2e, 0x0d, 0x0a, 0x0a, 0x61);
const body = fc.array(octet, { maxLength: 24 }).map((all) => Uint8Array.from(all));
const CRLF_ONLY = fc
  .array(fc.constantFrom('.', '..', 'a', '\r\n', '\r\n.', '.\r\n'), { maxLength: 12 })
  .map((pieces) => utf8Bytes(pieces.join('')));

describe('a body that is stuffed', () => {
  test.each([
    ['', '.\r\n'],
    ['.', '..\r\n.\r\n'],
    ['a', 'a\r\n.\r\n'],
    ['a\r\n', 'a\r\n.\r\n'],
    ['.\r\n', '..\r\n.\r\n'],
    ['a\r\n.b', 'a\r\n..b\r\n.\r\n'],
    ['a\r', 'a\r\r\n.\r\n'],
    ['a\n', 'a\n\r\n.\r\n'],
    ['a\n.b\n', 'a\n.b\n\r\n.\r\n'],
    ['a\n.\nb', 'a\n..\nb\r\n.\r\n'],
    ['a\n.\r\n', 'a\n..\r\n.\r\n'],
    ['a\n.', 'a\n..\r\n.\r\n'],
  ])('%j is sent as %j, however it is cut', (given, sent) => {
    const bytes = utf8Bytes(given);
    for (const chunks of [[bytes], octetByOctet(bytes), ...everySplit(bytes)]) expect(text(stuffed(chunks))).toBe(sent);
  });

  test('comes back as it was, with a line end at its end', () => {
    fc.assert(
      fc.property(CRLF_ONLY, (bytes) => {
        const expected = text(bytes);
        const ended = expected === '' || expected.endsWith('\r\n') ? expected : `${expected}\r\n`;
        expect(strictly(stuffed([bytes]))).toEqual([ended, 0]);
      }),
    );
  });

  test('ends where it ends, for those too who take LF for the end of a line, however it is cut', () => {
    fc.assert(
      fc.property(body, (bytes) => {
        const whole = stuffed([bytes]);
        for (const chunks of everySplit(bytes)) expect(stuffed(chunks)).toEqual(whole);
        expect(strictly(whole)[1]).toBe(0);
        expect(byLineFeed(whole).isWhole).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('differs from the message by dots alone that stand behind LF and end their line', () => {
    fc.assert(
      fc.property(body, (bytes) => {
        const original = text(bytes);
        const ended = original === '' || original.endsWith('\r\n') ? original : `${original}\r\n`;
        const [read] = strictly(stuffed([bytes]));
        expect(read).toBe(ended.replaceAll(/(?<=(?<!\r)\n)\.(?=[\r\n])/g, '..'));
      }),
      { numRuns: 500 },
    );
  });

  test('takes time linear in its octets', { retry: 4, timeout: 60_000 }, () => {
    const cost = (size: number): number => {
      const dots = utf8Bytes('\r\n.'.repeat(size));
      const start = processorMilliseconds();
      stuffed([dots]);
      return processorMilliseconds() - start;
    };
    cost(200_000);
    expect(cost(800_000)).toBeLessThan(4 * cost(400_000));
  });
});
