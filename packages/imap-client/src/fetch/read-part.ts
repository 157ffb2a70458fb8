import { collectBytes, LimitExceededError, type Uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import {
  type CharsetOptions,
  decodeCharset,
  decodeParameters,
  decodeStream,
  findPreviewPart,
  transferDecoder,
} from '@posthorn/mime';
import { ImapError } from '../errors.ts';
import type { MessageReader } from './message-reader.ts';

/** A part as a body structure has it: `listAttachments` of `@posthorn/mime` finds them. */
export interface PartReference {
  /** Such as `[2, 1]`. */
  readonly part: readonly number[];
  readonly body: { readonly encoding: string };
}

export interface ReadTextOptions extends CharsetOptions {
  /** Most octets of the part. @defaultValue 1_048_576 (1 MiB) */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The octets of a part with its transfer encoding undone, as they arrive.
 * @throws (in the loop) ImapError `IMAP_MESSAGE_GONE` when there is no such message or part, `IMAP_UNSUPPORTED` for an
 *   encoding that is not known
 */
export async function* readPart(
  reader: MessageReader,
  uid: Uid,
  { part, body }: PartReference,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  const decoder = transferDecoder(body.encoding);
  if (decoder === undefined)
    throw new ImapError(
      'IMAP_UNSUPPORTED',
      `part ${part.join('.')} of message ${uid} has an encoding that is not known`,
    );
  for await (const message of reader.fetch(setOf([uid]), { body: { part } }, { signal })) {
    if (message.body === null) break;
    yield* decodeStream(message.body.stream(), decoder);
    return;
  }
  throw new ImapError('IMAP_MESSAGE_GONE', `message ${uid} is gone, or has no part ${part.join('.')}`);
}

/** The text to read of a message, decoded; null when it has none. Of alternatives the one that is not HTML. */
export async function readText(
  reader: MessageReader,
  uid: Uid,
  { maxBytes = 1024 * 1024, signal, ...charsets }: ReadTextOptions,
): Promise<{ readonly text: string; readonly mediaType: string } | null> {
  for await (const { bodyStructure } of reader.fetch(setOf([uid]), { bodyStructure: true }, { signal })) {
    const found = findPreviewPart(bodyStructure);
    if (found === undefined) return null;
    if (found.body.size > maxBytes) throw new LimitExceededError('literal', maxBytes);
    const octets = await collectBytes(readPart(reader, uid, found, signal));
    const charset = decodeParameters(found.body.parameters).get('charset')?.text ?? '';
    const { mediaType, mediaSubtype } = found.body;
    return {
      text: decodeCharset(octets, charset, charsets),
      mediaType: `${mediaType}/${mediaSubtype}`.toLowerCase(),
    };
  }
  throw new ImapError('IMAP_MESSAGE_GONE', `message ${uid} is gone`);
}
