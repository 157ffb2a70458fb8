import type { LoadGenerator } from './load-generator.ts';

/** What a benchmark is given. */
export interface BenchContext {
  /** An empty folder. */
  readonly folder: string;
  readonly load: LoadGenerator;
  readonly rounds: number;
}
