import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type MaildirTree,
  maildirTree,
  type OwnServer,
  runCommand,
  startCommand,
  startOwnServer,
} from '../src/index.ts';

const TARGETS = 25;
const KILLS_EACH = 2;

describe('posthorn sync, killed', () => {
  let folder: string;
  let own: OwnServer;
  let environment: Record<string, string>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'posthorn-kill-'));
    own = await startOwnServer({ messages: 1_200 });
    environment = { POSTHORN_PASSWORD: own.password };
  }, 60_000);
  afterAll(async () => {
    await own?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const args = (target: string) => [
    ...['sync', `imap://${own.user}@127.0.0.1:${own.server.port}`, `maildir:${target}`],
    ...['--plaintext', '--json'],
  ];

  it(`at ${TARGETS * KILLS_EACH} random moments ends like a run that was left alone`, async () => {
    const calm = join(folder, 'calm');
    const undisturbed = await runCommand(args(calm), environment);
    expect(undisturbed).toMatchObject({ exitCode: 0, stderr: '' });
    const expected = await maildirTree(calm);
    expect(expected.leftovers).toEqual([]);
    const whole = filesIn(calm);

    let killedAtWork = 0;
    for (let each = 0; each < TARGETS; each++) {
      const target = join(folder, `target-${each}`);
      for (let kill = 0; kill < KILLS_EACH; kill++) {
        const child = startCommand(args(target), environment);
        const ended = once(child, 'exit');
        // Somewhere in what is left to do, however fast the machine is.
        const present = filesIn(target);
        const moment = present + Math.random() * (whole - present);
        while (child.exitCode === null && filesIn(target) < moment) await wait(5 + Math.random() * 15);
        if (child.kill('SIGKILL')) killedAtWork += 1;
        await ended;
      }
      const { exitCode, stderr } = await runCommand(args(target), environment);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(withoutLocks(await maildirTree(target))).toEqual(expected);
    }
    // The last files of a run may be there before it is seen.
    expect(killedAtWork).toBeGreaterThan(TARGETS / 2);

    const again = await runCommand(args(join(folder, 'target-0')), environment);
    expect(again.events.at(-1)).toMatchObject({ event: 'done', added: 0, flagsChanged: 0, removed: 0 });
  }, 300_000);
});

/** A run that finds nothing left to do in a mailbox leaves the lock of a dead process there to who needs it next. */
function withoutLocks({ folders, leftovers }: MaildirTree): MaildirTree {
  const unlocked = Object.entries(folders).map(([name, folder]) => {
    const others = folder.others.filter((file) => file !== 'dovecot-uidlist.lock');
    return [name, { ...folder, others }] as const;
  });
  return { folders: Object.fromEntries(unlocked), leftovers };
}

/** How many files there are, finished or not; none while folders come and go. */
function filesIn(directory: string): number {
  try {
    return readdirSync(directory, { recursive: true }).length;
  } catch {
    return 0;
  }
}
