import { mkdirSync, readdirSync, readFileSync, renameSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mailbox, type MailStore, uid } from '@posthorn/core';
import { ids, rangeSet } from '@posthorn/message-set';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { Keywords } from '../src/format/keywords.ts';
import { openMaildir } from '../src/index.ts';
import { decodeListing, encodeListing } from '../src/mailbox/kept-listing.ts';
import { recordOf } from '../src/mailbox/message-record.ts';
import { settingsOf } from '../src/settings.ts';
import { AccountIndex } from '../src/sidecar-index/account-index.ts';
import { ALICE, mail, scratchDirectory } from './support.ts';

const MESSAGES = 600;
const PAST = 1_700_000_000.5;
const UIDLIST = { header: { uidValidity: 5, nextUid: 9, guid: undefined, extra: '' }, lastUid: 8, lines: 8 };

/** A Maildir that nobody touched for a while. */
function filledMaildir(): string {
  const root = scratchDirectory();
  for (const name of ['cur', 'new', 'tmp']) mkdirSync(join(root, name));
  for (let index = 0; index < MESSAGES; index++)
    writeFileSync(join(root, index % 10 === 0 ? 'new' : 'cur', nameOf(index)), mail(String(index)));
  rest(root);
  return root;
}

const nameOf = (index: number): string => `${1_700_000_000 + index}.M1P1.host,S=1${index % 10 === 0 ? '' : ':2,S'}`;

function rest(root: string): void {
  for (const name of ['cur', 'new']) utimesSync(join(root, name), PAST, PAST);
}

async function open(root: string): Promise<{ store: MailStore; inbox: Mailbox }> {
  const store = openMaildir(root, { fsync: false });
  onTestFinished(() => store.close());
  return { store, inbox: await (await store.open(ALICE)).mailbox(['INBOX']) };
}

async function isKept(root: string): Promise<boolean> {
  const index = await AccountIndex.open(settingsOf({}), join(root, 'posthorn-index'));
  const listing = index?.listingOf('');
  await index?.close();
  return listing !== undefined;
}

/** What a process finds, opening the mailbox anew. */
async function found(root: string) {
  const { store, inbox } = await open(root);
  const page = await inbox.changes(undefined);
  const size = (await (await store.open(ALICE)).status(['INBOX'])).messages;
  await store.close();
  return { page, size };
}

it('opens what nobody changed as it was', async () => {
  const root = filledMaildir();
  const first = await found(root);
  expect(first.page.added).toHaveLength(MESSAGES);
  expect(await isKept(root)).toBe(true);
  expect(await found(root)).toEqual(first);
});

it('goes on from there: appends, flags and expunges are those of a mailbox that was listed', async () => {
  const root = filledMaildir();
  await found(root);
  const { store, inbox } = await open(root);
  const { uids } = await inbox.append([{ body: [mail('fresh')], flags: ['$Label'] }]);
  expect(uids).toEqual([MESSAGES + 1]);
  await inbox.store(rangeSet(uid(2), uid(3)), 'add', ['\\Flagged']);
  await inbox.expunge(rangeSet(uid(4), uid(5)));
  await store.close();
  const lines = readFileSync(join(root, 'dovecot-uidlist'), 'latin1').trim().split('\n');
  expect(lines.slice(1).map((line) => Number.parseInt(line, 10))).toEqual(
    Array.from({ length: MESSAGES + 1 }, (_, index) => index + 1),
  );
  rest(root);
  for (let round = 0; round < 2; round++) {
    const { page } = await found(root);
    const flags = new Map(page.added.map((each) => [Number(each.uid), each.flags]));
    expect(flags.size).toBe(MESSAGES - 1);
    expect(flags.get(2)).toEqual(['\\Flagged', '\\Seen']);
    expect(flags.get(MESSAGES + 1)).toEqual(['$Label']);
    expect(flags.has(4)).toBe(false);
  }
});

it('sees what another program did in the meantime, whatever the times say', async () => {
  const root = filledMaildir();
  const first = await found(root);
  const cur = (name: string): string => join(root, 'cur', name);
  const acts: readonly (() => void)[] = [
    () => renameSync(cur(nameOf(1)), cur(`${nameOf(1)}T`)),
    () => unlinkSync(cur(nameOf(2))),
    () => writeFileSync(join(root, 'new', '1800000000.M1P1.other'), mail('more')),
    () => renameSync(join(root, 'new', nameOf(0)), cur(`${nameOf(0)}:2,F`)),
  ];
  for (const act of acts) {
    expect(await isKept(root)).toBe(true);
    act();
    rest(root);
    await found(root);
    rest(root);
    await found(root);
  }
  const { store, inbox } = await open(root);
  const { added, changed, vanished } = await inbox.changes(first.page.cursor);
  await store.close();
  expect(changed.map((each) => [Number(each.uid), ...each.flags])).toEqual([
    [1, '\\Flagged'],
    [2, '\\Seen', '\\Deleted'],
  ]);
  expect([...ids(vanished)]).toEqual([3]);
  expect(added.map((each) => Number(each.uid))).toEqual([MESSAGES + 1]);
  expect(readdirSync(join(root, 'cur')).length + readdirSync(join(root, 'new')).length).toBe(MESSAGES);
});

it('keeps mod-sequences of single messages, and sees that a keyword has another name', async () => {
  const root = filledMaildir();
  const { store, inbox } = await open(root);
  await inbox.store(rangeSet(uid(20), uid(22)), 'add', ['$Label']);
  await inbox.store(rangeSet(uid(21), uid(21)), 'add', ['\\Flagged']);
  await store.close();
  rest(root);
  const first = await found(root);
  const second = await found(root);
  expect(second).toEqual(first);
  expect(new Set(second.page.added.map(({ modSeq }) => modSeq)).size).toBe(3);
  const keywords = join(root, 'dovecot-keywords');
  writeFileSync(keywords, readFileSync(keywords, 'latin1').replace('$Label', '$Renamed'));
  const third = await found(root);
  expect(third.page.added[19]).toMatchObject({ uid: 20, flags: expect.arrayContaining(['$Renamed']) });
  expect(third.page.highestModSeq).toBeGreaterThan(second.page.highestModSeq);
  expect(await found(root)).toEqual(third);
});

it('gives back any names, and nothing for another identity', () => {
  const name = fc
    .tuple(
      fc.nat(),
      fc.stringMatching(/^[!-9;-~\x80-\xff]{1,40}$/),
      fc.constantFrom('', ':2,', ':2,FS', ':2,ax,odd', ';2,T'),
    )
    .map(([time, rest, info]) => `${time}.${rest}${info}`);
  const keywords = new Keywords(['$A']);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, fc.boolean(), fc.constantFrom('', ' S5', ' G1 P')), { maxLength: 30 }),
      (files) => {
        const records = files.map(([each, isNew, fields], index) => {
          const separator = /[:;]2,[^:;]*$/.exec(each)?.index ?? each.length;
          const record = recordOf(index + 1, { base: each.slice(0, separator), name: each, isNew }, fields, keywords);
          return Object.assign(record, { modSeq: 9 - (index % 3), addedModSeq: 2, firstModSeq: index % 2 });
        });
        const stored = encodeListing({ identity: 'x', uidlist: UIDLIST, records, highestModSeq: 9 });
        const read = decodeListing(stored!, 'x', keywords);
        expect(read?.uidlist.lastUid).toBe(8);
        expect(read?.records.map(({ seenIn: _, ...record }) => record)).toEqual(
          records.map(({ seenIn: _, ...record }) => record),
        );
        expect(decodeListing(stored!, 'y', keywords)).toBeUndefined();
      },
    ),
  );
});
