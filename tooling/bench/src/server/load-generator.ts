import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { bundleContender } from '../contenders.ts';
import type { Load, LoadResult } from './load.ts';

/** The process that makes work. */
export class LoadGenerator {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(): Promise<LoadGenerator> {
    const child = fork(await bundleContender('server/load-process'), { execArgv: [] });
    await once(child, 'message');
    return new LoadGenerator(child);
  }

  /** @throws Error when the server does not answer as it should. */
  async run(load: Load): Promise<LoadResult> {
    this.#child.send(load);
    const [answer] = (await once(this.#child, 'message')) as [LoadResult | { readonly error: string }];
    if ('error' in answer) throw new Error(`the load generator failed: ${answer.error}`);
    return answer;
  }

  stop(): void {
    this.#child.kill();
  }
}
