/** Prints how far the client meets the goals of reliability: `pnpm --filter @posthorn/imap-client bench:reliability`. */
import { measureAttacks } from './attacks.ts';
import { measureDeadlines } from './deadlines.ts';
import { measureEveryCut } from './every-cut.ts';
import { measureEveryTlsCut } from './every-cut-tls.ts';
import { type Figure, print } from './figures.ts';
import { measureFuzz } from './fuzz.ts';
import { measureGrowth } from './growth.ts';
import { measureMemory } from './memory.ts';

const MEASURES: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  cuts: measureEveryCut,
  'cuts-tls': measureEveryTlsCut,
  attacks: measureAttacks,
  deadlines: measureDeadlines,
  fuzz: measureFuzz,
  memory: measureMemory,
  growth: measureGrowth,
};

const asked = process.argv.slice(2);
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(MEASURES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  for (const figure of await measure()) figures.push(figure);
}
process.exitCode = print(figures) ? 0 : 1;
