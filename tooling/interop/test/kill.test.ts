import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maildirTree, type OwnServer, runCommand, startCommand, startOwnServer } from '../src/index.ts';

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
    const started = performance.now();
    const undisturbed = await runCommand(args(calm), environment);
    const duration = performance.now() - started;
    expect(undisturbed).toMatchObject({ exitCode: 0, stderr: '' });
    const expected = await maildirTree(calm);
    expect(expected.leftovers).toEqual([]);

    let killedAtWork = 0;
    for (let each = 0; each < TARGETS; each++) {
      const target = join(folder, `target-${each}`);
      for (let kill = 0; kill < KILLS_EACH; kill++) {
        const child = startCommand(args(target), environment);
        const ended = new Promise((resolve) => child.once('exit', resolve));
        // From when it has started up until it would be done: then most kills come while it is at work.
        await wait((0.2 + 0.7 * Math.random()) * duration);
        if (child.kill('SIGKILL')) killedAtWork += 1;
        await ended;
      }
      const { exitCode, stderr } = await runCommand(args(target), environment);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(await maildirTree(target)).toEqual(expected);
    }
    // Hitting a run at work is a matter of chance, more so on a busy machine; without any the test would show nothing.
    expect(killedAtWork).toBeGreaterThan(TARGETS / 2);

    const again = await runCommand(args(join(folder, 'target-0')), environment);
    expect(again.events.at(-1)).toMatchObject({ event: 'done', added: 0, flagsChanged: 0, removed: 0 });
  }, 300_000);
});
