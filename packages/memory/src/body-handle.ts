import { type BodyHandle, type ByteRange, InvalidStateError } from '@posthorn/core';
import { contentChunks, type MessageContent } from './message-content.ts';

/** Opens the octets of a message. The handle alone keeps them alive once the message is gone. */
export function openBody(content: MessageContent, range: ByteRange | undefined): BodyHandle {
  const { size } = content;
  const { start, end } = range ?? { start: 0, end: size };
  if (!(Number.isSafeInteger(start) && start >= 0 && end >= start)) {
    throw new RangeError(`a byte range ascends from 0, not ${start} to ${end}`);
  }
  let held: MessageContent | undefined = content;
  return {
    size,
    stream() {
      if (held === undefined) throw new InvalidStateError('the body was released');
      return chunksOf(held, start, Math.min(end, size));
    },
    async release() {
      held = undefined;
    },
  };
}

async function* chunksOf(content: MessageContent, start: number, end: number): AsyncIterable<Uint8Array> {
  yield* contentChunks(content, start, end);
}
