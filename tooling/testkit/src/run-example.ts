import { formatWithOptions } from 'node:util';

/** What an example printed, and what the comments behind its calls of `console.log` promise. */
export interface ExampleRun {
  readonly printed: readonly string[];
  readonly promised: readonly string[];
}

/**
 * Runs an example with a console of its own.
 * @param source - Its text.
 * @param run - Imports it. A module runs once, so an example does too.
 */
export async function runExample(source: string, run: () => Promise<unknown>): Promise<ExampleRun> {
  const promised = [...source.matchAll(/^ *(?:if \(.*\) )?console\.log\(.*\); \/\/ (.*)$/gm)].map(
    ([, words]) => words!,
  );
  const printed: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => {
    printed.push(formatWithOptions({ colors: false }, ...values));
  };
  try {
    await run();
  } finally {
    console.log = log;
  }
  return { printed, promised };
}
