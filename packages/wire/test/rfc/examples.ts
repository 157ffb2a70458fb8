import { readdirSync, readFileSync } from 'node:fs';
import { parseTranscript, type TranscriptStep } from '@posthorn/testkit';
import { concat } from '../feed.ts';

/** One line of an example. */
export interface Line {
  readonly from: 'client' | 'server';
  readonly octets: Uint8Array;
}

/** An example of an RFC. */
export interface Example {
  /** The section it stands in, and which of the section's examples it is when there are several. */
  readonly title: string;
  readonly lines: readonly Line[];
  /** How many of its commands and responses break the grammar, each with a note that says which rule. */
  readonly faults: number;
}

const FOLDER = new URL('./', import.meta.url);
const NOTE = /^#~ (changed|faulty|left out): \S/;

/** The RFCs whose examples are here, such as `rfc3501`. */
export function rfcNames(): readonly string[] {
  return readdirSync(FOLDER).flatMap((name) => /^(rfc\d+)\.txt$/.exec(name)?.[1] ?? []);
}

/** The examples of one RFC. */
export function examplesOf(name: string): readonly Example[] {
  const text = readFileSync(new URL(`${name}.txt`, FOLDER), 'utf8');
  const titles = new Map<string, number>();
  return text
    .split(/^## /m)
    .slice(1)
    .map((block) => {
      const [section = '', ...rest] = block.split('\n');
      const count = (titles.get(section) ?? 0) + 1;
      titles.set(section, count);
      const notes = rest.filter((line) => line.startsWith('#'));
      for (const note of notes) if (!NOTE.test(note)) throw new TypeError(`${section}: no such note: ${note}`);
      return {
        title: count === 1 ? section : `${section} (${count})`,
        lines: parseTranscript(rest.join('\n')).map(lineOf),
        faults: notes.filter((note) => note.startsWith('#~ faulty')).length,
      };
    });
}

function lineOf(step: TranscriptStep): Line {
  if (step.type !== 'line') throw new TypeError(`an example has no actions: ${step.text}`);
  const octets = step.pieces.map((piece) => {
    if (piece.type !== 'octets') throw new TypeError(`an example has no names: ${step.text}`);
    return piece.octets;
  });
  return { from: step.from, octets: concat(octets) };
}

/** What one side says. */
export function side(example: Example, from: Line['from']): Uint8Array {
  return concat(example.lines.filter((line) => line.from === from).map(({ octets }) => octets));
}
