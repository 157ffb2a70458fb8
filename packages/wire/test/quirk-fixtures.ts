import { readdirSync, readFileSync } from 'node:fs';
import { parseTranscript } from '@posthorn/testkit';
import { concat } from './feed.ts';

const FOLDER = new URL('./fixtures/quirks/', import.meta.url);

/** One line of a fixture, or several around a literal. */
export interface QuirkLine {
  readonly from: 'client' | 'server';
  readonly octets: Uint8Array;
}

/** What peers were seen to send. */
export interface QuirkFixture {
  readonly name: string;
  /** The ids of the diagnostics it gives; none when it breaks no rule. */
  readonly ids: readonly string[];
  readonly seen: string;
  readonly rule: string;
  readonly protocol: 'imap' | 'pop3';
  /** Whether some of it is no value in either mode. */
  readonly isInvalid: boolean;
  readonly lines: readonly QuirkLine[];
}

export const QUIRK_FIXTURES: readonly QuirkFixture[] = readdirSync(FOLDER).sort().map(readFixture);

function readFixture(name: string): QuirkFixture {
  const text = readFileSync(new URL(name, FOLDER), 'utf8');
  const lines = parseTranscript(text).map((step): QuirkLine => {
    if (step.type !== 'line') throw new TypeError(`${name} holds an action`);
    const octets = step.pieces.map((piece) => (piece.type === 'octets' ? piece.octets : new Uint8Array(0)));
    return { from: step.from, octets: concat(octets) };
  });
  return {
    name: name.replace(/\.txt$/, ''),
    ids: [...text.matchAll(/^# (QUIRK_\w+)$/gm)].map((match) => match[1]!),
    seen: header(text, 'seen'),
    rule: header(text, 'rule'),
    protocol: /^# protocol: pop3$/m.test(text) ? 'pop3' : 'imap',
    isInvalid: /^# invalid$/m.test(text),
    lines,
  };
}

function header(text: string, name: string): string {
  return new RegExp(`^# ${name}: (.+)$`, 'm').exec(text)?.[1] ?? '';
}
