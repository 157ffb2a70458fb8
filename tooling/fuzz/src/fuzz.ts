import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Random, seedOf } from './random.ts';
import { shown, type Target, type Trial } from './target.ts';

export interface FuzzOptions {
  readonly targets: readonly Target[];
  readonly inputs: number;
  readonly seed: number;
  /** Try only this one: `responses:4711`, or `responses:kept:12`. */
  readonly only?: string | undefined;
}

export interface FuzzReport {
  readonly inputs: number;
  readonly octets: number;
  readonly seconds: number;
  /** Longest time any input took by its size, in milliseconds per KiB begun. */
  readonly slowest: { readonly name: string; readonly millisecondsPerKib: number };
  /** How much the heap grew from a fifth of the run to its end, in octets. */
  readonly heapGrowth: number;
}

/** An input broke a promise. The message says which, and how to try it again. */
export class FuzzFailure extends Error {
  override name = 'FuzzFailure';
}

const MAX_MILLISECONDS_PER_KIB = 50;
const MAX_HEAP_GROWTH = 64 * 1024 * 1024;
/** A pause of the machine is not a hang: what was slow is tried again. */
const SLOW_TRIES = 4;

/**
 * Tries the kept inputs of every target and then random ones, target by target in turn.
 * @throws {@link FuzzFailure} at the first that breaks a promise.
 */
export function fuzz({ targets, inputs, seed, only }: FuzzOptions): FuzzReport {
  const started = performance.now();
  const run = new Run(seed);
  if (only !== undefined) run.one(targets, only);
  else {
    for (const { name, kept } of targets)
      for (const [index, trial] of kept.entries()) run.try(`${name}:kept:${index}`, trial);
    const warm = Math.ceil(inputs / 5);
    for (let index = 0; index < inputs; index++) {
      if (index === warm) run.markHeap();
      const target = targets[index % targets.length]!;
      run.try(`${target.name}:${index}`, randomTrial(target, seed, index));
    }
    run.checkHeap();
  }
  return { ...run.report(), seconds: (performance.now() - started) / 1000 };
}

function randomTrial(target: Target, seed: number, index: number): Trial {
  return target.trial(new Random(seedOf(seed, index)));
}

class Run {
  readonly #seed: number;
  #inputs = 0;
  #octets = 0;
  #slowest = { name: '', millisecondsPerKib: 0 };
  #heapBefore: number | undefined;
  #heapGrowth = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  report(): Omit<FuzzReport, 'seconds'> {
    return { inputs: this.#inputs, octets: this.#octets, slowest: this.#slowest, heapGrowth: this.#heapGrowth };
  }

  /** @throws RangeError for a name that no trial has. */
  one(targets: readonly Target[], name: string): void {
    const [targetName, ...rest] = name.split(':');
    const target = targets.find((each) => each.name === targetName);
    const index = Number(rest.at(-1));
    if (target === undefined || !Number.isSafeInteger(index)) throw new RangeError(`there is no input ${name}`);
    const trial = rest[0] === 'kept' ? target.kept[index] : randomTrial(target, this.#seed, index);
    if (trial === undefined) throw new RangeError(`there is no input ${name}`);
    this.try(name, trial);
  }

  try(name: string, trial: Trial): void {
    const milliseconds = this.#timed(name, trial);
    this.#inputs += 1;
    this.#octets += trial.octets;
    const kib = Math.max(1, trial.octets / 1024);
    const millisecondsPerKib = milliseconds / kib;
    if (millisecondsPerKib <= this.#slowest.millisecondsPerKib) return;
    let least = millisecondsPerKib;
    for (let tries = 1; tries < SLOW_TRIES && least > 1; tries++)
      least = Math.min(least, this.#timed(name, trial) / kib);
    if (least > MAX_MILLISECONDS_PER_KIB) this.#fail(name, trial, new Error(`${least.toFixed(0)} ms per KiB`));
    if (least > this.#slowest.millisecondsPerKib) this.#slowest = { name, millisecondsPerKib: least };
  }

  markHeap(): void {
    this.#heapBefore = heapAfterCollection();
  }

  checkHeap(): void {
    this.#heapGrowth = heapAfterCollection() - (this.#heapBefore ?? 0);
    if (this.#heapBefore !== undefined && this.#heapGrowth > MAX_HEAP_GROWTH)
      throw new FuzzFailure(`the heap grew by ${this.#heapGrowth} octets with seed ${this.#seed}`);
  }

  #timed(name: string, trial: Trial): number {
    const started = performance.now();
    try {
      trial.check();
    } catch (error) {
      this.#fail(name, trial, error);
    }
    return performance.now() - started;
  }

  #fail(name: string, trial: Trial, cause: unknown): never {
    const smallest = trial.shrink?.();
    const lines = [
      `${name} failed with seed ${this.#seed}: ${cause instanceof Error ? cause.stack : shown(cause)}`,
      `input: ${trial.describe()}`,
      ...(smallest === undefined ? [] : [`smallest that fails: ${smallest.describe()}`]),
      `again: POSTHORN_FUZZ_SEED=${this.#seed} POSTHORN_FUZZ_ONLY=${name} pnpm fuzz`,
    ];
    throw new FuzzFailure(lines.join('\n'), { cause });
  }
}

/** Octets in use once everything unused is gone. */
function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
