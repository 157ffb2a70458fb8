import type { TextBody, Uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { findPreviewPart, type NumberedPart, previewText } from '@posthorn/mime';
import type { MessageReference } from '../mailbox/message-selection.ts';
import type { MessageReader } from './message-reader.ts';

/** The first words of a message. */
export interface MessagePreview {
  readonly uid: Uid;
  /** Null when there is no text in it. */
  readonly preview: string | null;
}

/** So much of a text is asked for. */
const HEAD_BYTES = 8192;
/** So many messages are put together, to ask for parts of the same number at once. */
const BATCH = 64;

/** First words as the server has them; those that it cannot give now are made here. */
export async function* previewsOf(
  reader: MessageReader,
  messages: MessageReference,
  signal: AbortSignal | undefined,
): AsyncGenerator<MessagePreview, void> {
  let batch: MessagePreview[] = [];
  for await (const { uid, preview } of reader.fetch(messages, { preview: true }, { signal })) {
    batch.push({ uid, preview });
    if (batch.length < BATCH) continue;
    yield* completed(reader, batch, signal);
    batch = [];
  }
  yield* completed(reader, batch, signal);
}

async function* completed(
  reader: MessageReader,
  batch: readonly MessagePreview[],
  signal: AbortSignal | undefined,
): AsyncGenerator<MessagePreview, void> {
  const missing = batch.filter(({ preview }) => preview === null).map(({ uid }) => uid);
  const made = new Map<Uid, string | null>();
  if (missing.length > 0)
    for await (const { uid, preview } of previewsHere(reader, setOf(missing), signal)) made.set(uid, preview);
  for (const { uid, preview } of batch) yield { uid, preview: preview ?? made.get(uid) ?? null };
}

/** First words, made here of the first octets of each message's text. @see RFC 8970 section 3.3 */
export async function* previewsHere(
  reader: MessageReader,
  messages: MessageReference,
  signal: AbortSignal | undefined,
): AsyncGenerator<MessagePreview, void> {
  let batch: (readonly [Uid, NumberedPart<TextBody> | undefined])[] = [];
  for await (const { uid, bodyStructure } of reader.fetch(messages, { bodyStructure: true }, { signal })) {
    batch.push([uid, findPreviewPart(bodyStructure)]);
    if (batch.length < BATCH) continue;
    yield* batchOf(reader, batch, signal);
    batch = [];
  }
  yield* batchOf(reader, batch, signal);
}

async function* batchOf(
  reader: MessageReader,
  batch: readonly (readonly [Uid, NumberedPart<TextBody> | undefined])[],
  signal: AbortSignal | undefined,
): AsyncGenerator<MessagePreview, void> {
  const parts = new Map<string, Map<Uid, NumberedPart<TextBody>>>();
  for (const [uid, part] of batch) {
    if (part === undefined) continue;
    const key = part.part.join('.');
    parts.set(key, (parts.get(key) ?? new Map<Uid, NumberedPart<TextBody>>()).set(uid, part));
  }
  const groups = await Promise.all([...parts.values()].map((group) => readGroup(reader, group, signal)));
  const previews = new Map(groups.flatMap((group) => [...group]));
  for (const [uid] of batch) yield { uid, preview: previews.get(uid) ?? null };
}

async function readGroup(
  reader: MessageReader,
  group: ReadonlyMap<Uid, NumberedPart<TextBody>>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<Uid, string>> {
  const previews = new Map<Uid, string>();
  const [first] = group.values();
  const head = { part: first!.part, partial: { offset: 0, length: HEAD_BYTES } };
  for await (const { uid, sections } of reader.fetch(setOf(group.keys()), { sections: { head } }, { signal })) {
    const body = group.get(uid)?.body;
    if (body !== undefined && sections.head !== null) previews.set(uid, previewText(sections.head, body));
  }
  return previews;
}
