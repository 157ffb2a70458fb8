import { LPAREN, RPAREN, SP } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { checkedNumber } from '../tokens/spelling.ts';

/** A message and the answers to it. @see RFC 5256 section 4 */
export interface ThreadNode {
  /** Null for a message that is not in the mailbox. */
  readonly number: number | null;
  readonly children: readonly ThreadNode[];
}

/** How deeply messages nest. Values that nest without end cannot be compared or written as JSON. */
const MAX_THREAD_DEPTH = 1000;

/**
 * Reads `(2)(3 6 (4 23)(44 7 96))`. Chains may be long, so they are walked and not recursed into. Lenient: answers
 * to messages that lie too deep stand beside them.
 */
export function readThreads(reader: Reader): readonly ThreadNode[] {
  const threads: ThreadNode[] = [];
  while (!reader.isAtEnd) {
    if (reader.peek() === SP) {
      if (reader.offset + 1 >= reader.end) break;
      reader.quirk('QUIRK_EXTRA_SPACE', 'a space between two threads');
      reader.offset++;
    }
    threads.push(readThread(reader, 1));
  }
  return threads;
}

function readThread(reader: Reader, depth: number): ThreadNode {
  reader.openList();
  const top: ThreadNode[] = [];
  let siblings = top;
  let level = depth;
  while (reader.peek() !== RPAREN && reader.peek() !== LPAREN) {
    const children: ThreadNode[] = [];
    siblings.push({ number: reader.nonZero(), children });
    if (level < MAX_THREAD_DEPTH) {
      siblings = children;
      level++;
    } else reader.quirk('QUIRK_DEEP_THREAD', 'a thread is too deep');
    if (reader.peek() === LPAREN) reader.quirk('QUIRK_MISSING_SPACE', 'no space before the answers to a message');
    if (reader.peek() !== SP) continue;
    reader.space();
    if (reader.peek() === RPAREN) reader.quirk('QUIRK_EXTRA_SPACE', 'a space before the end of a thread');
  }
  const nested = reader.offset;
  let count = 0;
  for (; reader.peek() === LPAREN; count++) {
    siblings.push(readThread(reader, Math.min(level, MAX_THREAD_DEPTH)));
    if (reader.peek() === SP) reader.skipSpaces();
  }
  if (count === 1) noteSingle(reader, nested);
  reader.closeList();
  if (top.length === 0) reader.fail('an empty thread');
  return top.length === 1 && top[0]!.number !== null && siblings !== top ? top[0]! : { number: null, children: top };
}

/** One answer stands behind its message; only several stand in parentheses. @see RFC 5256 section 5, `thread-nested` */
function noteSingle(reader: Reader, offset: number): void {
  const behind = reader.offset;
  reader.offset = offset;
  reader.quirk('QUIRK_SINGLE_NESTED_THREAD', 'a single thread in parentheses of its own');
  reader.offset = behind;
}

export function threadsText(threads: readonly ThreadNode[]): string {
  return threads.map((thread) => `(${nodeText(thread)})`).join('');
}

function nodeText(thread: ThreadNode): string {
  const words: string[] = [];
  let node = thread;
  for (;;) {
    if (node.number !== null) words.push(checkedNumber(node.number, 'a message number', 1));
    const [child, ...others] = node.children;
    if (child === undefined || others.length > 0 || node.number === null || child.number === null) break;
    node = child;
  }
  if (node.number === null && node.children.length === 0) throw new RangeError('a thread without a message');
  if (node.children.length > 0) words.push(threadsText(node.children));
  return words.join(' ');
}
