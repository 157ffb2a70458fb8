import { type BodyHandle, type BodyStreamOptions, collectBytes, type Uid } from '@posthorn/core';
import type { FetchedSection, Section } from '@posthorn/wire';
import type { SelectedMailbox } from '../selected/selected-mailbox.ts';
import { DecodedPart } from './decoded-part.ts';
import type { SectionRequest } from './fetch-plan.ts';
import { MessageSource } from './message-source.ts';

/** Sections of one message, ready to be sent. */
export interface OpenedSections {
  readonly sections: readonly FetchedSection[];
  /** The octets of a streamed section. */
  readonly open: (index: number, options?: BodyStreamOptions) => AsyncIterable<Uint8Array>;
  readonly release: () => Promise<void>;
}

/** Sections up to this size are read at once when there are many: each open one may hold a file. */
const SMALL_BYTES = 16 * 1024;
const MANY_SECTIONS = 4;

interface OpenedSection {
  readonly section: FetchedSection;
  readonly handle?: BodyHandle;
  /** Where the octets come from, when not straight from the handle. */
  readonly stream?: () => AsyncIterable<Uint8Array>;
}

/**
 * Opens what a FETCH asks of one message. Octets are read when they are sent.
 * @throws {@link StoreError} `STORE_EXPUNGED` when the message is gone.
 */
export async function openSections(
  { mailbox, structures }: Pick<SelectedMailbox, 'mailbox' | 'structures'>,
  uid: Uid,
  requests: readonly SectionRequest[],
  signal: AbortSignal,
): Promise<OpenedSections> {
  const source = new MessageSource(mailbox, uid, structures, signal);
  const opened: OpenedSection[] = [];
  const release = async (): Promise<void> => {
    for (const { handle } of opened) await handle?.release();
  };
  try {
    for (const request of requests) {
      const section = await openSection(source, request);
      opened.push(requests.length > MANY_SECTIONS ? await readSmall(section) : section);
    }
    return {
      sections: opened.map(({ section }) => section),
      open: (index, options) => streamOf(opened[index]!, options),
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function openSection(source: MessageSource, request: SectionRequest): Promise<OpenedSection> {
  const { item, section, partial } = request;
  if (item === 'BINARY' && isEncoded(section)) return openDecoded(source, request);
  const named = partial === undefined ? { item, section } : { item, section, origin: partial.offset };
  const isWhole = section.part.length === 0 && section.text === undefined;
  const range = isWhole ? { start: 0, end: Number.MAX_SAFE_INTEGER } : await source.rangeOf(section);
  if (range === undefined) return { section: { ...named, value: null } };
  if (section.fields !== undefined) {
    const fields = await source.fieldsOf(section, range);
    const { offset, length } = partial ?? { offset: 0, length: fields.length };
    return { section: { ...named, value: { type: 'inline', bytes: fields.subarray(offset, offset + length) } } };
  }
  const start = Math.min(range.start + (partial?.offset ?? 0), range.end);
  const end = Math.min(range.end, start + (partial?.length ?? Number.MAX_SAFE_INTEGER));
  const handle = await source.open({ start, end });
  const size = Math.max(0, Math.min(end, handle.size) - start);
  return { section: { ...named, value: { type: 'streamed', size } }, handle };
}

function streamOf({ handle, stream }: OpenedSection, options?: BodyStreamOptions): AsyncIterable<Uint8Array> {
  return stream?.() ?? handle!.stream(options);
}

/** A part with its transfer encoding undone. @see RFC 3516 section 4.2 */
async function openDecoded(source: MessageSource, { item, section, partial }: SectionRequest): Promise<OpenedSection> {
  const named = partial === undefined ? { item, section } : { item, section, origin: partial.offset };
  const range = await source.rangeOf(section);
  const encoding = await source.encodingOf(section.part);
  if (range === undefined || encoding === undefined) return { section: { ...named, value: null } };
  const handle = await source.open(range);
  try {
    const part = new DecodedPart(handle, encoding);
    const whole = await part.size();
    const { offset, length } = partial ?? { offset: 0, length: whole };
    const size = Math.max(0, Math.min(whole - offset, length));
    const stream = (): AsyncIterable<Uint8Array> => part.stream({ offset, length: size });
    return { section: { ...named, value: { type: 'streamed', size } }, handle, stream };
  } catch (error) {
    await handle.release();
    throw error;
  }
}

/** Whether a transfer encoding may be undone: the whole message has none, nor has a header or a text, which only lenient servers give. */
function isEncoded({ part, text }: Section): boolean {
  return part.length > 0 && text === undefined;
}

/** The size of such a part; undefined for one that the message does not have. @see RFC 3516 section 4.3 */
export async function decodedSize(source: MessageSource, section: Section): Promise<number | undefined> {
  const { part, text, fields } = section;
  const isWhole = part.length === 0 && text === undefined;
  const range = isWhole ? { start: 0, end: Number.MAX_SAFE_INTEGER } : await source.rangeOf(section);
  if (range === undefined) return undefined;
  if (fields !== undefined) return (await source.fieldsOf(section, range)).length;
  if (text !== undefined) return range.end - range.start;
  const encoding = await source.encodingOf(part);
  if (range === undefined || encoding === undefined) return undefined;
  const handle = await source.open(range);
  try {
    return part.length === 0 ? handle.size : await new DecodedPart(handle, encoding).size();
  } finally {
    await handle.release();
  }
}

async function readSmall(opened: OpenedSection): Promise<OpenedSection> {
  const { section, handle } = opened;
  if (handle === undefined || section.value?.type !== 'streamed' || section.value.size > SMALL_BYTES) return opened;
  try {
    return { section: { ...section, value: { type: 'inline', bytes: await collectBytes(streamOf(opened)) } } };
  } finally {
    await handle.release();
  }
}
