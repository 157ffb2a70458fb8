import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import { main } from '../src/index.ts';

/** A command under way: what it printed so far, and how to interrupt it. */
export function start(...args: string[]) {
  return startWith(undefined, ...args);
}

/** As {@link start}, with something on standard input. */
export function startWith(stdin: AsyncIterable<Uint8Array | string> | undefined, ...args: string[]) {
  const interruption = new AbortController();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const printed = { stdout: '', stderr: '' };
  stdout.setEncoding('utf8').on('data', (text: string) => {
    printed.stdout += text;
  });
  stderr.setEncoding('utf8').on('data', (text: string) => {
    printed.stderr += text;
  });
  const hangUps = new Set<() => void>();
  const onHangUp = (callback: () => void): (() => void) => {
    hangUps.add(callback);
    return () => hangUps.delete(callback);
  };
  const { signal } = interruption;
  const exitCode = main(args, { version: '1.2.3', signal, onHangUp, stdin, stdout, stderr });
  // A test that fails leaves no server behind.
  onTestFinished(async () => {
    interruption.abort();
    await exitCode.catch(() => {});
  });
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  const ended = exitCode.then(end, end);
  const nextEvent = async (name: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const line = printed.stdout.split('\n').find((each) => each.includes(`"event":"${name}"`));
      if (line !== undefined) return JSON.parse(line) as Record<string, unknown>;
      if (isOver) throw new Error(`the command ended without "${name}": ${printed.stderr}`);
      await Promise.race([new Promise((resolve) => stdout.once('data', resolve)), ended]);
    }
  };
  /** As SIGHUP does. */
  const hangUp = (): void => {
    for (const callback of hangUps) callback();
  };
  return { exitCode, printed, nextEvent, hangUp, interrupt: () => interruption.abort() };
}

/** Runs a command to its end. */
export async function finish(...args: string[]) {
  const { exitCode, printed } = start(...args);
  return { exitCode: await exitCode, ...printed };
}

/** As {@link finish}, with something on standard input. */
export async function finishWith(stdin: AsyncIterable<Uint8Array | string>, ...args: string[]) {
  const { exitCode, printed } = startWith(stdin, ...args);
  return { exitCode: await exitCode, ...printed };
}
