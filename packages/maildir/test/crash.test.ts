import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { CRASH_CASES, expectFollows, expectGoesOn, follow, pictureOf, populate } from './crash-cases.ts';
import { watchFs } from './fs-shim.ts';
import { killedNow, names, openAccount, scratchDirectory } from './support.ts';

vi.mock('node:fs', async (original) => (await import('./fs-shim.ts')).wrapFs(await original()));
vi.mock('node:fs/promises', async (original) => (await import('./fs-shim.ts')).wrapFs(await original()));

/** `POSTHORN_FIGURES` prints how many writes there were. */
const printsFigures = process.env['POSTHORN_FIGURES'] !== undefined;

// What the disk holds before each write is what a process leaves behind that is killed there: nothing is kept back.
describe('killed before any write, of which each may be cut in two,', () => {
  for (const [name, { act, options = {} }] of Object.entries(CRASH_CASES)) {
    it(`${name} happened wholly or not at all, and the account goes on`, { timeout: 120_000 }, async () => {
      const [root, copies] = [scratchDirectory(), scratchDirectory()];
      await populate(root, options);
      const account = await openAccount(root, options);
      const [before, follower] = [await pictureOf(account), await follow(account)];
      const killed: string[] = [];
      watchFs(({ isWrite, name: call }) => {
        if (!isWrite) return undefined;
        const copy = mkdtempSync(join(copies, `${call}-`));
        killedNow(root, copy);
        killed.push(copy);
        return 'short';
      });
      try {
        await act(account, root);
      } finally {
        watchFs(undefined);
      }
      const after = await pictureOf(account);
      await account.close();
      expect(after).not.toEqual(name === 'a claim' ? undefined : before);
      expect(killed.length).toBeGreaterThan(2);
      if (printsFigures) process.stderr.write(`${name}: killed at ${killed.length} writes\n`);
      const unlike = new Set<string>();
      for (const [index, copy] of killed.entries()) {
        const opened = await openAccount(copy, options);
        const picture = JSON.stringify(await pictureOf(opened));
        if (![before, after].some((each) => JSON.stringify(each) === picture))
          unlike.add(`killed before write ${index}, ${copy}: ${picture}`);
        await expectFollows(opened, follower);
        await expectGoesOn(opened);
        expect(names(copy).filter((each) => each.startsWith('..'))).toEqual([]);
        await opened.close();
        rmSync(copy, { recursive: true });
      }
      expect([...unlike], `either ${JSON.stringify(before)} or ${JSON.stringify(after)}`).toEqual([]);
      expect(names(root)).not.toContain('posthorn-journal');
    });
  }
});
