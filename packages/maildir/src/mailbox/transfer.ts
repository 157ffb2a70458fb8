import { closeSync, constants, copyFileSync, openSync, statSync } from 'node:fs';
import type { UidPairs, UidSet } from '@posthorn/core';
import { Breath } from '../disk/breath.ts';
import { errorCode, isMissing } from '../disk/disk.ts';
import { entryPath, infoOf, isVerbatim, sizeField, VERBATIM_FIELD } from '../format/file-name.ts';
import { isKnownLetter } from '../format/keywords.ts';
import { recordField } from '../format/uidlist.ts';
import { removalSteps, unlinkMessages } from './expunge.ts';
import type { Folder } from './folder.ts';
import { clearJournal, folderJournal } from './journal.ts';
import { knownFileSize, type MessageRecord } from './message-record.ts';
import { type PlannedMessage, publish } from './publish.ts';

/** One step of `Account.transfer`. The caller holds the mutexes and locks of both folders. */
export async function transfer(source: Folder, uids: UidSet, target: Folder, mode: 'copy' | 'move'): Promise<UidPairs> {
  const chosen: MessageRecord[] = [];
  const planned: PlannedMessage[] = [];
  try {
    const breath = new Breath();
    for (const record of source.messages.select(uids)) {
      if (breath.isDue()) await breath.pause();
      const message = await linkMessage(source, record, target);
      if (message === undefined) continue;
      chosen.push(record);
      planned.push(message);
    }
    if (chosen.length === 0) return { uidValidity: target.uidValidity, from: [], to: [] };
    const steps = mode === 'move' ? removalSteps(source, chosen) : [];
    const [outcome] = await publish(
      target,
      [{ messages: planned, uidValidity: target.uidValidity, movedFrom: mode === 'move' ? source : undefined }],
      steps,
    );
    if (outcome === undefined || 'error' in outcome) throw outcome?.error;
    if (mode === 'move') await removeMoved(source, chosen, target, outcome.result.uids);
    return { uidValidity: target.uidValidity, from: chosen.map((record) => record.uid), to: outcome.result.uids };
  } catch (error) {
    for (const { temporary } of planned) {
      await target.account.settings.disk.remove(`${target.directory}/tmp/${temporary}`).catch(() => {});
    }
    throw error;
  }
}

async function removeMoved(
  source: Folder,
  chosen: readonly MessageRecord[],
  target: Folder,
  arrived: UidPairs['to'],
): Promise<void> {
  const { disk } = target.account.settings;
  try {
    await unlinkMessages(source, chosen);
  } catch (error) {
    await target.account.quota.invalidate();
    // Nothing is gone from the source yet: then nothing is to have arrived either.
    if ((await source.locate(chosen[0]!.base)) !== undefined) {
      const records = arrived.map((uid) => target.messages.find(uid)).filter((record) => record !== undefined);
      await unlinkMessages(target, records);
      target.messages.apply({ gone: records });
      await clearJournal(disk, folderJournal(target.directory));
    }
    throw error;
  }
  source.messages.apply({ gone: chosen });
  source.account.hub.notify(source.path);
  await clearJournal(disk, folderJournal(target.directory));
}

/** Puts the file of a message into `tmp/` of the target too; undefined when it is gone. */
async function linkMessage(source: Folder, record: MessageRecord, target: Folder): Promise<PlannedMessage | undefined> {
  const { settings, names } = target.account;
  const temporary = names.next();
  const path = `${target.directory}/tmp/${temporary}`;
  let { name } = record;
  for (let place = source.filePlace(record); ; ) {
    try {
      await linkOrCopy(settings.disk, entryPath(place, name), path);
      break;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    const found = await source.locate(record.base);
    if (found === undefined) return undefined;
    name = found.name;
    place = source.filePlace(found);
  }
  const { letters, rest } = infoOf(name);
  return {
    temporary,
    base: `${temporary}${sizeFields(record, statSync(path).size)}`,
    flags: source.keywords.flagsOf(letters, record.base),
    epochSeconds: record.epochSeconds,
    // The content keeps its identity, under a name of its own.
    fields: ` G${recordField(record.fields, 'G') ?? record.base}`,
    otherInfo: { letters: [...letters].filter((letter) => !isKnownLetter(letter)).join(''), rest },
  };
}

async function linkOrCopy(
  disk: Folder['account']['settings']['disk'],
  from: ReturnType<typeof entryPath>,
  to: string,
): Promise<void> {
  try {
    await disk.link(from, to);
  } catch (error) {
    if (!['EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(errorCode(error) ?? '')) throw error;
    copyFileSync(from, to, constants.COPYFILE_EXCL);
    const descriptor = openSync(to, constants.O_RDWR);
    try {
      await disk.setTimes(descriptor, to, Number(statSync(from, { bigint: true }).mtimeNs / 1_000_000_000n));
      await disk.sync(descriptor, to);
    } finally {
      closeSync(descriptor);
    }
  }
}

/** Size fields that are known to be right. */
function sizeFields(record: MessageRecord, fileSize: number): string {
  const { base, fields } = record;
  if (knownFileSize(base, fields) !== fileSize) return `,S=${fileSize}`;
  if (isVerbatim(base)) return `,S=${fileSize},W=${sizeField(base, ',W=') ?? fileSize}${VERBATIM_FIELD}`;
  return record.size < 0 ? `,S=${fileSize}` : `,S=${fileSize},W=${record.size}`;
}
