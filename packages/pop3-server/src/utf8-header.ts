import { type BodyHandle, concatBytes } from '@posthorn/core';
import { TopCutter } from './top-cutter.ts';

/** Longest header that is looked at; what lies behind is not. */
const MAX_HEADER_BYTES = 1024 * 1024;
const strict = new TextDecoder('utf-8', { fatal: true });

/** Whether the header of a message holds UTF-8 beyond ASCII. Octets in another charset do not count. */
export async function hasUtf8Header(body: BodyHandle): Promise<boolean> {
  const cutter = new TopCutter(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body.stream()) {
    chunks.push(cutter.push(chunk));
    length += chunks.at(-1)!.length;
    if (cutter.isDone || length >= MAX_HEADER_BYTES) break;
  }
  const header = concatBytes(chunks);
  if (!header.some((octet) => octet > 0x7f)) return false;
  try {
    strict.decode(header);
    return true;
  } catch {
    return false;
  }
}
