import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, figuresOf } from './bench.ts';
import { writeMaildir } from './make-mail.ts';
import { giveToRuns, median } from './turns.ts';

const MAX_ROUNDS = 3;
const COLUMNS = ['select', 'list', 'append', 'flags', 'look', 'expunge'] as const;

/** What single operations cost in mailboxes of three sizes. */
export async function curveBench({ folder, settings, own }: Bench): Promise<string> {
  const rows: string[] = [];
  for (const size of [settings.listed / 100, settings.listed / 10, settings.listed]) {
    const root = join(folder, 'curve');
    writeMaildir(root, size);
    giveToRuns(root);
    // The first run makes the index.
    const runs = Array.from({ length: 1 + Math.min(MAX_ROUNDS, settings.rounds) }, () =>
      figuresOf(own({ work: 'curve', root })),
    ).slice(1);
    const cells = COLUMNS.map((name) => median(runs.map((run) => run[name]!)).toFixed(name === 'list' ? 2 : 1));
    rows.push(`| ${size} | ${cells.join(' | ')} |`);
    rmSync(root, { recursive: true });
  }
  return [
    '### What it costs in mailboxes of different sizes, in microseconds',
    '',
    '| messages | opening, for each message | listing, for each message | append | flag change | look for news | expunge |',
    '| ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
  ].join('\n');
}
