import type { Sizes } from './mail.ts';

/** How much is measured. */
export interface Settings extends Sizes {
  readonly rounds: number;
  readonly commands: number;
  readonly connections: number;
  /** Only these works; all when empty. */
  readonly only: readonly string[];
  /** Where mail stays for the next run. */
  readonly folder: string | undefined;
}

/**
 * From the environment: `BENCH_QUICK=1` for a tenth of everything, `BENCH_ROUNDS`, `BENCH_ONLY=metadata,noops`, and
 * `BENCH_FOLDER` to write the mail once for several runs.
 */
export function settingsOf(environment: NodeJS.ProcessEnv): Settings {
  const { BENCH_QUICK, BENCH_ROUNDS, BENCH_ONLY, BENCH_FOLDER } = environment;
  const part = BENCH_QUICK === '1' ? 10 : 1;
  return {
    messages: 50_000 / part,
    bodies: 2_000 / part,
    bodiesBytes: 127e6 / part,
    largeBytes: 500e6 / part,
    commands: 2_000 / part,
    connections: 100 / part,
    rounds: Number(BENCH_ROUNDS ?? 5),
    only: BENCH_ONLY?.split(',') ?? [],
    folder: BENCH_FOLDER,
  };
}
