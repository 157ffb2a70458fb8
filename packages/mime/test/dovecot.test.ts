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

const fingerprint = (bytes: Uint8Array): string =>
  `${bytes.length}:${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`;

describe('equals Dovecot', () => {
  test.each([...TORTURE])('%s', (name, text) => {
    const { served, envelope, bodyStructure } = answers[name]!;
    const scanned = scanMessage(asServed(text, served));
    expect(plainEnvelope(scanned.envelope)).toEqual(envelope);
    expect(plainStructure(scanned.bodyStructure)).toEqual(bodyStructure);
  });

  test.each([...TORTURE].filter(([name]) => answers[name]?.sections !== undefined && !name.startsWith('nul')))(
    'sections of %s',
    (name, text) => {
      const { served, sections } = answers[name]!;
      const bytes = asServed(text, served);
      const ours = Object.keys(sections!).map((section_) => {
        const found = section(bytes, section_);
        return [section_, found === undefined ? null : fingerprint(found)];
      });
      expect(Object.fromEntries(ours)).toEqual(sections);
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
