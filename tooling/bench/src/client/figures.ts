import { type Outcomes, spread } from './table.ts';

/** What only some works measure, by its name in the outcome: how it is called, and in what unit. */
const FIGURES: Readonly<Record<string, { readonly what: string; readonly per: number; readonly unit: string }>> = {
  heapPerMessage: { what: 'heap of 100,000 listed messages', per: 1e6 / 1e5, unit: 'MB' },
  heldMs: { what: 'longest that the event loop was held, processor time', per: 1, unit: 'ms' },
  heapPerConnection: { what: 'heap of an idle connection', per: 1e3, unit: 'kB' },
  residentPerConnection: { what: 'resident memory of an idle connection', per: 1e3, unit: 'kB' },
};

/** Median and range of each figure of each client. */
export function figuresText(outcomes: Outcomes): string {
  const lines: string[] = [];
  for (const [client, runs] of outcomes) {
    for (const name of Object.keys(runs[0]!.extra)) {
      const { what, per, unit } = FIGURES[name]!;
      const values = runs.map(({ extra }) => extra[name]! / per);
      lines.push(`${client}: ${what}: ${spread(values, 1)} ${unit}`);
    }
  }
  return lines.join('\n');
}
