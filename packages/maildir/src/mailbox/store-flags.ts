import {
  applyFlags,
  type Flag,
  type FlagOperation,
  type ModSeq,
  type StoreFlagsResult,
  sameFlags,
  type UidSet,
} from '@posthorn/core';
import { difference, setOf } from '@posthorn/message-set';
import { infoOf, sortedLetters, withLetters } from '../format/file-name.ts';
import { isKnownLetter } from '../format/keywords.ts';
import type { Folder } from './folder.ts';
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
  const { gone } = await changeFlags(folder, accepted, operation, flags);
  const there = gone.size === 0 ? accepted : accepted.filter((record) => !gone.has(record));
  return {
    stored: there.map(summaryOf),
    modified: setOf(refused.map((record) => record.uid)),
    missing: difference(uids, setOf([...there, ...refused].map((record) => record.uid))),
    highestModSeq: folder.messages.modSeq,
  };
}

/** What a message has after an operation. */
interface After {
  readonly letters: string;
  /** Keywords without a letter. */
  readonly more: readonly Flag[];
}

function changeFlags(
  folder: Folder,
  records: readonly MessageRecord[],
  operation: FlagOperation,
  flags: readonly Flag[],
): ReturnType<typeof renameMessages> {
  const { keywords, account } = folder;
  const known = new Map<string, After>();
  const after = (letters: string, base: string): After => {
    const key = `${letters} ${keywords.moreOf(base).join(' ')}`;
    const result = known.get(key) ?? afterOperation(folder, letters, base, operation, flags);
    known.set(key, result);
    return result;
  };
  const renamings: Renaming[] = [];
  const kept = new Map<string, readonly Flag[]>();
  for (const record of records) {
    const { base } = record;
    const { letters, more } = after(record.letters, base);
    if (!sameFlags(more, keywords.moreOf(base))) kept.set(base, more);
    if (letters === sortedLetters(record.letters)) continue;
    const nameAfter = (name: string): string =>
      withLetters(name, after(infoOf(name).letters, base).letters, account.settings.infoSeparator);
    renamings.push({ record, nameAfter });
  }
  return renameMessages(folder, renamings, kept);
}

/** Letters that stand for no flag stay. */
function afterOperation(
  { keywords }: Folder,
  letters: string,
  base: string,
  operation: FlagOperation,
  flags: readonly Flag[],
): After {
  const unknown = [...letters].filter((letter) => !isKnownLetter(letter));
  const result = applyFlags(keywords.flagsOf(letters, base), operation, flags);
  const named = result.map((flag) => keywords.letterOf(flag) ?? '').filter((letter) => letter !== '');
  return {
    letters: sortedLetters([...unknown, ...named]),
    more: result.filter((flag) => keywords.letterOf(flag) === undefined),
  };
}
