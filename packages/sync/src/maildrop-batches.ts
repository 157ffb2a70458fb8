import { concatBytes } from '@posthorn/core';
import type { RetrievedMessage } from '@posthorn/pop3-client';
import type { BatchLimits } from './batches.ts';

/** A message of a maildrop, held whole. */
export interface HeldMail {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** What is stored in one step: messages held in memory, or a big one that streams. */
export type MaildropBatch =
  | { readonly type: 'held'; readonly messages: readonly HeldMail[] }
  /** The octets can be read once. */
  | { readonly type: 'stream'; readonly number: number; readonly octets: AsyncIterable<Uint8Array> };

/**
 * Groups messages as they come. The size that a POP3 server claims need not be right, so what is big shows only when it
 * has come: at most twice `maxBytes` and one chunk are held.
 */
export async function* maildropBatches(
  messages: AsyncIterable<RetrievedMessage>,
  { maxMessages, maxBytes }: BatchLimits,
): AsyncGenerator<MaildropBatch> {
  let held: HeldMail[] = [];
  let bytes = 0;
  const flush = (): MaildropBatch => {
    const batch: MaildropBatch = { type: 'held', messages: held };
    held = [];
    bytes = 0;
    return batch;
  };
  for await (const message of messages) {
    const { number } = message;
    const chunks = message.stream()[Symbol.asyncIterator]();
    const begun = await readUpTo(chunks, maxBytes);
    const isBig = !begun.isWhole;
    if (held.length > 0 && (isBig || bytes + begun.bytes > maxBytes || held.length >= maxMessages)) yield flush();
    if (isBig) yield { type: 'stream', number, octets: both(begun.chunks, chunks) };
    else {
      held.push({ number, bytes: concatBytes(begun.chunks) });
      bytes += begun.bytes;
    }
  }
  if (held.length > 0) yield flush();
}

interface Begun {
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
  readonly isWhole: boolean;
}

/** Reads until the end, or until there is more than `maxBytes`. */
async function readUpTo(source: AsyncIterator<Uint8Array>, maxBytes: number): Promise<Begun> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  while (bytes <= maxBytes) {
    const next = await source.next();
    if (next.done) return { chunks, bytes, isWhole: true };
    chunks.push(next.value);
    bytes += next.value.length;
  }
  return { chunks, bytes, isWhole: false };
}

async function* both(first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
