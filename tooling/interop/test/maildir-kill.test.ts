import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Account, accountId, type Cursor } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import { findProgram } from '@posthorn/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingServer, type Party, runProgram, sharedMessage, storeParty } from '../src/index.ts';

/** With `POSTHORN_EVERY_KILL` the program is killed before each write, else before some, and says how many. */
const isThorough = process.env['POSTHORN_EVERY_KILL'] !== undefined;
const KILLS_EACH = 3;
const PROGRAM = fileURLToPath(new URL('../programs/maildir_change.mjs', import.meta.url));
const CHANGES = [
  ...['append', 'append several', 'flags', 'expunge', 'copy', 'move'],
  ...['create', 'rename', 'rename INBOX', 'delete'],
];
/** Every call by which a process changes what is on the disk; the index, LMDB, writes by these too. */
const WRITES = [
  ...['write', 'pwrite64', 'writev', 'pwritev', 'pwritev2', 'rename', 'renameat', 'renameat2', 'link', 'linkat'],
  ...['unlink', 'unlinkat', 'mkdir', 'mkdirat', 'rmdir', 'ftruncate', 'fallocate', 'utimensat', 'msync'],
]
  .map((name) => `?${name}`)
  .join(',');

const strace = findProgram(['strace']);
if (strace === undefined) missingServer('strace', 'strace');
const canTrace = strace !== undefined && (await runProgram(strace, ['-qq', '-e', 'trace=none', 'true'])).exitCode === 0;
if (strace !== undefined && !canTrace)
  process.stderr.write('the tests that kill at system calls are skipped: this user may not trace processes\n');

describe.skipIf(!canTrace)('a process that changes a Maildir, killed before a write to the files or the index,', () => {
  let folder: string;
  let start: string;
  let cursor: Cursor;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ph-kill-'));
    start = join(folder, 'start');
    await opened(start, async (account, party) => {
      await account.create(['Target']);
      await account.create(['Target', 'Child']);
      for (const token of ['a', 'b', 'c']) await party.deliver('INBOX', sharedMessage(token), [`$${token}`]);
      await party.deliver('Target', sharedMessage('t'), ['\\Seen']);
      cursor = (await (await account.mailbox(['INBOX'])).changes(undefined)).cursor;
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(CHANGES)(
    '%s: leaves what was, or what was to be',
    async (change) => {
      const before = await opened(start, (_, party) => pictureOf(party));
      const whole = await run(change, []);
      const after = await opened(whole.root, (_, party) => pictureOf(party));
      expect(after).not.toBe(before);
      const step = isThorough ? 1 : Math.ceil(whole.writes.length / KILLS_EACH);
      const offset = Math.floor(Math.random() * step);
      const chosen = whole.writes.filter((_, index) => index % step === offset);
      for (const { call, nth } of chosen) {
        const at = `${change}, killed before ${call} ${nth}`;
        const { root, isKilled } = await run(change, ['-e', `inject=${call}:signal=SIGKILL:when=${nth}`]);
        expect([at, isKilled]).toEqual([at, true]);
        await opened(root, async (account, party) => {
          expect([before, after], at).toContain(await pictureOf(party));
          await expectFollows(account, party);
          await party.deliver('INBOX', sharedMessage('later'), []);
          expect((await party.look('INBOX'))!.at(-1)?.token).toBe('later');
        });
        await rm(root, { recursive: true });
      }
      if (isThorough) process.stderr.write(`${change}: killed before each of ${chosen.length} writes\n`);
    },
    600_000,
  );

  /** Runs the change on a copy. */
  async function run(change: string, inject: readonly string[]) {
    const root = await mkdtemp(join(folder, 'run-'));
    const [mail, marks, log] = [join(root, 'mail'), join(root, 'marks'), join(root, 'log')];
    await cp(start, mail, { recursive: true, preserveTimestamps: true });
    await mkdir(marks);
    const tracing = ['-f', '-qq', '-o', log, '-e', `trace=${WRITES}`, ...inject];
    const { exitCode, stderr } = await runProgram(strace!, [
      ...tracing,
      process.execPath,
      PROGRAM,
      mail,
      marks,
      change,
    ]);
    expect([inject.length > 0 ? 0 : exitCode, stderr]).toEqual([0, '']);
    return { root: mail, writes: writesIn(await readFile(log, 'latin1')), isKilled: exitCode === null };
  }

  async function expectFollows(account: Account, party: Party): Promise<void> {
    const page = await (await account.mailbox(['INBOX'])).changes(cursor);
    expect(page.complete).toBe(true);
    const known = new Set([1, 2, 3, ...page.added.map(({ uid }) => Number(uid))]);
    const { bounds } = page.vanished;
    for (let index = 0; index < bounds.length; index += 2)
      for (let uid = bounds[index]!; uid <= bounds[index + 1]!; uid++) known.delete(uid);
    expect([...known]).toEqual((await party.look('INBOX'))!.map(({ uid }) => uid));
  }
});

async function opened<Result>(
  root: string,
  work: (account: Account, party: Party) => Promise<Result>,
): Promise<Result> {
  const store = openMaildir(root);
  try {
    const account = await store.open(accountId('alice'));
    return await work(account, storeParty(account));
  } finally {
    await store.close();
  }
}

/** All mail there is, without what an attempt may use up. */
async function pictureOf(party: Party): Promise<string> {
  const found: string[] = [];
  for (const mailbox of await party.mailboxes()) {
    const { messages } = (await party.lookClosely(mailbox))!;
    found.push(`${mailbox}: ${messages.map((each) => JSON.stringify(each)).join(' ')}`);
  }
  return found.join('\n');
}

/** The writes between the two marks, by the name of the call and how many of that name there were before. */
function writesIn(log: string): readonly { readonly call: string; readonly nth: number }[] {
  const writes: { call: string; nth: number }[] = [];
  const counts = new Map<string, number>();
  // Calls are counted for each thread apart; all but waiting for the disk is done by the first.
  const thread = /^\d+/.exec(log)?.[0];
  let isBegun = false;
  for (const line of log.split('\n')) {
    const [, pid, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (pid !== thread || call === undefined) continue;
    const nth = (counts.get(call) ?? 0) + 1;
    counts.set(call, nth);
    if (isBegun) writes.push({ call, nth });
    if (line.includes('/marks/begun')) isBegun = true;
    if (line.includes('/marks/done')) return writes;
  }
  return writes;
}
