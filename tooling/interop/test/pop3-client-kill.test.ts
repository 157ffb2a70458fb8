import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { generateMessages } from '@posthorn/corpus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DovecotPop3, filesOf, hasDovecotPop3, startDovecotPop3 } from '../src/dovecot-pop3.ts';
import { maildirTree, missingServer, runCommand, startCommand } from '../src/index.ts';

const MESSAGES = 300;
const KILLS = 12;
const PASSWORD = 'correct horse battery staple';
const isThere = await hasDovecotPop3();
if (!isThere) missingServer('Dovecot with POP3', 'dovecot-pop3d');

describe.skipIf(!isThere)('posthorn sync of a POP3 maildrop, killed', () => {
  let folder: string;
  let dovecot: DovecotPop3;
  const messages = Array.from(generateMessages({ seed: 9, count: MESSAGES, size: 'small' }), ({ bytes }) => bytes);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ph-'));
    dovecot = await startDovecotPop3({ folder, user: 'alice', password: PASSWORD, messages });
    await writeFile(join(folder, 'ca.pem'), dovecot.ca);
  }, 60_000);

  afterAll(async () => {
    await dovecot?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it(`at ${KILLS} random moments loses and repeats nothing, and deletes what is stored`, async () => {
    const target = join(folder, 'target');
    const environment = { POSTHORN_PASSWORD: PASSWORD };
    const source = `pop3s://alice@127.0.0.1:${dovecot.pop3sPort}`;
    const args = ['sync', source, `maildir:${target}`, '--tls-ca', join(folder, 'ca.pem'), '--json'];
    const calm = await runCommand(
      [...args.slice(0, 2), `maildir:${join(folder, 'calm')}`, ...args.slice(3)],
      environment,
    );
    expect(calm).toMatchObject({ exitCode: 0, stderr: '' });
    const started = performance.now();
    expect(await runCommand([...args.slice(0, 2), 'memory:', ...args.slice(3)], environment)).toMatchObject({
      exitCode: 0,
    });
    const duration = performance.now() - started;

    for (let kill = 0; kill < KILLS; kill++) {
      const child = startCommand([...args, '--delete-after', '0'], environment);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await wait((0.3 + 0.9 * Math.random()) * duration);
      child.kill('SIGKILL');
      await ended;
    }
    // The session of the one that was killed last may hold the maildrop for a moment.
    let last = await runCommand([...args, '--delete-after', '0'], environment);
    for (let again = 0; again < 20 && last.exitCode === 3; again++) {
      await wait(500);
      last = await runCommand([...args, '--delete-after', '0'], environment);
    }
    expect(last.exitCode).toBe(0);
    expect(await filesOf(folder)).toEqual([]);
    const expected = await textsIn(join(folder, 'calm'));
    expect(expected).toHaveLength(MESSAGES);
    expect(await textsIn(target)).toEqual(expected);
    expect((await maildirTree(target)).leftovers).toEqual([]);
  }, 300_000);
});

/** The messages of a Maildir, in the order of their octets. */
async function textsIn(root: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const part of ['cur', 'new']) {
    for (const name of await readdir(join(root, part))) texts.push(await readFile(join(root, part, name), 'latin1'));
  }
  return texts.sort();
}
