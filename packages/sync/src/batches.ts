import { concatBytes, type Flag, type InternalDate, type Uid } from '@posthorn/core';
import type { SourceMessage } from './source.ts';
import { BrokenMessageError, wholeBody } from './whole-body.ts';

/** A message small enough to hold, ready to be stored. */
export interface HeldMessage {
  readonly uid: Uid;
  readonly flags: readonly Flag[];
  readonly internalDate: InternalDate | undefined;
  readonly bytes: Uint8Array;
}

/** What is stored in one step: messages held in memory, or one big message that streams, or one that did not come whole. */
export type Batch =
  | { readonly type: 'held'; readonly messages: readonly HeldMessage[] }
  | { readonly type: 'stream'; readonly message: StreamedMessage }
  | { readonly type: 'missing'; readonly uid: Uid; readonly reason: string };

/** A message with a body. */
export type StreamedMessage = SourceMessage & { readonly body: object };

export function isStreamed(message: SourceMessage): message is StreamedMessage {
  return message.body !== undefined;
}

export interface BatchLimits {
  /** Most messages in a batch. */
  readonly maxMessages: number;
  /** Most octets in a batch, and the size above which a message streams. */
  readonly maxBytes: number;
}

/** Groups messages; those of a batch ascend by UID. At most `maxBytes` and one chunk are held. */
export async function* batchesOf(messages: AsyncIterable<SourceMessage>, limits: BatchLimits): AsyncGenerator<Batch> {
  let held: HeldMessage[] = [];
  let bytes = 0;
  const flush = (): Batch => {
    // Servers may answer in another order than they were asked; UIDs to be kept must ascend.
    const batch: Batch = { type: 'held', messages: held.toSorted((left, right) => left.uid - right.uid) };
    held = [];
    bytes = 0;
    return batch;
  };
  for await (const message of messages) {
    const { uid, flags, internalDate, body } = message;
    const tooBig = bytes + (body?.size ?? 0) > limits.maxBytes;
    if (held.length > 0 && (tooBig || held.length >= limits.maxMessages)) yield flush();
    if (!isStreamed(message)) yield { type: 'missing', uid, reason: 'the server did not send the message' };
    else if (message.body.size > limits.maxBytes) yield { type: 'stream', message };
    else {
      const whole = await collect(message);
      if (whole instanceof BrokenMessageError) yield { type: 'missing', uid, reason: whole.message };
      else {
        held.push({ uid, flags, internalDate, bytes: whole });
        bytes += whole.length;
      }
    }
  }
  if (held.length > 0) yield flush();
}

async function collect({ body }: StreamedMessage): Promise<Uint8Array | BrokenMessageError> {
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of wholeBody(body)) chunks.push(chunk);
    return concatBytes(chunks);
  } catch (error) {
    if (error instanceof BrokenMessageError) return error;
    throw error;
  }
}
