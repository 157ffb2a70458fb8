import {
  applyFlags,
  type Flag,
  type FlagOperation,
  type ModSeq,
  type StoreFlagsResult,
  type UidSet,
} from '@posthorn/core';
import { difference, setOf } from '@posthorn/message-set';
import { infoOf, sortedLetters, withLetters } from './file-name.ts';
import type { Folder } from './folder.ts';
import { isKnownLetter } from './keywords.ts';
import { type MessageRecord, summaryOf } from './message-record.ts';
import { type Renaming, renameMessages } from './rename-messages.ts';

/** One step of `Mailbox.store`. The caller holds the mutex and the lock. */
export async function storeFlags(
  folder: Folder,
  uids: UidSet,
  operation: FlagOperation,
  flags: readonly Flag[],
  unchangedSince: ModSeq | undefined,
): Promise<StoreFlagsResult> {
  const found = folder.messages.select(uids);
  const isRefused = ({ modSeq }: MessageRecord): boolean =>
    unchangedSince !== undefined && BigInt(modSeq) > unchangedSince;
  const refused = unchangedSince === undefined ? [] : found.filter(isRefused);
  const accepted = unchangedSince === undefined ? found : found.filter((record) => !isRefused(record));
  if (operation !== 'remove' && accepted.length > 0) await folder.nameKeywords(flags);
  const { gone } = await renameMessages(folder, renamings(folder, accepted, operation, flags));
  const there = gone.size === 0 ? accepted : accepted.filter((record) => !gone.has(record));
  return {
    stored: there.map(summaryOf),
    modified: setOf(refused.map((record) => record.uid)),
    missing: difference(uids, setOf([...there, ...refused].map((record) => record.uid))),
    highestModSeq: folder.messages.modSeq,
  };
}

function renamings(
  folder: Folder,
  records: readonly MessageRecord[],
  operation: FlagOperation,
  flags: readonly Flag[],
): readonly Renaming[] {
  const { infoSeparator } = folder.account.settings;
  const known = new Map<string, string>();
  const after = (letters: string): string => {
    const result = known.get(letters) ?? lettersAfter(folder, letters, operation, flags);
    known.set(letters, result);
    return result;
  };
  const nameAfter = (name: string): string => withLetters(name, after(infoOf(name).letters), infoSeparator);
  return records
    .filter((record) => after(record.letters) !== sortedLetters(record.letters))
    .map((record) => ({ record, nameAfter }));
}

/** The letters after an operation. Letters that stand for no flag stay. */
function lettersAfter(folder: Folder, letters: string, operation: FlagOperation, flags: readonly Flag[]): string {
  const kept = [...letters].filter((letter) => !isKnownLetter(letter));
  const current = folder.keywords.flagsOf(letters);
  const named = applyFlags(current, operation, flags).map((flag) => folder.keywords.letterOf(flag) ?? '');
  return sortedLetters([...kept, ...named.filter((letter) => letter !== '')]);
}
