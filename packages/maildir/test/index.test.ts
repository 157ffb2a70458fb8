import { existsSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Cursor,
  type Flag,
  type Logger,
  type Mailbox,
  type MailStore,
  type ModSeq,
  type Uid,
  uid,
} from '@posthorn/core';
import { ids, rangeSet, setOf } from '@posthorn/message-set';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { type MaildirOptions, openMaildir } from '../src/index.ts';
import { ALICE, all, EVERY, mail, scratchDirectory } from './support.ts';

const rangeSetOf = (numbers: readonly number[]) => setOf(numbers.map((number) => uid(number)));
const one = (id: number) => rangeSet(uid(id), uid(id));

async function open(root: string, options: MaildirOptions = {}): Promise<{ store: MailStore; inbox: Mailbox }> {
  const store = openMaildir(root, { fsync: false, ...options });
  onTestFinished(() => store.close());
  return { store, inbox: await (await store.open(ALICE)).mailbox(['INBOX']) };
}

function warnings(): { readonly logger: Logger; readonly said: string[] } {
  const said: string[] = [];
  const note = (message: string): void => {
    said.push(message);
  };
  return { said, logger: { debug: () => {}, info: () => {}, warn: note, error: note } };
}

it('lets mod-sequences, history and cursors outlive the process', async () => {
  const root = scratchDirectory();
  const first = await open(root);
  expect(first.store.traits.durableModSeq).toBe(true);
  await first.inbox.append([1, 2, 3, 4].map((number) => ({ body: [mail(String(number))] })));
  const { cursor } = await first.inbox.changes(undefined);
  await first.inbox.store(one(2), 'add', ['\\Seen', '$Junk']);
  await first.inbox.expunge(one(3));
  const before = await first.inbox.changes(undefined);
  await first.store.close();

  const second = await open(root);
  const after = await second.inbox.changes(undefined);
  expect(after).toEqual(before);
  const page = await second.inbox.changes(cursor);
  expect(page).toMatchObject({ complete: true, added: [], changed: [{ uid: 2, flags: ['\\Seen', '$Junk'] }] });
  expect([...ids(page.vanished)]).toEqual([3]);
  expect(await second.inbox.vanishedSince?.(before.highestModSeq, EVERY)).toEqual(rangeSetOf([]));
  expect(await second.inbox.vanishedSince?.(page.changed[0]!.modSeq, EVERY)).toEqual(rangeSetOf([3]));
  expect(await second.inbox.vanishedSince?.(1n as ModSeq, EVERY)).toBeUndefined();
});

it('finds what other programs did while nobody looked', async () => {
  const root = scratchDirectory();
  const first = await open(root);
  await first.inbox.append([1, 2, 3].map((number) => ({ body: [mail(String(number))], flags: ['\\Seen'] as Flag[] })));
  const { cursor, highestModSeq } = await first.inbox.changes(undefined);
  await first.store.close();

  const [gone, flagged] = readdirSync(join(root, 'cur')).sort();
  unlinkSync(join(root, 'cur', gone!));
  renameSync(join(root, 'cur', flagged!), join(root, 'cur', flagged!.replace(':2,S', ':2,FS')));
  writeFileSync(join(root, 'new', '1700000000.M1P1.host'), mail('new'));

  const second = await open(root);
  const page = await second.inbox.changes(cursor);
  expect(page.complete).toBe(true);
  expect(page.added.map((message) => message.uid)).toEqual([4]);
  expect(page.changed).toMatchObject([{ uid: 2, flags: ['\\Flagged', '\\Seen'] }]);
  expect([...ids(page.vanished)]).toEqual([1]);
  expect(page.highestModSeq).toBeGreaterThan(highestModSeq);
});

it('can be deleted at any time, which costs no mail, no UID and no flag', async () => {
  const root = scratchDirectory();
  const first = await open(root);
  await first.inbox.append([{ body: [mail('a')], flags: ['\\Seen', 'x'] }, { body: [mail('b')] }]);
  const before = await first.inbox.changes(undefined);
  rmSync(join(root, 'posthorn-index'), { recursive: true });
  await first.inbox.store(one(2), 'add', ['\\Flagged']);
  await first.store.close();

  const second = await open(root);
  const page = await second.inbox.changes(before.cursor);
  expect(page.complete).toBe(false);
  expect(page.added).toMatchObject([
    { uid: 1, flags: ['\\Seen', 'x'] },
    { uid: 2, flags: ['\\Flagged'] },
  ]);
  expect(page.highestModSeq).toBeGreaterThan(before.highestModSeq);
});

it.each([
  ['is no database', (index: string) => writeFileSync(join(index, 'data.mdb'), 'x'.repeat(100_000))],
  ['was in use when the machine went down', (index: string) => writeFileSync(join(index, 'in-use.0-0.1.1'), '')],
])('is made anew when it %s', async (_, damage) => {
  const root = scratchDirectory();
  const first = await open(root);
  await first.inbox.append([{ body: [mail('a')] }]);
  const { cursor } = await first.inbox.changes(undefined);
  await first.store.close();
  damage(join(root, 'posthorn-index'));
  const { logger, said } = warnings();
  const second = await open(root, { logger });
  expect((await second.inbox.changes(cursor)).complete).toBe(false);
  expect(said.join()).toMatch(/made anew/);
  expect(second.store.traits.durableModSeq).toBe(true);
  const third = await open(root);
  expect((await third.inbox.changes((await second.inbox.changes(undefined)).cursor)).complete).toBe(true);
});

it('lies where it is told to, or nowhere', async () => {
  const root = scratchDirectory();
  const elsewhere = scratchDirectory();
  const none = await open(root, { index: false });
  expect(none.store.traits.durableModSeq).toBe(false);
  await none.inbox.append([{ body: [mail('a')] }]);
  expect(existsSync(join(root, 'posthorn-index'))).toBe(false);
  await open(root, { index: elsewhere });
  expect(readdirSync(elsewhere)).toHaveLength(1);
  expect(existsSync(join(root, 'posthorn-index'))).toBe(false);
});

it('does without where none can be had', async () => {
  const root = scratchDirectory();
  writeFileSync(join(root, 'posthorn-index'), 'in the way');
  const { logger, said } = warnings();
  const { store, inbox } = await open(root, { logger });
  expect(store.traits.durableModSeq).toBe(false);
  expect(said).toHaveLength(1);
  await inbox.append([{ body: [mail('a')] }]);
  expect((await inbox.changes(undefined)).added).toHaveLength(1);
});

it('keeps envelopes and structures, until their messages are gone', async () => {
  const root = scratchDirectory();
  const first = await open(root);
  await first.inbox.append([{ body: [mail('kept')] }, { body: [mail('gone')] }]);
  const before = await all(first.inbox.scan(EVERY, ['envelope', 'bodyStructure']));
  await first.store.close();
  // The file is not looked at again: what it holds now does not show.
  for (const name of readdirSync(join(root, 'new'))) writeFileSync(join(root, 'new', name), mail('other'));
  const second = await open(root);
  const after = await all(second.inbox.scan(EVERY, ['envelope', 'bodyStructure']));
  expect(after).toEqual(before);
  await second.inbox.expunge(one(2));
  const account = await second.store.open(ALICE);
  expect((await account.maintain()).removed).toBe(1);
  expect((await account.maintain()).removed).toBe(0);
});

it('never takes the envelope of one message for that of another with its UID, as after a backup was put back', async () => {
  const root = scratchDirectory();
  const first = await open(root);
  await first.inbox.append([{ body: [mail('before')] }]);
  await all(first.inbox.scan(EVERY, ['envelope', 'bodyStructure']));
  await first.store.close();
  const [name] = readdirSync(join(root, 'new'));
  rmSync(join(root, 'new', name!));
  writeFileSync(join(root, 'new', `${name}x`), mail('after, under a name that begins alike'));
  const uidlist = join(root, 'dovecot-uidlist');
  writeFileSync(uidlist, readFileSync(uidlist, 'latin1').replace(name!, `${name}x`));
  const second = await open(root);
  const [row] = await all(second.inbox.scan(EVERY, ['envelope']));
  expect([row?.uid, row?.envelope.subject]).toEqual([1, 'after, under a name that begins alike']);
});

it('forgets a mailbox that is deleted', async () => {
  const root = scratchDirectory();
  const { store } = await open(root);
  const account = await store.open(ALICE);
  await account.create(['A']);
  const cursor = (await (await account.mailbox(['A'])).changes(undefined)).cursor;
  await account.delete(['A']);
  await account.create(['A']);
  expect((await (await account.mailbox(['A'])).changes(cursor)).complete).toBe(false);
});

/** What a client knows: flags by UID. It asks any process, with the cursor that any process gave it. */
class Reader {
  cursor: Cursor | undefined;
  readonly known = new Map<Uid, string>();

  async ask(inbox: Mailbox): Promise<void> {
    const page = await inbox.changes(this.cursor);
    if (!page.complete) this.known.clear();
    for (const gone of ids(page.vanished)) this.known.delete(gone);
    for (const { uid: id, flags } of [...page.added, ...page.changed]) this.known.set(id, [...flags].sort().join());
    this.cursor = page.cursor;
  }
}

/** The flags of all messages, as a process tells them. */
async function flagsOf(inbox: Mailbox): Promise<readonly string[]> {
  return (await inbox.changes(undefined)).added.map(({ flags }) => [...flags].sort().join()).sort();
}

/** The same, read off the names of files. */
function flagsOnDisk(root: string): readonly string[] {
  const names = ['new', 'cur'].flatMap((place) => readdirSync(join(root, place)));
  const meanings: Readonly<Record<string, string>> = { F: '\\Flagged', S: '\\Seen', a: 'k' };
  return names
    .map((name) =>
      [...(name.split(':2,')[1] ?? '')]
        .map((letter) => meanings[letter])
        .sort()
        .join(),
    )
    .sort();
}

it('tells readers that go from process to process everything, whoever changes what', async () => {
  const action = fc.record({
    kind: fc.constantFrom(
      'append',
      'flag',
      'unflag',
      'expunge',
      'rename',
      'unlink',
      'deliver',
      'ask',
      'ask',
      'ask',
      'reopen',
    ),
    at: fc.nat(2),
    message: fc.nat(7),
    reader: fc.nat(1),
  });
  let serial = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 60 }), async (actions) => {
      const root = scratchDirectory();
      const processes = [await open(root), await open(root), await open(root)];
      const readers = [new Reader(), new Reader()];
      const file = (index: number): string | undefined => {
        const files = ['new', 'cur'].flatMap((place) =>
          readdirSync(join(root, place)).map((name) => join(root, place, name)),
        );
        return files.sort()[index % Math.max(1, files.length)];
      };
      for (const { kind, at, message, reader } of actions) {
        const { inbox } = processes[at]!;
        const existing = [...(await inbox.changes(undefined)).added];
        const id = existing[message % Math.max(1, existing.length)]?.uid ?? 1;
        const path = file(message);
        if (kind === 'append') await inbox.append([{ body: [mail(`${serial++}`)] }]);
        else if (kind === 'flag') await inbox.store(one(id), 'add', ['\\Seen', 'k']);
        else if (kind === 'unflag') await inbox.store(one(id), 'remove', ['\\Seen']);
        else if (kind === 'expunge') await inbox.expunge(one(id));
        else if (kind === 'deliver') writeFileSync(join(root, 'new', `1${serial++}.M1P1.host`), mail('x'));
        else if (kind === 'unlink' && path !== undefined) unlinkSync(path);
        else if (kind === 'rename' && path !== undefined) {
          const base = path.slice(path.lastIndexOf('/') + 1).split(':')[0]!;
          renameSync(path, join(root, 'cur', `${base}:2,${['F', 'FS', ''][serial++ % 3]}`));
        } else if (kind === 'reopen') {
          await processes[at]!.store.close();
          processes[at] = await open(root);
        } else if (kind === 'ask') await readers[reader]!.ask(inbox);
      }
      // A change in the same tick of the clock as a listing is found a little later.
      const truth = flagsOnDisk(root);
      for (const { inbox } of processes) await expect.poll(() => flagsOf(inbox), { timeout: 5_000 }).toEqual(truth);
      for (const reader of readers) {
        for (const { inbox } of processes) await reader.ask(inbox);
        expect([...reader.known.values()].sort()).toEqual(truth);
        expect([...reader.known.keys()].sort()).toEqual(
          (await processes[0]!.inbox.changes(undefined)).added.map((each) => each.uid).sort(),
        );
      }
      for (const { store } of processes) await store.close();
      rmSync(root, { recursive: true });
    }),
    { numRuns: 100 },
  );
});
