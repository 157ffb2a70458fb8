import type { Logger } from '@posthorn/core';
import { Breath } from './breath.ts';
import { baseOf, isMessageName } from './file-name.ts';
import type { FoundFile, MessageRecord } from './message-record.ts';
import type { UidlistRecord } from './uidlist.ts';

/** What the directories hold and what is known of it. */
export interface MergeInput {
  readonly serial: number;
  readonly newNames: readonly string[];
  /** Undefined when `cur/` did not change and was not listed. */
  readonly curNames: readonly string[] | undefined;
  readonly records: readonly MessageRecord[];
  readonly byBase: ReadonlyMap<string, MessageRecord>;
  readonly uidlist: ReadonlyMap<string, UidlistRecord>;
  /** UIDs that were told to be gone: they never come back. */
  readonly vanished: ReadonlyMap<string, number>;
  readonly logger: Logger;
}

/** What to do to the records so that they agree with the directories. */
export interface MergePlan {
  readonly renamed: readonly { readonly record: MessageRecord; readonly file: FoundFile }[];
  readonly fresh: readonly { readonly entry: UidlistRecord; readonly file: FoundFile }[];
  /** Files without UID. */
  readonly unassigned: readonly FoundFile[];
  /** Records whose file was not seen. */
  readonly missing: readonly MessageRecord[];
  /** Records whose UID is another one now. */
  readonly replaced: readonly MessageRecord[];
}

/** Compares a listing with the records. Changes nothing but the `seenIn` of records, so that it can pause. */
export async function mergeListing(input: MergeInput): Promise<MergePlan> {
  const renamed = new Map<string, { record: MessageRecord; file: FoundFile }>();
  const strangers = new Map<string, FoundFile>();
  const replaced = new Map<string, MessageRecord>();
  const fresh: { readonly entry: UidlistRecord; readonly file: FoundFile }[] = [];
  const breath = new Breath();
  for (const [names, isNew] of [
    [input.newNames, true],
    [input.curNames ?? [], false],
  ] as const) {
    for (const name of names) {
      if (breath.isDue()) await breath.pause();
      if (!isMessageName(name)) continue;
      const base = baseOf(name);
      const record = input.byBase.get(base);
      if (record === undefined || input.uidlist.get(base)?.uid !== record.uid) {
        if (record !== undefined) replaced.set(base, record);
        const entry = input.uidlist.get(base);
        if (entry !== undefined && input.vanished.get(base) !== entry.uid) {
          const file = { base, name, isNew };
          if (entry.seenIn === input.serial) fresh[fresh.findIndex((each) => each.entry === entry)] = { entry, file };
          else fresh.push({ entry, file });
          entry.seenIn = input.serial;
          continue;
        }
        const before = strangers.get(base);
        if (before !== undefined && before.isNew === isNew) input.logger.warn('two files have one name', { name });
        strangers.set(base, { base, name, isNew });
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
    unassigned: [...strangers.values()],
    missing,
    replaced: [...replaced.values()],
  };
}
