import { type AncestryNode, linkByReferences } from './ancestry.ts';
import type { Casemap } from './casemap.ts';
import { mergeBySubject } from './merge-by-subject.ts';
import { compareMessages, type DatedMessage, sortDescendants, sortThreads, type Thread } from './thread.ts';

/** @see RFC 5256 section 3, REFERENCES */
export function threadByReferences(messages: readonly DatedMessage[], casemap: Casemap): Thread[] {
  const threads = pruned(messages).map(withoutLoneDummy);
  sortThreads(threads);
  const merged = mergeBySubject(threads, casemap);
  sortDescendants(merged);
  sortThreads(merged);
  return merged;
}

/**
 * Threads by references alone, those with the latest message last. The latest by sent date, as Dovecot has it, where
 * the draft says INTERNALDATE; on equal dates threads whose first message is missing come first, as Dovecot has it too.
 * @see draft-ietf-morg-inthread
 */
export function threadByRefs(messages: readonly DatedMessage[]): Thread[] {
  const dated = pruned(messages).map((thread) => ({ thread, latest: latestSeconds(thread) }));
  dated.sort((one, other) => one.latest - other.latest || placeOf(one.thread) - placeOf(other.thread));
  const threads = dated.map(({ thread }) => withoutLoneDummy(thread));
  sortDescendants(threads);
  return threads;
}

const placeOf = ({ message }: Thread): number => message?.place ?? -1;

function latestSeconds(thread: Thread): number {
  let latest = Number.NEGATIVE_INFINITY;
  const left = [thread];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (next.message !== undefined) latest = Math.max(latest, next.message.seconds);
    for (const child of next.children) left.push(child);
  }
  return latest;
}

/** Steps 1 to 3: threads without dummies, but for those at the top. Those have children, which are in order. */
function pruned(messages: readonly DatedMessage[]): Thread[] {
  const nodes = linkByReferences(messages.map(({ message }) => message));
  const threads = nodes.map(
    ({ message }): Thread => ({ message: message === -1 ? undefined : messages[message], children: [] }),
  );
  const holders = holdersOf(nodes);
  for (const [index, { message, parent }] of nodes.entries()) {
    if (message !== -1 && parent !== -1) threads[holders[parent]!]!.children.push(threads[index]!);
  }
  return threads.filter(({ message, children }, index) => {
    if (message === undefined) children.sort((one, other) => compareMessages(one.message!, other.message!));
    return nodes[index]!.parent === -1 && (message !== undefined || children.length > 0);
  });
}

/** An only child takes the place of a dummy. */
function withoutLoneDummy(thread: Thread): Thread {
  return thread.message === undefined && thread.children.length === 1 ? thread.children[0]! : thread;
}

/** For each node where its children go: to itself, or for a dummy to the next message above, or else to its root. */
function holdersOf(nodes: readonly AncestryNode[]): readonly number[] {
  const holders: number[] = nodes.map(({ message, parent }, index) => (message !== -1 || parent === -1 ? index : -1));
  for (const start of nodes.keys()) {
    const path: number[] = [];
    let at = start;
    while (holders[at] === -1) {
      path.push(at);
      at = nodes[at]!.parent;
    }
    for (const dummy of path) holders[dummy] = holders[at]!;
  }
  return holders;
}
