import { type BaseSubject, baseSubject } from './base-subject.ts';
import type { Casemap } from './casemap.ts';
import { headOf, type Thread } from './thread.ts';

/**
 * Gathers threads about the same subject. Neither the threads nor their children come out in order.
 * @param threads - By sent date, dummies with their children in order.
 * @see RFC 5256 section 3, REFERENCES, step 5
 */
export function mergeBySubject(threads: readonly Thread[], casemap: Casemap): Thread[] {
  const subjects = threads.map((thread) => baseSubject(casemap(headOf(thread).message.subject ?? '')));
  const table = subjectTable(threads, subjects);
  const gone = new Set<Thread>();
  const added: Thread[] = [];
  for (const [index, current] of threads.entries()) {
    const subject = subjects[index]!;
    const entry = table.get(subject.text);
    if (entry === undefined || entry.thread === current || gone.has(current)) continue;
    const { thread } = entry;
    gone.add(current);
    if (current.message === undefined) for (const child of current.children) thread.children.push(child);
    else if (thread.message === undefined || (subject.isReplyOrForward && !entry.isReplyOrForward)) {
      thread.children.push(current);
    } else {
      const dummy: Thread = { message: undefined, children: [thread, current] };
      gone.add(thread);
      added.push(dummy);
      table.set(subject.text, { thread: dummy, isReplyOrForward: entry.isReplyOrForward });
    }
  }
  return [...threads, ...added].filter((thread) => !gone.has(thread));
}

interface Entry {
  readonly thread: Thread;
  readonly isReplyOrForward: boolean;
}

/** Step 5.B: for each subject the thread that the others go to, a dummy or else one that does not look like a reply. */
function subjectTable(threads: readonly Thread[], subjects: readonly BaseSubject[]): Map<string, Entry> {
  const table = new Map<string, Entry>();
  for (const [index, thread] of threads.entries()) {
    const { text, isReplyOrForward } = subjects[index]!;
    if (text === '') continue;
    const entry = table.get(text);
    const isBetter =
      entry === undefined ||
      (entry.thread.message !== undefined &&
        (thread.message === undefined || (entry.isReplyOrForward && !isReplyOrForward)));
    if (isBetter) table.set(text, { thread, isReplyOrForward });
  }
  return table;
}
