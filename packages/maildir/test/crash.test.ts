import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, StoreError, uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { describe, expect, it } from 'vitest';
import type { FileWrite } from '../src/index.ts';
import { EVERY, killedNow, mail, names, openAccount, readText, rows, scratchDirectory } from './support.ts';

type Picture = Readonly<Record<string, readonly string[]>>;

interface Case {
  readonly act: (account: Account) => Promise<unknown>;
}

const CASES: Readonly<Record<string, Case>> = {
  'an append': {
    act: async (account) =>
      (await account.mailbox(['INBOX'])).append([{ body: [mail('new')], flags: ['\\Seen', 'Fresh'] }]),
  },
  'an append with a UID': {
    act: async (account) => (await account.mailbox(['INBOX'])).append([{ body: [mail('new')], uid: uid(77) }]),
  },
  'an append of several': {
    act: async (account) =>
      (await account.mailbox(['INBOX'])).append(
        ['x', 'y', 'z'].map((subject) => ({ body: [mail(subject)], flags: ['\\Draft'] })),
      ),
  },
  'a change of flags': {
    act: async (account) => (await account.mailbox(['INBOX'])).store(EVERY, 'add', ['\\Flagged', 'Later']),
  },
  'a change of one flag': {
    act: async (account) => (await account.mailbox(['INBOX'])).store(setOf([uid(2)]), 'remove', ['\\Seen']),
  },
  'an expunge': { act: async (account) => (await account.mailbox(['INBOX'])).expunge(setOf([uid(1), uid(2)])) },
  'a copy': { act: (account) => account.transfer(['INBOX'], EVERY, ['Target'], 'copy') },
  'a move': { act: (account) => account.transfer(['INBOX'], EVERY, ['Target'], 'move') },
  'a move of one': { act: (account) => account.transfer(['INBOX'], setOf([uid(2)]), ['Target'], 'move') },
  'a claim': { act: async (account) => (await account.mailbox(['INBOX'])).claimRecent('session' as never) },
  'a create': { act: (account) => account.create(['Made', 'Deep'], { specialUse: ['\\Archive'] }) },
  'a delete': { act: (account) => account.delete(['Target']) },
  'a rename': { act: (account) => account.rename(['Target'], ['Renamed']) },
  'a rename of INBOX': { act: (account) => account.rename(['INBOX'], ['Saved']) },
  'a subscription': { act: (account) => account.subscribe(['Target'], true) },
};

describe('killed before any write', () => {
  for (const [name, { act }] of Object.entries(CASES)) {
    it(`${name} happened wholly or not at all, and the account goes on`, { timeout: 60_000 }, async () => {
      const { root, copies, before, after, count } = await killedEverywhere(act);
      expect(count).toBeGreaterThan(2);
      const unlike = new Set<string>();
      for (let index = 0; index < count; index++) {
        const killed = join(copies, String(index));
        const account = await openAccount(killed);
        const picture = await pictureOf(account);
        const [shown, wanted] = [JSON.stringify(picture), [before, after].map((each) => JSON.stringify(each))];
        if (!wanted.includes(shown)) unlike.add(`killed at ${index}: ${shown}`);
        await expectGoesOn(account);
        expect(names(killed).filter((each) => each.startsWith('..'))).toEqual([]);
        await account.close();
      }
      expect([...unlike], `either ${JSON.stringify(before)} or ${JSON.stringify(after)}`).toEqual([]);
      expect(names(root)).not.toContain('posthorn-journal');
    });
  }
});

describe('a disk that fails at any write', () => {
  for (const [name, { act }] of Object.entries(CASES)) {
    it(`${name} is refused clearly, or done, and nothing is lost`, { timeout: 60_000 }, async () => {
      const { copies, before, after, count, start } = await killedEverywhere(act);
      for (let index = 0; index < count; index++) {
        const root = join(copies, `failing-${index}`);
        cpSync(start, root, { recursive: true, preserveTimestamps: true });
        let writes = 0;
        let isArmed = false;
        const fault = ({ path }: FileWrite): void => {
          if (isArmed && writes++ === index)
            throw Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write', path });
        };
        const account = await openAccount(root, { fault, lockTimeoutMs: 200 });
        isArmed = true;
        const error = await act(account).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        isArmed = false;
        if (error !== undefined) expect(error).toMatchObject({ code: 'STORE_OVER_QUOTA' });
        const picture = await pictureOf(account);
        const allowed = error === undefined ? [after] : [before, after];
        expect(
          allowed.map((each) => JSON.stringify(each)),
          `${name} failing at ${index}`,
        ).toContain(JSON.stringify(picture));
        await expectGoesOn(account);
        await account.close();
      }
    });
  }
});

interface Killed {
  /** The Maildir before the operation. */
  readonly start: string;
  readonly root: string;
  readonly copies: string;
  readonly before: Picture;
  readonly after: Picture;
  readonly count: number;
}

/** Runs an operation and copies the disk before each of its writes. */
async function killedEverywhere(act: Case['act']): Promise<Killed> {
  const [root, copies] = [scratchDirectory(), scratchDirectory()];
  const start = join(copies, 'start');
  await populate(root);
  let count = 0;
  let isArmed = false;
  const fault = (): void => {
    if (isArmed) killedNow(root, join(copies, String(count++)));
  };
  const account = await openAccount(root, { fault });
  const before = await pictureOf(account);
  mkdirSync(start);
  cpSync(root, start, { recursive: true, preserveTimestamps: true });
  isArmed = true;
  await act(account);
  isArmed = false;
  return { start, root, copies, before, after: await pictureOf(account), count };
}

async function populate(root: string): Promise<void> {
  const account = await openAccount(root);
  await account.create(['Target']);
  await account.create(['Target', 'Child']);
  const inbox = await account.mailbox(['INBOX']);
  await inbox.append([
    { body: [mail('a')], flags: ['Other', '$Junk'] },
    { body: [mail('b')], flags: ['\\Seen'] },
    { body: [mail('c')] },
  ]);
  await (await account.mailbox(['Target'])).append([{ body: [mail('t')], flags: ['Kept'] }]);
  await account.close();
}

/** Everything one can see, but what an operation that did not happen may use up. */
async function pictureOf(account: Account): Promise<Picture> {
  const picture: Record<string, readonly string[]> = {};
  for (const { path, isSelectable, isSubscribed, specialUse } of await account.list()) {
    if (!isSelectable) continue;
    const mailbox = await account.mailbox(path);
    const lines = [`${isSubscribed} ${specialUse.join(' ')}`];
    for (const [id, flags] of await rows(mailbox)) {
      lines.push(`${id} ${flags} ${/Subject: (.*)\r/.exec(await readText(mailbox, id))?.[1]}`);
    }
    picture[path.join('/')] = lines;
  }
  return picture;
}

/** Whether mail can still be added, and gets a UID of its own. */
async function expectGoesOn(account: Account): Promise<void> {
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

it('tells a full disk, a missing permission and a failing disk apart', async () => {
  const codes = {
    ENOSPC: 'STORE_OVER_QUOTA',
    EDQUOT: 'STORE_OVER_QUOTA',
    EACCES: 'STORE_NO_PERMISSION',
    EROFS: 'STORE_NO_PERMISSION',
    EIO: 'STORE_UNAVAILABLE',
    EMFILE: 'STORE_UNAVAILABLE',
  };
  for (const [code, expected] of Object.entries(codes)) {
    const root = scratchDirectory();
    let isArmed = false;
    const fault = ({ path }: FileWrite): void => {
      if (isArmed) throw Object.assign(new Error(code), { code, syscall: 'open', path });
    };
    const account = await openAccount(root, { fault });
    const inbox = await account.mailbox(['INBOX']);
    isArmed = true;
    const error = await inbox.append([{ body: [mail('a')] }]).catch((reason: unknown) => reason);
    isArmed = false;
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code: expected });
    expect((error as Error).message).toContain(join(root, 'tmp'));
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
    expect(await rows(inbox)).toEqual([]);
  }
});
