import { decodeText } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { parseTranscript } from '../src/index.ts';

/** The pieces of a line, names in angle brackets. */
function pieces(line: string): string[] {
  const [step] = parseTranscript(line);
  if (step?.type !== 'line') throw new Error('not a line');
  return step.pieces.map((piece) => {
    if (piece.type === 'octets') return decodeText(piece.octets);
    return piece.type === 'any' ? '<any>' : `<${piece.name}>`;
  });
}

describe('parseTranscript', () => {
  it('gives every line CRLF, however the file ends its lines', () => {
    const steps = parseTranscript('# greeting\n\nS: * OK\r\nC: {tag} NOOP\n! end\n');
    expect(steps.map((step) => (step.type === 'line' ? step.from : step.action))).toEqual(['server', 'client', 'end']);
    expect(pieces('S: * OK\r\n')).toEqual(['* OK\r\n']);
    expect(steps.map((step) => step.number)).toEqual([3, 4, 5]);
  });

  it('keeps literals, spaces and empty lines', () => {
    expect(pieces('C: {tag} APPEND a {3+}')).toEqual(['<tag>', ' APPEND a {3+}\r\n']);
    expect(pieces('S:  two  ')).toEqual([' two  \r\n']);
    expect(pieces('S:')).toEqual(['\r\n']);
  });

  it('reads octets, wildcards and missing line ends in braces', () => {
    expect(pieces('S: a{x0d}b{any}c{noeol}')).toEqual(['a\rb', '<any>', 'c']);
    const [step] = parseTranscript('S: {xff}{x00}{noeol}');
    expect(step).toMatchObject({ pieces: [{ octets: Uint8Array.of(0xff, 0) }] });
  });

  it.each(['X: no', '! jump', 'S * OK'])('refuses %j', (line) => {
    expect(() => parseTranscript(`S: fine\n${line}`)).toThrow(/line 2 /);
  });
});
