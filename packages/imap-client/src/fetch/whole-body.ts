import { LimitExceededError } from '@posthorn/core';
import type { BytesOptions, FetchedBody, StreamOptions } from './fetched-body.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/** All octets of a body in one array. @throws LimitExceededError when there are more than `maxBytes` */
export async function wholeBody(body: FetchedBody, { maxBytes = MAX_BYTES }: BytesOptions = {}): Promise<Uint8Array> {
  if (body.size > maxBytes) throw new LimitExceededError('literal', maxBytes);
  const bytes = new Uint8Array(body.size);
  let length = 0;
  for await (const chunk of body.stream({ lendsChunks: true })) {
    // A server that sends another length than it announced is found out at the end.
    if (length + chunk.length <= bytes.length) bytes.set(chunk, length);
    length += chunk.length;
  }
  return bytes;
}

/** Writes the octets of a body as they arrive, and closes the sink. @throws what the sink throws */
export async function pipeBody(
  body: FetchedBody,
  sink: WritableStream<Uint8Array>,
  options: StreamOptions = {},
): Promise<void> {
  const writer = sink.getWriter();
  try {
    for await (const chunk of body.stream(options)) {
      await writer.ready;
      const written = writer.write(chunk);
      if (options.lendsChunks === true) await written;
      // A sink that fails says so at `ready` and `close`.
      else written.catch(() => {});
    }
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
    throw error;
  } finally {
    writer.releaseLock();
  }
}
