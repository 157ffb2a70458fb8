import { createHash } from 'node:crypto';
import type { AbortOptions, InternalDate, Mailbox, Uid, UidSet } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import type { UidPair } from './pair-table.ts';
import type { SourceMailbox, SourceMetadata } from './source.ts';

/** Messages that stand in the target and belong to no message of the source yet. */
interface Candidate {
  readonly uid: Uid;
  readonly internalDate: InternalDate;
}

export interface MatchOptions extends AbortOptions {
  /** Whether both sides give their UIDs in the same epoch, so that equal UIDs speak for equal messages. */
  readonly sameEpoch: boolean;
}

/**
 * Finds source messages that the target holds already: after a crash between storing and remembering, after the
 * source gave out new UIDs, or because the target had them from elsewhere.
 *
 * In the same epoch, equal UID, size and date are enough. Otherwise messages of equal size are read on both
 * sides and compared by SHA-256. Each target message matches once.
 */
export async function matchByContent(
  source: SourceMailbox,
  wanted: UidSet,
  target: Mailbox,
  unpaired: UidSet,
  { sameEpoch, signal }: MatchOptions,
): Promise<readonly UidPair[]> {
  const candidates = new Map<number, Candidate[]>();
  for await (const { uid, size, internalDate } of target.scan(unpaired, ['size', 'internalDate'], { signal })) {
    const sameSize = candidates.get(size);
    if (sameSize === undefined) candidates.set(size, [{ uid, internalDate }]);
    else sameSize.push({ uid, internalDate });
  }
  if (candidates.size === 0) return [];
  const pairs: UidPair[] = [];
  const doubtful: SourceMetadata[] = [];
  for await (const metadata of source.metadata(wanted, { signal })) {
    const sameSize = candidates.get(metadata.size);
    if (sameSize === undefined) continue;
    const twin = sameEpoch ? sameSize.findIndex((each) => isTwin(each, metadata)) : -1;
    if (twin === -1) doubtful.push(metadata);
    else {
      pairs.push([metadata.uid, metadata.uid]);
      sameSize.splice(twin, 1);
    }
  }
  return [...pairs, ...(await matchByHash(source, doubtful, target, candidates, signal))];
}

function isTwin(candidate: Candidate, { uid, internalDate }: SourceMetadata): boolean {
  return candidate.uid === uid && candidate.internalDate.epochSeconds === internalDate.epochSeconds;
}

async function matchByHash(
  source: SourceMailbox,
  doubtful: readonly SourceMetadata[],
  target: Mailbox,
  candidates: ReadonlyMap<number, readonly Candidate[]>,
  signal: AbortSignal | undefined,
): Promise<readonly UidPair[]> {
  const sizes = new Map(doubtful.map(({ uid, size }) => [uid, size]));
  if (sizes.size === 0) return [];
  const pairs: UidPair[] = [];
  /** Target messages by hash, for the sizes looked at so far. */
  const hashed = new Map<number, Map<string, Uid[]>>();
  for await (const { uid, body } of source.messagesOf(setOf(sizes.keys()), { signal })) {
    const size = sizes.get(uid);
    if (body === undefined || size === undefined) continue;
    const hash = await hashOf(body.stream());
    let byHash = hashed.get(size);
    if (byHash === undefined) {
      byHash = await hashCandidates(target, candidates.get(size) ?? [], signal);
      hashed.set(size, byHash);
    }
    const twin = byHash.get(hash)?.shift();
    if (twin !== undefined) pairs.push([uid, twin]);
  }
  return pairs;
}

async function hashCandidates(
  target: Mailbox,
  candidates: readonly Candidate[],
  signal: AbortSignal | undefined,
): Promise<Map<string, Uid[]>> {
  const byHash = new Map<string, Uid[]>();
  for (const { uid } of candidates) {
    const body = await target.read(uid, undefined, { signal });
    try {
      const hash = await hashOf(body.stream());
      const same = byHash.get(hash);
      if (same === undefined) byHash.set(hash, [uid]);
      else same.push(uid);
    } finally {
      await body.release();
    }
  }
  return byHash;
}

async function hashOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('base64');
}
