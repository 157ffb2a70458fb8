import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { accountId } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  dovecotParty,
  findDovecot,
  missingServer,
  runCommand,
  sharedMessage,
  startCommand,
  startDovecot,
  storeParty,
} from '../src/index.ts';

const PROCESSES = 16;
/** `POSTHORN_DELIVERIES` says how many messages each of them delivers, one after the other. */
const EACH = Number(process.env['POSTHORN_DELIVERIES'] ?? 2);
const PASSWORD = 'correct horse battery staple';

const hasDovecot = findDovecot() !== undefined;
if (!hasDovecot) missingServer('Dovecot', 'dovecot-imapd');

let folder: string;
let maildir: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ph-'));
  await chmod(folder, 0o755);
  maildir = join(folder, 'mail');
  await mkdir(maildir);
  await chmod(maildir, 0o2770);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('posthorn deliver', () => {
  it.skipIf(!hasDovecot)(
    `loses nothing from ${PROCESSES} processes at once, while Dovecot and the store give UIDs`,
    { timeout: 120_000 + EACH * 20_000 },
    async () => {
      const dovecot = await startDovecot({ folder: join(folder, 'd'), maildir, user: 'alice', password: PASSWORD });
      await chmod(maildir, 0o2770);
      const store = openMaildir(maildir);
      const ours = storeParty(await store.open(accountId('alice')));
      const theirs = await dovecotParty({
        host: '127.0.0.1',
        port: dovecot.imapPort,
        security: 'none',
        allowInsecureAuth: true,
        auth: { user: 'alice', password: PASSWORD },
      });
      const tokens = Array.from({ length: PROCESSES }, (_, process) =>
        Array.from({ length: EACH }, (_each, index) => `delivery-${process}-${index}`),
      );
      const uids = new Map<string, number>();
      let isDone = false;
      const look = async (): Promise<void> => {
        for (const party of [ours, theirs]) {
          for (const { uid, token } of (await party.look('INBOX'))!) {
            expect([token, uids.get(token) ?? uid]).toEqual([token, uid]);
            uids.set(token, uid);
          }
        }
      };
      const looking = (async () => {
        for (; !isDone; await wait(50)) await look();
      })();
      try {
        await Promise.all(
          tokens.map(async (own) => {
            for (const token of own) expect(await deliver(token, '--flags', '$Delivered')).toBe(0);
          }),
        );
        isDone = true;
        await looking;
        await look();
        const all = tokens.flat();
        const seen = (await theirs.lookClosely('INBOX'))!;
        expect(await ours.lookClosely('INBOX')).toEqual(seen);
        expect(seen.messages.map(({ token }) => token).sort()).toEqual(all.toSorted());
        expect(new Set(seen.messages.map(({ uid }) => uid)).size).toBe(all.length);
        for (const { token, octets, flags } of seen.messages)
          expect([octets, flags]).toEqual([Buffer.from(sharedMessage(token).octets).toString(), ['$delivered']]);
        expect(await readdir(join(maildir, 'tmp'))).toEqual([]);
        expect((await dovecot.log()).split('\n').filter((line) => /error|corrupt|warning/i.test(line))).toEqual([]);
      } finally {
        isDone = true;
        await looking.catch(() => {});
        await theirs.close();
        await store.close();
        await dovecot.stop();
      }
    },
  );

  it('killed before its input ends leaves no message', { timeout: 60_000 }, async () => {
    const { child, ended } = await halfDelivered();
    child.kill('SIGKILL');
    await ended;
    expect([...(await readdir(join(maildir, 'new'))), ...(await readdir(join(maildir, 'cur')))]).toEqual([]);
    const { exitCode, stderr } = await runCommand(['deliver', '--maildir', maildir, '--folder', 'missing']);
    expect([exitCode, stderr]).toEqual([73, expect.stringMatching(/^posthorn: .*no such mailbox.*\n$/)]);
  });

  it('interrupted by SIGTERM asks to try again, and leaves nothing', { timeout: 60_000 }, async () => {
    const { child, ended } = await halfDelivered();
    child.kill('SIGTERM');
    expect(await ended).toBe(75);
    for (const place of ['tmp', 'new', 'cur']) expect(await readdir(join(maildir, place))).toEqual([]);
  });
});

/** The command under way: it has begun to write a message whose end does not come. */
async function halfDelivered() {
  const child = startCommand(['deliver', '--maildir', maildir]);
  child.stdin.write('Subject: half\n\n');
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const isWriting = async (): Promise<boolean> => (await readdir(join(maildir, 'tmp')).catch(() => [])).length > 0;
  while (child.exitCode === null && !(await isWriting())) await wait(20);
  expect(child.exitCode).toBe(null);
  return { child, ended };
}

/** Runs the command on the message of a name. @returns its exit code */
function deliver(token: string, ...args: string[]): Promise<number | null> {
  const child = startCommand(['deliver', '--maildir', maildir, ...args]);
  child.stdin.end(sharedMessage(token).octets);
  return new Promise((resolve) => child.once('close', resolve));
}
