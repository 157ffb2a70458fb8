import type { Logger } from '@posthorn/core';
import { Breath } from '../disk/breath.ts';
import { baseOf, compareArrival, isMessageName } from '../format/file-name.ts';
import type { UidlistRecord } from '../format/uidlist.ts';
import type { BaseIndex } from './base-index.ts';
import type { FoundFile, MessageRecord } from './message-record.ts';

/** What the directories hold and what is known of it. */
export interface MergeInput {
  readonly serial: number;
  readonly newNames: readonly string[];
  /** Undefined when `cur/` did not change and was not listed. */
  readonly curNames: readonly string[] | undefined;
  readonly records: readonly MessageRecord[];
  readonly byBase: BaseIndex<MessageRecord>;
  readonly uidlist: BaseIndex<UidlistRecord>;
  /** UIDs that were told to be gone: they never come back. */
  readonly vanished: ReadonlyMap<string, number>;
  readonly logger: Logger;
}

/** What to do to the records so that they agree with the directories. */
export interface MergePlan {
  readonly renamed: readonly { readonly record: MessageRecord; readonly file: FoundFile }[];
  readonly fresh: readonly { readonly entry: UidlistRecord; readonly file: FoundFile }[];
  /** Files without UID, as they were delivered one after the other. */
  readonly unassigned: readonly FoundFile[];
  /** Records whose file was not seen. */
  readonly missing: readonly MessageRecord[];
  /** Records whose UID is another one now. */
  readonly replaced: readonly MessageRecord[];
}

/** Compares a listing with the records. Changes nothing but the `seenIn` of records, so that it can pause. */
export async function mergeListing(input: MergeInput): Promise<MergePlan> {
  const renamed = new Map<string, { record: MessageRecord; file: FoundFile }>();
  const strangers: FoundFile[] = [];
  const replaced = new Map<string, MessageRecord>();
  const fresh: { readonly entry: UidlistRecord; readonly file: FoundFile }[] = [];
  const breath = new Breath();
  const isKnown = !input.byBase.isEmpty;
  const isListed = !input.uidlist.isEmpty;
  for (const [names, isNew] of [
    [input.newNames, true],
    [input.curNames ?? [], false],
  ] as const) {
    for (const name of names) {
      if (breath.isDue()) await breath.pause();
      if (!isMessageName(name)) continue;
      const base = baseOf(name);
      const record = isKnown ? input.byBase.get(base) : undefined;
      const entry = isListed ? input.uidlist.get(base) : undefined;
      if (record === undefined || entry?.uid !== record.uid) {
        if (record !== undefined) replaced.set(base, record);
        if (entry !== undefined && input.vanished.get(base) !== entry.uid) {
          const file = { base, name, isNew };
          if (entry.seenIn === input.serial) fresh[fresh.findIndex((each) => each.entry === entry)] = { entry, file };
          else fresh.push({ entry, file });
          entry.seenIn = input.serial;
          continue;
        }
        strangers.push({ base, name, isNew });
        continue;
      }
      const isAgain = record.seenIn === input.serial;
      record.seenIn = input.serial;
      const isAsKnown = record.name === name && record.isNew === isNew;
      if (isAsKnown) {
        // Seen twice, because it was renamed during the listing: the name that is known wins until the next one.
        if (isAgain && !(renamed.get(base)?.file.isNew === false && isNew)) renamed.delete(base);
      } else if (!isAgain || record.isNew) renamed.set(base, { record, file: { base, name, isNew } });
    }
  }
  const missing: MessageRecord[] = [];
  for (const record of input.records) {
    if (breath.isDue()) await breath.pause();
    if (record.seenIn === input.serial || (input.curNames === undefined && !record.isNew)) continue;
    if (!replaced.has(record.base)) missing.push(record);
  }
  return {
    renamed: [...renamed.values()],
    fresh,
    unassigned: inOrder(strangers, input.logger),
    missing,
    replaced: [...replaced.values()],
  };
}

/** Files in the order of their delivery. Of two with one name the one that was seen last stays. */
function inOrder(files: FoundFile[], logger: Logger): readonly FoundFile[] {
  files.sort((left, right) => compareArrival(left.base, right.base));
  return files.filter(({ base, name, isNew }, index) => {
    const next = files[index + 1];
    if (next?.base !== base) return true;
    if (next.isNew === isNew) logger.warn('two files have one name', { name });
    return false;
  });
}
