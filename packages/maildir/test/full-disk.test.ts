import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, StoreError } from '@posthorn/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMaildir } from '../src/index.ts';
import { CRASH_CASES, expectFollows, expectGoesOn, follow, pictureOf, populate } from './crash-cases.ts';
import { ALICE, scratchDirectory } from './support.ts';

const CASES = [
  ...['an append', 'an append of several', 'a delivery', 'a change of flags', 'an expunge', 'a copy', 'a move of one'],
  ...['an expunge that writes the list of UIDs anew', 'a create', 'a rename of INBOX'],
];
/** What is left on the disk, in pages; the index too needs some of them. */
const MOST_PAGES = 9;

const disk = mkdtempSync(join(tmpdir(), 'posthorn-full-'));
afterAll(() => rmSync(disk, { recursive: true, force: true }));
const canMount = tryTo(() => {
  mount();
  unmount();
});
if (!canMount) process.stderr.write('the tests on a disk that is full are skipped: this user may not mount one\n');

describe.skipIf(!canMount)('on a disk that has next to no room, files or index,', () => {
  const filler = join(disk, 'filler');
  const root = join(disk, 'mail');
  beforeAll(mount);
  afterAll(unmount);

  it.each(CASES)('%s is refused clearly or done, and nothing is lost', { timeout: 60_000 }, async (name) => {
    const { act, options = {} } = CRASH_CASES[name]!;
    const opened = async (work: (account: Account) => Promise<void>): Promise<void> => {
      const store = openMaildir(root, { fsync: false, ...options });
      await work(await store.open(ALICE));
      await store.close();
    };
    const start = scratchDirectory();
    await populate(start, options);
    const pictures: string[] = [];
    let refusals = 0;
    for (let pages = MOST_PAGES * 3; pages >= 0; pages = pages > MOST_PAGES ? MOST_PAGES : pages - 1) {
      cpSync(start, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      let follower: Awaited<ReturnType<typeof follow>>;
      let error: unknown;
      await opened(async (account) => {
        const before = JSON.stringify(await pictureOf(account));
        follower = await follow(account);
        const { bavail, bsize } = statfsSync(disk);
        writeFileSync(filler, Buffer.alloc((bavail - pages) * bsize));
        error = await act(account, root).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        rmSync(filler);
        if (error !== undefined) expect(error).toBeInstanceOf(StoreError);
        const after = JSON.stringify(await pictureOf(account));
        // With the most room it is done; later it is either that or nothing.
        if (pictures.length === 0) pictures.push(after, before);
        expect(error === undefined ? pictures.slice(0, 1) : pictures, `${pages} pages: ${String(error)}`).toContain(
          after,
        );
      });
      if (error !== undefined) refusals++;
      await opened(async (account) => {
        expect(pictures).toContain(JSON.stringify(await pictureOf(account)));
        await expectFollows(account, follower!);
        await expectGoesOn(account);
      });
      rmSync(root, { recursive: true });
    }
    expect(refusals).toBeGreaterThan(0);
  });
});

function mount(): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk], { stdio: 'ignore' });
}

function unmount(): void {
  execFileSync('umount', ['-l', disk], { stdio: 'ignore' });
}

function tryTo(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
