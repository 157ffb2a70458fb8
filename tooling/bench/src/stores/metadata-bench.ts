import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fillMaildir } from '../fill-maildir.ts';
import { type Bench, figuresOf } from './bench.ts';
import { dropIndexes } from './make-mail.ts';
import { giveToRuns, median } from './turns.ts';

/** Envelopes and structures: read from the mail, and from the index. */
export async function metadataBench({ folder, settings, own }: Bench): Promise<string> {
  const { changed, rounds } = settings;
  const rows: string[] = [];
  for (const [size, messages] of [
    ['small', changed],
    ['realistic', changed / 5],
  ] as const) {
    const root = join(folder, size);
    await fillMaildir(root, messages, size);
    giveToRuns(folder);
    const command = own({ work: 'metadata', root });
    const runs = Array.from({ length: rounds }, () => {
      dropIndexes(root);
      return { cold: figuresOf(command), warm: figuresOf(command) };
    });
    const octets = runs[0]!.cold['octets']!;
    const rate = (name: 'cold' | 'warm', what: number, unit: 'cpu' | 'wall'): string => {
      const rates = runs.map((run) => what / (run[name][unit]! / 1_000));
      return `${median(rates).toFixed(0)} (${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)})`;
    };
    const cells = [
      `${messages} ${size} messages, ${(octets / 1e6).toFixed(0)} MB`,
      rate('cold', octets / 1e6, 'cpu'),
      rate('cold', messages, 'cpu'),
      rate('warm', messages, 'cpu'),
      rate('warm', messages, 'wall'),
    ];
    rows.push(`| ${cells.join(' | ')} |`);
    rmSync(root, { recursive: true });
  }
  return [
    '### Envelope and structure of every message',
    '',
    `| ${rounds} rounds, median (range) | cold, MB/s of processor | cold, rows/s of processor | warm, rows/s of processor | warm, rows/s |`,
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
  ].join('\n');
}
