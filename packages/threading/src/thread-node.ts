import type { Thread } from './thread.ts';

/** A message and the answers to it, as THREAD sends them. @see RFC 5256 section 4 */
export interface ThreadNode {
  /** Null for a message that is not among those threaded. */
  readonly number: number | null;
  readonly children: readonly ThreadNode[];
}

/**
 * Makes threads into plain values, without recursion. What lies deeper than `maxDepth` stands beside its parent,
 * since values that nest without end cannot be compared, cloned or written as JSON.
 */
export function threadNodes(threads: readonly Thread[], maxDepth: number): readonly ThreadNode[] {
  const top: ThreadNode[] = [];
  const left: { readonly thread: Thread; readonly siblings: ThreadNode[]; readonly depth: number }[] = [];
  const plan = (planned: readonly Thread[], siblings: ThreadNode[], depth: number): void => {
    for (let index = planned.length - 1; index >= 0; index--) left.push({ thread: planned[index]!, siblings, depth });
  };
  plan(threads, top, 1);
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { thread, siblings, depth } = next;
    const children: ThreadNode[] = [];
    siblings.push({ number: thread.message?.message.number ?? null, children });
    if (depth < maxDepth) plan(thread.children, children, depth + 1);
    else plan(thread.children, siblings, depth);
  }
  return top;
}
