import type { BodyHandle, ByteRange, Mailbox, Uid } from '@posthorn/core';
import type { FetchedSection } from '@posthorn/wire';
import type { SectionRequest } from './fetch-plan.ts';
import type { SelectedMailbox } from './selected-mailbox.ts';

/** Sections of one message, ready to be sent. */
export interface OpenedSections {
  readonly sections: readonly FetchedSection[];
  /** The octets of a streamed section. */
  readonly open: (index: number) => AsyncIterable<Uint8Array>;
  readonly release: () => Promise<void>;
}

/**
 * Opens what a FETCH asks of one message. Octets are read when they are sent.
 * @throws {@link StoreError} `STORE_EXPUNGED` when the message is gone.
 */
export async function openSections(
  { mailbox }: SelectedMailbox,
  uid: Uid,
  requests: readonly SectionRequest[],
  signal: AbortSignal,
): Promise<OpenedSections> {
  const handles: BodyHandle[] = [];
  const release = async (): Promise<void> => {
    for (const handle of handles) await handle.release();
  };
  try {
    const sections: FetchedSection[] = [];
    for (const request of requests) sections.push(await openSection(mailbox, uid, request, handles, signal));
    return { sections, open: (index) => handles[index]!.stream(), release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function openSection(
  mailbox: Mailbox,
  uid: Uid,
  { item, section, partial }: SectionRequest,
  handles: BodyHandle[],
  signal: AbortSignal,
): Promise<FetchedSection> {
  const range: ByteRange | undefined =
    partial === undefined ? undefined : { start: partial.offset, end: partial.offset + partial.length };
  const handle = await mailbox.read(uid, range, { signal });
  handles.push(handle);
  const { start, end } = range ?? { start: 0, end: handle.size };
  const size = Math.max(0, Math.min(end, handle.size) - start);
  const fetched: FetchedSection = { item, section, value: { type: 'streamed', size } };
  return partial === undefined ? fetched : { ...fetched, origin: partial.offset };
}
