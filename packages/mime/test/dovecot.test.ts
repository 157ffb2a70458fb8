import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { generateMessages } from '@posthorn/corpus';
import { describe, expect, test } from 'vitest';
import { headerFields, scanMessage, sectionRange } from '../src/index.ts';
import { octets, TORTURE } from './torture.ts';
import { type Plain, plainEnvelope, plainStructure } from './wire-shape.ts';

/** What Dovecot 2.3.19 answers; `fixtures/regenerate.ts` asks it again. */
interface Answer {
  readonly served?: string;
  readonly envelope: Plain;
  readonly bodyStructure: Plain;
  readonly sections?: Readonly<Record<string, string | null>>;
}

function fixture<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as Content;
}

const answers = fixture<Record<string, Answer>>('torture');

/** The message as Dovecot keeps it: with CRLF for bare LF. It shows NUL as 0x80, but parses NUL. */
function asServed(text: string, served: string | undefined): Uint8Array {
  return octets(served === undefined || text.includes('\0') ? text : served);
}

function section(bytes: Uint8Array, name: string): Uint8Array | undefined {
  const scanned = scanMessage(bytes);
  const fields = /^HEADER\.FIELDS(\.NOT)? \((.*)\)$/.exec(name);
  if (fields !== null) {
    const { start, end } = scanned.header;
    return headerFields(bytes.subarray(start, end), fields[2]!.split(' '), fields[1] !== undefined);
  }
  const pieces = name.split('.');
  const numbers = pieces.filter((piece) => /^\d/.test(piece)).map(Number);
  const text = pieces.find((piece) => !/^\d/.test(piece)) as 'HEADER' | 'MIME' | 'TEXT' | undefined;
  const range = sectionRange(scanned, numbers, text);
  return range && bytes.subarray(range.start, range.end);
}

/** Dovecot answers `1.1` for `1` where part 1 is a leaf; there is no such part. */
function isBelowLeaf(bytes: Uint8Array, name: string): boolean {
  const pieces = name.split('.').filter((piece) => /^\d/.test(piece));
  return (
    pieces.length > 1 && pieces.at(-1) === '1' && sectionRange(scanMessage(bytes), pieces.map(Number)) === undefined
  );
}

const fingerprint = (bytes: Uint8Array): string =>
  `${bytes.length}:${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`;

/** A value, or its fingerprint where the fixture has that. */
function briefly(value: Plain, expected: Plain): Plain {
  return typeof expected === 'string' ? fingerprint(new TextEncoder().encode(JSON.stringify(value))) : value;
}

const FIELDS = 'HEADER.FIELDS (SUBJECT TO X-NONE CONTENT-TYPE MESSAGE-ID)';

/** Where Dovecot and the RFCs part, and we follow the RFCs; the README says why. Names of sections, or the structure. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // No empty line is made up for a header that has none.
  'header only, no blank line': [FIELDS],
  'header without line end': [FIELDS],
  'bare cr line ends': [FIELDS],
  'multipart empty body': [FIELDS],
  // The line end before a boundary belongs to it, also behind the last boundary of an inner multipart.
  'nested, outer prefix of inner': ['1'],
  'nested, inner prefix of outer': ['1'],
  'nested, same boundary': ['1'],
  'nested, inner in header': ['1'],
  'digest without mime': ['1'],
  'message ends with its last boundary': ['structure', '1', '1.TEXT'],
  // A header cut short by a boundary keeps its last line end, which Dovecot counts but does not send.
  'multipart with parameters': ['1.MIME'],
  'multipart part without blank line': ['1.MIME', '2.MIME'],
  'multipart part without anything': ['2.MIME'],
  'nested, inner empty': ['1.MIME'],
  digest: ['3.HEADER', '3.1.MIME'],
  'message of header alone': ['1.HEADER', '1.1.MIME'],
  'message with empty multipart': ['1.HEADER'],
  'message with multipart cut in header': ['1.1.MIME'],
  'message without blank line': ['1.HEADER', '1.1.MIME'],
  'message empty': ['1.MIME'],
  'message without header end': ['1.MIME'],
};

const isException = (name: string, section_: string): boolean => EXCEPTIONS[name]?.includes(section_) ?? false;

describe('equals Dovecot', () => {
  test.each([...TORTURE].filter(([name]) => !isException(name, 'structure')))('%s', (name, text) => {
    const { served, envelope, bodyStructure } = answers[name]!;
    const scanned = scanMessage(asServed(text, served));
    expect(plainEnvelope(scanned.envelope)).toEqual(envelope);
    expect(briefly(plainStructure(scanned.bodyStructure), bodyStructure)).toEqual(bodyStructure);
  });

  test.each([...TORTURE].filter(([name]) => answers[name]?.sections !== undefined && !name.startsWith('nul')))(
    'sections of %s',
    (name, text) => {
      const { served, sections } = answers[name]!;
      const bytes = asServed(text, served);
      const names = Object.keys(sections!).filter(
        (section_) => !isException(name, section_) && !isBelowLeaf(bytes, section_),
      );
      const ours = names.map((section_) => [section_, fingerprint(section(bytes, section_) ?? new Uint8Array())]);
      const theirs = names.map((section_) => [section_, sections![section_]]);
      expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
    },
  );

  test('over the corpus', () => {
    const expected = fixture<readonly Answer[]>('corpus');
    const messages = generateMessages({ seed: 5, count: expected.length, size: 'small' });
    for (const [index, { bytes }] of [...messages].entries()) {
      const { envelope, bodyStructure } = scanMessage(bytes);
      expect(plainEnvelope(envelope)).toEqual(expected[index]!.envelope);
      expect(plainStructure(bodyStructure)).toEqual(expected[index]!.bodyStructure);
    }
  });
});
