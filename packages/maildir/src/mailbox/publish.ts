import {
  type AppendResult,
  type Flag,
  MAX_ID,
  type ModSeq,
  StoreError,
  type Uid,
  type UidValidity,
} from '@posthorn/core';
import { Breath } from '../disk/breath.ts';
import { entryPath, sizeField, sortedLetters, withLetters } from '../format/file-name.ts';
import { minus, NOTHING, plus, type Usage } from '../format/maildirsize.ts';
import type { UidlistRecord } from '../format/uidlist.ts';
import type { Folder } from './folder.ts';
import { clearJournal, folderJournal, type JournalStep, writeJournal } from './journal.ts';
import { type MessageRecord, recordOf } from './message-record.ts';
import { step } from './recover.ts';

/** A file in `tmp/` that is to become a message. */
export interface PlannedMessage {
  readonly temporary: string;
  readonly base: string;
  readonly flags: readonly Flag[];
  readonly uid?: Uid | undefined;
  readonly epochSeconds: number | undefined;
  /** Fields for its line in the uidlist. */
  readonly fields: string;
  /** Letters of unknown meaning, and sets behind the flags, that its name keeps. */
  readonly otherInfo?: { readonly letters: string; readonly rest: string } | undefined;
}

/** Messages that appear together or not at all. */
export interface PlannedBatch {
  readonly messages: readonly PlannedMessage[];
  readonly uidValidity: UidValidity;
  /** Where they are taken from, when they only change their place: then they need no room but what that one does not. */
  readonly movedFrom?: Folder | undefined;
  /** Room that will be free as soon as they are there. */
  readonly freed?: Usage | undefined;
}

interface Entry {
  readonly message: PlannedMessage;
  readonly record: UidlistRecord;
  readonly place: 'new' | 'cur';
  readonly name: string;
  /** Keywords for which there is no letter. */
  readonly more: readonly Flag[];
}

/** What became of a batch: its result, or why it was refused. */
export type PublishOutcome = { readonly result: AppendResult } | { readonly error: unknown };

/**
 * Turns staged files into messages, several batches in one round: one lock, one wait for the disk. The caller holds
 * the mutex and the lock. A batch that asks for a UID that is taken is refused alone; any other failure undoes all.
 */
export async function publish(
  folder: Folder,
  batches: readonly PlannedBatch[],
  extraSteps: readonly JournalStep[] = [],
): Promise<readonly PublishOutcome[]> {
  const outcomes: PublishOutcome[] = [];
  const accepted: { readonly index: number; readonly entries: readonly Entry[] }[] = [];
  const { quota } = folder.account;
  let more = NOTHING;
  let nextUid = folder.uidNext;
  for (const [index, batch] of batches.entries()) {
    try {
      const flags = batch.messages.flatMap((message) => message.flags);
      if (flags.length > 0) await folder.nameKeywords(flags);
      const entries = entriesOf(folder, batch, nextUid);
      const total = plus(more, usageOf(folder, batch));
      await quota.check(total, batch.freed);
      more = total;
      nextUid = (entries.at(-1)?.record.uid ?? nextUid - 1) + 1;
      accepted.push({ index, entries });
    } catch (error) {
      outcomes[index] = { error };
    }
  }
  const entries = accepted.flatMap((batch) => batch.entries);
  const isAtomic = accepted.every((batch) => batch.entries.length === 1 && batch.entries[0]!.message.uid === undefined);
  await quota.record(
    () => publishEntries(folder, entries, isAtomic && extraSteps.length === 0 ? undefined : extraSteps),
    () => more,
  );
  // One step for all: each would be a transaction of the index.
  folder.messages.apply({ added: entries.map((entry) => newRecord(folder, entry)) });
  for (const { index, entries: published } of accepted) {
    outcomes[index] = {
      result: {
        uidValidity: folder.uidValidity,
        uids: published.map(({ record }) => record.uid as Uid),
        modSeq: folder.messages.modSeq as ModSeq,
      },
    };
  }
  if (entries.length > 0) folder.account.hub.notify(folder.path);
  return outcomes;
}

/** What a batch adds to the use of the account. */
function usageOf({ path, account }: Folder, { messages, movedFrom }: PlannedBatch): Usage {
  const isCounted = account.quota.counts(path);
  const wasCounted = movedFrom !== undefined && account.quota.counts(movedFrom.path);
  if (isCounted === wasCounted) return NOTHING;
  const sizes = messages.map(({ base }) => sizeField(base, ',S=') ?? 0);
  const usage = { storage: sizes.reduce((sum, size) => sum + size, 0), messages: sizes.length };
  return isCounted ? usage : minus(usage);
}

function entriesOf(folder: Folder, batch: PlannedBatch, firstUid: number): readonly Entry[] {
  if (batch.uidValidity !== folder.uidValidity) throw new StoreError('STORE_NONEXISTENT', 'the mailbox was deleted');
  const { infoSeparator } = folder.account.settings;
  let nextUid = firstUid;
  return batch.messages.map((message) => {
    const uid = message.uid ?? nextUid;
    if (uid < nextUid) throw new StoreError('STORE_UID_TAKEN', `UID ${uid} is below the next UID, ${nextUid}`);
    if (uid > MAX_ID) throw new StoreError('STORE_LIMIT', 'no UID is left in the mailbox');
    nextUid = uid + 1;
    const { base, fields } = message;
    const letters =
      message.flags.map((flag) => folder.keywords.letterOf(flag) ?? '').join('') + (message.otherInfo?.letters ?? '');
    const rest = message.otherInfo?.rest ?? '';
    const more = message.flags.filter((flag) => folder.keywords.letterOf(flag) === undefined);
    const place = letters + rest === '' && more.length === 0 ? 'new' : 'cur';
    const name = place === 'new' ? base : `${withLetters(base, sortedLetters(letters), infoSeparator)}${rest}`;
    return { message, record: { uid, fields, base, seenIn: 0 }, place, name, more };
  });
}

/** Renames the files and writes the uidlist; `journal` is undefined when each file stands for itself. */
async function publishEntries(
  folder: Folder,
  entries: readonly Entry[],
  journal: readonly JournalStep[] | undefined,
): Promise<void> {
  if (entries.length === 0) return;
  const { disk } = folder.account.settings;
  const { directory } = folder;
  // Nobody knows these names yet: should the rest fail, this means nothing.
  await folder.keywords.keep(
    new Map(entries.filter(({ more }) => more.length > 0).map(({ record, more }) => [record.base, more])),
  );
  if (journal !== undefined) {
    const steps = entries.map(({ message, place, name, record }) =>
      step.publish(message.temporary, place, name, record),
    );
    await writeJournal(disk, folderJournal(directory), [...steps, ...journal]);
  }
  const published: Entry[] = [];
  try {
    await folder.ownChange(async () => {
      const breath = new Breath();
      for (const entry of entries) {
        if (breath.isDue()) await breath.pause();
        await disk.rename(
          `${directory}/tmp/${entry.message.temporary}`,
          entryPath(`${directory}/${entry.place}`, entry.name),
        );
        published.push(entry);
      }
      const places = new Set(entries.map((entry) => entry.place));
      await Promise.all([
        ...[...places].map((place) => disk.syncDirectory(`${directory}/${place}`)),
        folder.uidlist.append(
          folder.uidlistPath,
          entries.map((entry) => entry.record),
        ),
      ]);
    });
  } catch (error) {
    for (const { place, name } of published)
      await disk.remove(entryPath(`${directory}/${place}`, name)).catch(() => {});
    if (journal !== undefined) await clearJournal(disk, folderJournal(directory)).catch(() => {});
    throw error;
  }
  if (journal !== undefined) await finishJournal(folder, journal);
}

/** The steps that come after publishing, such as removing what was moved, are left to the caller. */
async function finishJournal(folder: Folder, steps: readonly JournalStep[]): Promise<void> {
  if (steps.length === 0) await clearJournal(folder.account.settings.disk, folderJournal(folder.directory));
}

function newRecord(folder: Folder, { message, record, place, name }: Entry): MessageRecord {
  const found = { base: record.base, name, isNew: place === 'new' };
  const made = recordOf(record.uid, found, record.fields, folder.keywords);
  made.epochSeconds = message.epochSeconds;
  made.isRecent = true;
  return made;
}
