import { MailError, type Uid, type UidSet } from '@posthorn/core';
import { difference, IdSetBuilder, isEmpty } from '@posthorn/message-set';
import type { SourceMessage } from './source.ts';

/** Bodies up to this are read before their message is handed on, so that a connection that breaks costs nothing. */
const HELD_BYTES = 256 * 1024;
/** So often a connection may break without a message coming whole in between. */
const MOST_BREAKS = 5;

/**
 * The same messages, begun again with those that have not come when the connection breaks. A message too big to be held
 * is streamed, and fails when its connection does.
 */
export async function* resumedMessages(
  uids: UidSet,
  read: (uids: UidSet) => AsyncIterable<SourceMessage>,
): AsyncGenerator<SourceMessage> {
  const came = new IdSetBuilder<Uid>();
  let isStreaming = false;
  for (let breaks = 0, rest = uids; !isEmpty(rest); rest = difference(uids, came.build())) {
    try {
      for await (const message of read(rest)) {
        const held = await heldBody(message.body);
        came.add(message.uid);
        breaks = 0;
        isStreaming = held !== undefined && held.size > HELD_BYTES;
        yield { ...message, body: held };
        isStreaming = false;
      }
      return;
    } catch (error) {
      if (isStreaming || !isBroken(error) || ++breaks > MOST_BREAKS) throw error;
    }
  }
}

async function heldBody(body: SourceMessage['body']): Promise<SourceMessage['body']> {
  if (body === undefined || body.size > HELD_BYTES) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.stream()) chunks.push(chunk);
  return {
    size: body.size,
    stream: async function* () {
      yield* chunks;
    },
  };
}

function isBroken(error: unknown): boolean {
  return MailError.is(error) && error.code.startsWith('CONNECTION_');
}
