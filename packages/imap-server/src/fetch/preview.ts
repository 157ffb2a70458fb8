import { collectBytes } from '@posthorn/core';
import { findPreviewPart, previewText } from '@posthorn/mime';
import type { MessageSource } from './message-source.ts';

/** Octets of a part that are looked at. */
const LOOKED_AT_BYTES = 10 * 1024;

/**
 * The first words of a message. Empty for a message without text.
 * @throws {@link StoreError} `STORE_EXPUNGED`
 * @see RFC 8970 section 3
 */
export async function previewOf(source: MessageSource): Promise<string> {
  const found = findPreviewPart(await source.bodyStructure());
  const range = found === undefined ? undefined : await source.rangeOf({ part: found.part });
  if (found === undefined || range === undefined) return '';
  const handle = await source.open({ start: range.start, end: Math.min(range.end, range.start + LOOKED_AT_BYTES) });
  try {
    return previewText(await collectBytes(handle.stream()), found.body);
  } finally {
    await handle.release();
  }
}
