// Feeds random and broken input to every decoder:
//   pnpm fuzz                                                         a million inputs, another seed each time
//   POSTHORN_FUZZ_INPUTS=10000000 POSTHORN_FUZZ_SEED=7 pnpm fuzz      as many and as random as you like
//   POSTHORN_FUZZ_TARGETS=responses,sets pnpm fuzz                    only some targets
import { FuzzFailure, type FuzzReport, fuzz } from './fuzz.ts';
import { TARGETS } from './targets.ts';

const { POSTHORN_FUZZ_INPUTS, POSTHORN_FUZZ_SEED, POSTHORN_FUZZ_ONLY, POSTHORN_FUZZ_TARGETS } = process.env;
const seed = Number(POSTHORN_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const inputs = Number(POSTHORN_FUZZ_INPUTS ?? 1_000_000);
const chosen = POSTHORN_FUZZ_TARGETS?.split(',');
const targets = TARGETS.filter(({ name }) => chosen === undefined || chosen.includes(name));

console.log(`${inputs} inputs with seed ${seed} for ${targets.map(({ name }) => name).join(', ')}`);
try {
  console.log(summary(fuzz({ targets, inputs, seed, only: POSTHORN_FUZZ_ONLY })));
} catch (error) {
  if (!(error instanceof FuzzFailure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function summary({ inputs, octets, seconds, slowest, heapGrowth }: FuzzReport): string {
  return [
    `${inputs} inputs, ${(octets / 1e6).toFixed(1)} MB, in ${seconds.toFixed(1)} s`,
    `slowest ${slowest.millisecondsPerKib.toFixed(1)} ms per KiB (${slowest.name})`,
    `heap ${heapGrowth < 0 ? 'shrank' : 'grew'} by ${(Math.abs(heapGrowth) / 2 ** 20).toFixed(1)} MiB`,
  ].join('; ');
}
