import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, type Cursor, uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { expect } from 'vitest';
import { deliver, type MaildirOptions } from '../src/index.ts';
import { bytesOf, EVERY, mail, openAccount, readText, rows } from './support.ts';

/** Something that is done to an account, and interrupted. */
export interface CrashCase {
  readonly act: (account: Account, root: string) => Promise<unknown>;
  readonly options?: MaildirOptions;
}

const inbox = (account: Account) => account.mailbox(['INBOX']);
const several = ['x', 'y', 'z'].map((subject) => ({ body: [mail(subject)], flags: ['\\Draft'] }));

export const CRASH_CASES: Readonly<Record<string, CrashCase>> = {
  'an append': {
    act: async (account) => (await inbox(account)).append([{ body: [mail('new')], flags: ['\\Seen', 'Fresh'] }]),
  },
  'an append with a UID': {
    act: async (account) => (await inbox(account)).append([{ body: [mail('new')], uid: uid(77) }]),
  },
  'an append of several': { act: async (account) => (await inbox(account)).append(several) },
  'an append where a quota is kept': {
    act: async (account) => (await inbox(account)).append(several),
    options: { quota: { storage: 100_000 } },
  },
  'a delivery': {
    act: (_, root) =>
      deliver(root, [mail('delivered')], { path: ['Target'], flags: ['$Delivered'], lockTimeoutMs: 200 }),
  },
  'a change of flags': {
    act: async (account) => (await inbox(account)).store(EVERY, 'add', ['\\Flagged', 'Later']),
  },
  'a change of one flag': {
    act: async (account) => (await inbox(account)).store(setOf([uid(2)]), 'remove', ['\\Seen']),
  },
  'an expunge': { act: async (account) => (await inbox(account)).expunge(setOf([uid(1), uid(2)])) },
  'an expunge that writes the list of UIDs anew': {
    act: async (account) => (await account.mailbox(['Thinned'])).expunge(setOf([uid(1)])),
  },
  'a copy': { act: (account) => account.transfer(['INBOX'], EVERY, ['Target'], 'copy') },
  'a move': { act: (account) => account.transfer(['INBOX'], EVERY, ['Target'], 'move') },
  'a move of one': { act: (account) => account.transfer(['INBOX'], setOf([uid(2)]), ['Target'], 'move') },
  'a claim': { act: async (account) => (await inbox(account)).claimRecent('session' as never) },
  'a create': { act: (account) => account.create(['Made', 'Deep'], { specialUse: ['\\Archive'] }) },
  'a delete': { act: (account) => account.delete(['Target']) },
  'a rename': { act: (account) => account.rename(['Target'], ['Renamed']) },
  'a rename of INBOX': { act: (account) => account.rename(['INBOX'], ['Saved']) },
  'a create, with directories within directories': {
    act: (account) => account.create(['Made', 'Deep']),
    options: { layout: 'fs' },
  },
  'a delete, with directories within directories': {
    act: (account) => account.delete(['Target']),
    options: { layout: 'fs' },
  },
  'a rename, with directories within directories': {
    act: (account) => account.rename(['Target'], ['Made', 'Renamed']),
    options: { layout: 'fs' },
  },
  'a change of annotations': {
    act: (account) =>
      account.metadata!.change(
        ['INBOX'],
        new Map([
          ['/private/comment', 'new'],
          ['/private/old', null],
        ]),
      ),
  },
  'a Sieve script put in the place of another': { act: (account) => account.filters!.put('main', bytesOf('stop;')) },
  'a rename of the active Sieve script': { act: (account) => account.filters!.rename('main', 'other') },
  'another Sieve script made active': { act: (account) => account.filters!.activate('spare') },
  'a subscription': { act: (account) => account.subscribe(['Target'], true) },
};

/** Everything one can see of an account, but what an operation that did not happen may use up. */
export type Picture = Readonly<Record<string, readonly string[]>>;

/** Makes an account that every case can be tried on. */
export async function populate(root: string, options: MaildirOptions = {}): Promise<void> {
  const account = await openAccount(root, options);
  await account.create(['Target']);
  await account.create(['Target', 'Child']);
  await account.create(['Thinned']);
  await (await inbox(account)).append([
    { body: [mail('a')], flags: ['Other', '$Junk'] },
    { body: [mail('b')], flags: ['\\Seen'] },
    { body: [mail('c')] },
  ]);
  await (await account.mailbox(['Target'])).append([{ body: [mail('t')], flags: ['Kept'] }]);
  await (await account.mailbox(['Thinned'])).append([{ body: [mail('one')] }, { body: [mail('two')] }]);
  await account.metadata!.change(['INBOX'], new Map([['/private/old', 'old']]));
  for (const name of ['main', 'spare']) await account.filters!.put(name, bytesOf('keep;'));
  await account.filters!.activate('main');
  await account.close();
  // Lines of messages that are gone.
  const list = join(root, options.layout === 'fs' ? 'Thinned' : '.Thinned', 'dovecot-uidlist');
  const dead = Array.from({ length: 120 }, (_, index) => `${index + 3} :1.M${index}.dead\n`);
  writeFileSync(list, readFileSync(list, 'latin1') + dead.join(''));
}

export async function pictureOf(account: Account): Promise<Picture> {
  const picture: Record<string, readonly string[]> = {};
  for (const { path, isSelectable, isSubscribed, specialUse } of await account.list()) {
    if (!isSelectable) continue;
    const mailbox = await account.mailbox(path);
    const lines = [`${isSubscribed} ${specialUse.join(' ')}`];
    for (const [id, flags] of await rows(mailbox))
      lines.push(`${id} ${flags} ${/Subject: (.*)\r/.exec(await readText(mailbox, id))?.[1]}`);
    picture[path.join('/')] = lines;
  }
  const { metadata, filters } = account;
  picture['annotations of INBOX'] = [...(await metadata!.entries(['INBOX']))].map((entry) => entry.join(': '));
  picture['Sieve scripts'] = await Promise.all(
    (await filters!.list()).map(
      async ({ name, isActive }) => `${name} ${isActive} ${Buffer.from(await filters!.read(name))}`,
    ),
  );
  return picture;
}

/** Checks that mail can still be added, and gets a UID of its own. */
export async function expectGoesOn(account: Account): Promise<void> {
  for (const { path, isSelectable } of await account.list()) {
    if (!isSelectable || path.length > 1) continue;
    const mailbox = await account.mailbox(path);
    const known = (await rows(mailbox)).map(([id]) => id);
    const { uids } = await mailbox.append([{ body: [mail('next')] }]);
    expect(uids[0]).toBeGreaterThan(known.at(-1) ?? 0);
    expect(await readText(mailbox, uids[0]!)).toContain('next');
    await mailbox.expunge(setOf(uids));
  }
}

/** What somebody knows of the INBOX, to be brought up to date from a cursor. */
export interface Follower {
  readonly id: string;
  readonly cursor: Cursor;
  readonly known: ReadonlyMap<number, string>;
}

export async function follow(account: Account): Promise<Follower> {
  const mailbox = await inbox(account);
  const { cursor, added } = await mailbox.changes(undefined);
  return { id: mailbox.id, cursor, known: new Map(added.map(({ uid: id, flags }) => [id, spelled(flags)])) };
}

/** Checks that what changed since a cursor leads to what is there, or is said not to be known. */
export async function expectFollows(account: Account, { id, cursor, known }: Follower): Promise<void> {
  const mailbox = await inbox(account);
  if (mailbox.id !== id) return;
  const page = await mailbox.changes(cursor);
  const now = new Map(page.complete ? known : []);
  for (const { uid: each, flags } of [...page.added, ...page.changed]) now.set(each, spelled(flags));
  for (const each of now.keys()) {
    const { bounds } = page.vanished;
    for (let index = 0; index < bounds.length; index += 2)
      if (each >= bounds[index]! && each <= bounds[index + 1]!) now.delete(each);
  }
  const there = (await rows(mailbox)).map(([each, flags]) => [each, flags]);
  expect([...now].sort(([one], [other]) => one - other)).toEqual(there);
}

function spelled(flags: readonly string[]): string {
  return [...flags].sort().join(' ');
}
