/** How large a run is. */
export interface Settings {
  readonly rounds: number;
  /** Messages of the mailbox that is listed; the largest of the curve. */
  readonly listed: number;
  /** Messages that are delivered, changed, copied, moved and removed. */
  readonly changed: number;
  readonly folder: string | undefined;
  /** Parts to run, or all. */
  readonly only: ReadonlySet<string> | undefined;
}

/** Reads `BENCH_ROUNDS`, `BENCH_LISTED`, `BENCH_CHANGED`, `BENCH_ONLY`, `BENCH_FOLDER`; `BENCH_QUICK` is a tenth. */
export function settingsOf(environment: NodeJS.ProcessEnv): Settings {
  const share = environment['BENCH_QUICK'] === undefined ? 1 : 0.1;
  const number = (name: string, usual: number): number => Number(environment[name] ?? usual);
  const only = environment['BENCH_ONLY'];
  return {
    rounds: number('BENCH_ROUNDS', 5),
    listed: number('BENCH_LISTED', 100_000 * share),
    changed: number('BENCH_CHANGED', 10_000 * share),
    folder: environment['BENCH_FOLDER'],
    only: only === undefined ? undefined : new Set(only.split(',')),
  };
}
