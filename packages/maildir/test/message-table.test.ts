import type { Flag, Uid } from '@posthorn/core';
import { expect, it, onTestFinished } from 'vitest';
import type { FlagNames } from '../src/mailbox/folder-keywords.ts';
import { type MessageRecord, recordOf } from '../src/mailbox/message-record.ts';
import { MessageTable } from '../src/mailbox/message-table.ts';
import { settingsOf } from '../src/settings.ts';
import { AccountIndex } from '../src/sidecar-index/account-index.ts';
import { scratchDirectory } from './support.ts';

const NO_FLAGS: FlagNames = { flagsOf: () => [] };

function record(uid: number): MessageRecord {
  return recordOf(uid, { base: `m${uid}`, name: `m${uid}:2,`, isNew: false }, '', NO_FLAGS);
}

/** Tables of one mailbox as processes have them, in which there are messages 1 and 2. */
async function tables(count: number): Promise<readonly MessageTable[]> {
  const index = await AccountIndex.open(settingsOf({ fsync: false }), scratchDirectory());
  onTestFinished(() => index!.close());
  return Array.from({ length: count }, () => {
    const table = new MessageTable(100);
    table.begin(index!.ledgerOf('guid', 1), [record(1), record(2)], true);
    return table;
  });
}

function setFlags(table: MessageTable, uid: number, flags: readonly Flag[]): void {
  const found = table.find(uid as Uid)!;
  found.flags = flags;
  table.apply({ touched: [found] });
}

/** UIDs and flags of what was touched after a mod-sequence. */
function touchedSince(table: MessageTable, modSeq: number): readonly string[] {
  return [...table.touchedLog.since(modSeq)!].map(({ uid, flags }) => `${uid} ${flags.join(' ')}`).sort();
}

it.each([
  ['a message that comes', (table: MessageTable) => void table.apply({ added: [record(3)] }), ['3 ']],
  ['a message that goes', (table: MessageTable) => void table.apply({ gone: [table.find(2 as Uid)!] }), []],
  ['flags of another', (table: MessageTable) => setFlags(table, 2, ['\\Draft']), ['2 \\Draft']],
  ['what happens to no message', (table: MessageTable) => table.raise(), []],
])('%s brings what another process noted before, though no listing showed it yet', async (_, happen, told) => {
  const [first, second] = await tables(2);
  const known = second!.highestModSeq;
  setFlags(first!, 1, ['\\Flagged', '\\Seen']);
  expect(touchedSince(second!, known)).toEqual([]);
  happen(second!);
  expect(second!.highestModSeq).toBeGreaterThan(first!.highestModSeq);
  expect(touchedSince(second!, known)).toEqual(['1 \\Flagged \\Seen', ...told]);
  expect(second!.find(1 as Uid)!.modSeq).toBe(first!.find(1 as Uid)!.modSeq);
  expect(touchedSince(second!, first!.highestModSeq)).toEqual(told);
});

it('what two processes find at once has one mod-sequence, and the second word about it another', async () => {
  const [first, second] = await tables(2);
  const known = second!.highestModSeq;
  setFlags(first!, 1, ['\\Seen']);
  setFlags(second!, 1, ['\\Seen']);
  expect(second!.find(1 as Uid)!.modSeq).toBe(first!.find(1 as Uid)!.modSeq);
  expect(touchedSince(second!, known)).toEqual(['1 \\Seen']);
  setFlags(second!, 1, ['\\Flagged']);
  first!.raise();
  expect(first!.find(1 as Uid)).toMatchObject({ modSeq: second!.find(1 as Uid)!.modSeq, flags: ['\\Flagged'] });
});
