import type { AbortOptions, ChangeHint, MailboxPath } from '@posthorn/core';
import { pathKey } from './mailbox-names.ts';

interface NamedChange {
  readonly path: MailboxPath;
  readonly generation: number;
}

/**
 * Knows when each name last changed. A watcher remembers the generation it has seen and compares; nothing is
 * registered between two waits, so nothing can be lost between them.
 */
export class ChangeHub {
  #generation = 0;
  readonly #changes = new Map<string, NamedChange>();
  /** What resumes a watcher, and whether its account was closed. */
  readonly #waiting = new Map<() => void, () => boolean>();

  notify(path: MailboxPath): void {
    const key = pathKey(path);
    // Taken out first, so that the map stays in the order of the last changes.
    this.#changes.delete(key);
    this.#changes.set(key, { path, generation: ++this.#generation });
    for (const resume of [...this.#waiting.keys()]) resume();
  }

  /** Ends the watchers whose account was closed. The others, who may be many, sleep on. */
  wakeClosed(): void {
    for (const [resume, isClosed] of [...this.#waiting]) if (isClosed()) resume();
  }

  /** Hints about changes after this call. Ends on abort, when the loop is left, and once `isClosed`. */
  watch(
    paths: readonly MailboxPath[] | 'all',
    isClosed: () => boolean,
    { signal }: AbortOptions,
  ): AsyncIterable<ChangeHint> {
    const keys = paths === 'all' ? undefined : new Set(paths.map(pathKey));
    const since = this.#generation;
    return { [Symbol.asyncIterator]: () => this.#iterate(since, keys, isClosed, signal) };
  }

  #iterate(
    since: number,
    keys: ReadonlySet<string> | undefined,
    isClosed: () => boolean,
    signal: AbortSignal | undefined,
  ): AsyncIterator<ChangeHint> {
    let seen = since;
    let isLeft = false;
    const mine = new Set<() => void>();
    const pending: NamedChange[] = [];
    const next = async (): Promise<IteratorResult<ChangeHint>> => {
      for (;;) {
        if (isLeft || signal?.aborted || isClosed()) return { done: true, value: undefined };
        if (pending.length === 0) {
          pending.push(...this.#since(seen, keys));
          seen = this.#generation;
        }
        const change = pending.shift();
        if (change !== undefined) return { done: false, value: { path: change.path } };
        await new Promise<void>((resolve) => {
          const wake = this.#wait(
            () => {
              mine.delete(wake);
              resolve();
            },
            isClosed,
            signal,
          );
          mine.add(wake);
        });
      }
    };
    const leave = async (): Promise<IteratorResult<ChangeHint>> => {
      isLeft = true;
      for (const wake of [...mine]) wake();
      return { done: true, value: undefined };
    };
    return { next, return: leave };
  }

  #since(generation: number, keys: ReadonlySet<string> | undefined): readonly NamedChange[] {
    if (generation === this.#generation) return [];
    return [...this.#changes]
      .filter(([key, change]) => change.generation > generation && (keys === undefined || keys.has(key)))
      .map(([, change]) => change);
  }

  /** Calls back once, after the next change or when told to. */
  #wait(onWake: () => void, isClosed: () => boolean, signal: AbortSignal | undefined): () => void {
    const resume = (): void => {
      this.#waiting.delete(resume);
      signal?.removeEventListener('abort', resume);
      onWake();
    };
    this.#waiting.set(resume, isClosed);
    signal?.addEventListener('abort', resume, { once: true });
    return resume;
  }
}
