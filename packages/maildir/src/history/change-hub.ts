import type { AbortOptions, ChangeHint, MailboxPath } from '@posthorn/core';
import { pathKey } from '../format/folder-name.ts';

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
  readonly #waiting = new Set<() => void>();

  notify(path: MailboxPath): void {
    const key = pathKey(path);
    // Taken out first, so that the map stays in the order of the last changes.
    this.#changes.delete(key);
    this.#changes.set(key, { path, generation: ++this.#generation });
    this.wake();
  }

  /** Makes every watcher look whether its account is still open. */
  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }

  /** Hints about changes after this call. Ends on abort, when the loop is left, and once `isClosed`. */
  watch(
    paths: readonly MailboxPath[] | 'all',
    isClosed: () => boolean,
    onEnd: () => void,
    { signal }: AbortOptions,
  ): AsyncIterable<ChangeHint> {
    const keys = paths === 'all' ? undefined : new Set(paths.map(pathKey));
    const since = this.#generation;
    return { [Symbol.asyncIterator]: () => this.#iterate(since, keys, isClosed, onEnd, signal) };
  }

  #iterate(
    since: number,
    keys: ReadonlySet<string> | undefined,
    isClosed: () => boolean,
    onEnd: () => void,
    signal: AbortSignal | undefined,
  ): AsyncIterator<ChangeHint> {
    let seen = since;
    let isLeft = false;
    const pending: NamedChange[] = [];
    const next = async (): Promise<IteratorResult<ChangeHint>> => {
      for (;;) {
        if (isLeft || signal?.aborted || isClosed()) {
          onEnd();
          return { done: true, value: undefined };
        }
        if (pending.length === 0) {
          pending.push(...this.#since(seen, keys));
          seen = this.#generation;
        }
        const change = pending.shift();
        if (change !== undefined) return { done: false, value: { path: change.path } };
        await this.#change(signal);
      }
    };
    const leave = async (): Promise<IteratorResult<ChangeHint>> => {
      isLeft = true;
      onEnd();
      this.wake();
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

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const resume = (): void => {
        this.#waiting.delete(resume);
        signal?.removeEventListener('abort', resume);
        resolve();
      };
      this.#waiting.add(resume);
      signal?.addEventListener('abort', resume, { once: true });
    });
  }
}
