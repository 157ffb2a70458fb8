import { LPAREN, RPAREN, SP } from '../octets.ts';
import type { Reader } from '../reader.ts';
import { checkedNumber } from '../spelling.ts';

/** A message and the answers to it. @see RFC 5256 section 4 */
export interface ThreadNode {
  /** Null for a message that is not in the mailbox. */
  readonly number: number | null;
  readonly children: readonly ThreadNode[];
}

/** Reads `(2)(3 6 (4 23)(44 7 96))`. Chains may be long, so they are walked and not recursed into. */
export function readThreads(reader: Reader): readonly ThreadNode[] {
  const threads: ThreadNode[] = [];
  while (!reader.isAtEnd) {
    if (reader.peek() === SP) {
      if (reader.offset + 1 >= reader.end) break;
      reader.quirk('QUIRK_EXTRA_SPACE', 'a space between two threads');
      reader.offset++;
    }
    threads.push(readThread(reader));
  }
  return threads;
}

function readThread(reader: Reader): ThreadNode {
  reader.openList();
  const top: ThreadNode[] = [];
  let siblings = top;
  while (reader.peek() !== RPAREN && reader.peek() !== LPAREN) {
    const children: ThreadNode[] = [];
    siblings.push({ number: reader.nonZero(), children });
    siblings = children;
    if (reader.peek() === SP) reader.space();
  }
  while (reader.peek() === LPAREN) {
    siblings.push(readThread(reader));
    if (reader.peek() === SP) reader.skipSpaces();
  }
  reader.closeList();
  if (top.length === 0) reader.fail('an empty thread');
  return top.length === 1 && top[0]!.number !== null && siblings !== top ? top[0]! : { number: null, children: top };
}

export function threadsText(threads: readonly ThreadNode[]): string {
  return threads.map((thread) => `(${nodeText(thread)})`).join('');
}

function nodeText(thread: ThreadNode): string {
  const words: string[] = [];
  let node = thread;
  for (;;) {
    if (node.number !== null) words.push(checkedNumber(node.number, 'a message number', 1));
    if (node.children.length !== 1 || node.number === null) break;
    node = node.children[0]!;
  }
  if (node.children.length > 0) words.push(threadsText(node.children));
  return words.join(' ');
}
