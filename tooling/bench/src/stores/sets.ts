import type { Uid, UidSet } from '@posthorn/core';

/** Every message. */
export const EVERY: UidSet = { bounds: Uint32Array.of(1, 0xffff_ffff) } as UidSet;

/** Messages by UID, in ascending order, none next to another. */
export function setOf(uids: readonly Uid[]): UidSet {
  return { bounds: Uint32Array.from(uids.flatMap((uid) => [uid, uid])) } as UidSet;
}
