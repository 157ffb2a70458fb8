import type { Flag, FlagOperation, ModSeq, StoreFlagsResult, UidSet } from '@posthorn/core';
import { difference, setOf } from '@posthorn/message-set';
import { type MailboxState, type MessageRecord, summaryOf } from './mailbox-state.ts';

/** One step of `Mailbox.store`. */
export function storeFlags(
  state: MailboxState,
  uids: UidSet,
  operation: FlagOperation,
  flags: readonly Flag[],
  unchangedSince: ModSeq | undefined,
): StoreFlagsResult {
  const found = state.select(uids);
  const isRefused = ({ modSeq }: MessageRecord): boolean =>
    unchangedSince !== undefined && BigInt(modSeq) > unchangedSince;
  const refused = unchangedSince === undefined ? [] : found.filter(isRefused);
  const accepted = unchangedSince === undefined ? found : found.filter((record) => !isRefused(record));
  state.changeFlags(accepted, operation, flags);
  return {
    stored: accepted.map(summaryOf),
    modified: setOf(refused.map((record) => record.uid)),
    missing: difference(uids, setOf(found.map((record) => record.uid))),
    highestModSeq: state.modSeq,
  };
}
