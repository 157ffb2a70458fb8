import { assertNever } from '@posthorn/core';
import { unicodeCasemap } from './casemap.ts';
import type { SortableMessage } from './message.ts';
import { threadByOrderedSubject } from './ordered-subject.ts';
import { threadByReferences, threadByRefs } from './references.ts';
import type { CollationOptions } from './sort.ts';
import { datedMessages } from './thread.ts';
import { type ThreadNode, threadNodes } from './thread-node.ts';

/** `REFS` is of draft-ietf-morg-inthread, the others of RFC 5256. */
export type ThreadAlgorithm = 'ORDEREDSUBJECT' | 'REFERENCES' | 'REFS';

export interface ThreadOptions extends CollationOptions {
  /** Levels of answers. What lies deeper stands beside its parent. @defaultValue 1000 */
  readonly maxDepth?: number;
}

/**
 * Threads messages as THREAD does, in time n log n.
 *
 * @param messages - In the order they have in the mailbox, which decides between equal dates.
 * @see RFC 5256 section 3
 */
export function threadMessages(
  messages: readonly SortableMessage[],
  algorithm: ThreadAlgorithm,
  { casemap = unicodeCasemap, maxDepth = 1000 }: ThreadOptions = {},
): readonly ThreadNode[] {
  const dated = datedMessages(messages);
  switch (algorithm) {
    case 'ORDEREDSUBJECT':
      return threadNodes(threadByOrderedSubject(dated, casemap), maxDepth);
    case 'REFERENCES':
      return threadNodes(threadByReferences(dated, casemap), maxDepth);
    case 'REFS':
      return threadNodes(threadByRefs(dated), maxDepth);
    default:
      return assertNever(algorithm);
  }
}
