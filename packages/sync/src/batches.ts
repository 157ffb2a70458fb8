import { concatBytes, type Flag, type InternalDate, type Uid } from '@posthorn/core';
import type { SourceMessage } from './source.ts';

/** A message small enough to hold, ready to be stored. */
export interface HeldMessage {
  readonly uid: Uid;
  readonly flags: readonly Flag[];
  readonly internalDate: InternalDate;
  readonly bytes: Uint8Array;
}

/** What is stored in one step: messages held in memory, or one big message that streams, or one without a body. */
export type Batch =
  | { readonly type: 'held'; readonly messages: readonly HeldMessage[]; readonly bytes: number }
  | { readonly type: 'stream'; readonly message: SourceMessage & { readonly body: object } }
  | { readonly type: 'missing'; readonly uid: Uid };

export interface BatchLimits {
  /** Most messages in a batch. */
  readonly maxMessages: number;
  /** Most octets in a batch, and the size above which a message streams. */
  readonly maxBytes: number;
}

/** Groups messages, in their order. At most `maxBytes` and one chunk are held. */
export async function* batchesOf(messages: AsyncIterable<SourceMessage>, limits: BatchLimits): AsyncGenerator<Batch> {
  let held: HeldMessage[] = [];
  let bytes = 0;
  const flush = (): Batch => {
    const batch: Batch = { type: 'held', messages: held, bytes };
    held = [];
    bytes = 0;
    return batch;
  };
  for await (const message of messages) {
    const { uid, flags, internalDate, body } = message;
    const tooBig = bytes + (body?.size ?? 0) > limits.maxBytes;
    if (held.length > 0 && (tooBig || held.length >= limits.maxMessages || body === undefined)) yield flush();
    if (body === undefined) yield { type: 'missing', uid };
    else if (body.size > limits.maxBytes)
      yield { type: 'stream', message: message as SourceMessage & { body: object } };
    else {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body.stream()) chunks.push(chunk);
      held.push({ uid, flags, internalDate, bytes: concatBytes(chunks) });
      bytes += body.size;
    }
  }
  if (held.length > 0) yield flush();
}
