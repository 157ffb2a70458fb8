import type { ByteRange } from '@posthorn/core';
import type { ScannedMessage } from './message-scanner.ts';
import type { PartRange } from './part.ts';

/**
 * Where a section of a message is, for `BODY[1.2.MIME]` and its kin.
 *
 * @param part - Part numbers from the top; none for the message itself.
 * @param text - What of it: its message's header or text, its own MIME header, or nothing for its body.
 * @returns The place in the message, or undefined when there is no such section.
 * @see RFC 9051 section 6.4.5.1
 */
export function sectionRange(
  { size, root }: ScannedMessage,
  part: readonly number[],
  text?: 'HEADER' | 'MIME' | 'TEXT',
): ByteRange | undefined {
  if (part.length === 0) return text === undefined ? { start: 0, end: size } : wholeRange(root, text);
  const found = findPart(root, part);
  if (found === undefined) return undefined;
  if (text === undefined) return found.body;
  if (text === 'MIME') return found.header;
  return found.type === 'message' ? wholeRange(found.parts[0]!, text) : undefined;
}

function wholeRange(message: PartRange, text: 'HEADER' | 'MIME' | 'TEXT'): ByteRange | undefined {
  if (text === 'MIME') return undefined;
  return text === 'HEADER' ? message.header : message.body;
}

/** A message that is not a multipart has one part, its body. */
function findPart(root: PartRange, numbers: readonly number[]): PartRange | undefined {
  let message: PartRange | undefined = root;
  let found: PartRange | undefined;
  for (const number of numbers) {
    const container: PartRange | undefined = found?.type === 'message' ? found.parts[0] : (found ?? message);
    if (container === undefined) return undefined;
    if (container.type === 'multipart') found = container.parts[number - 1];
    else if (container === message || found?.type === 'message') found = number === 1 ? container : undefined;
    else found = undefined;
    message = undefined;
    if (found === undefined) return undefined;
  }
  return found;
}
