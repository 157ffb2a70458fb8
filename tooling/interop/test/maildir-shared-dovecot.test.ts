import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { accountId } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import { describe, expect, it } from 'vitest';
import {
  checkpoint,
  dovecotParty,
  findDovecot,
  isMandatory,
  KINDS_OF_WORK,
  MOVING,
  missingServer,
  type Party,
  SharedLedger,
  startDovecot,
  storeParty,
  workUntil,
} from '../src/index.ts';

const PASSWORD = 'correct horse battery staple';
/** `POSTHORN_SHARED_SECONDS` says for how long, and prints how much was done. */
const SECONDS = Number(process.env['POSTHORN_SHARED_SECONDS'] ?? (isMandatory ? 60 : 12));
const CHECKPOINTS = Math.max(2, Math.round(SECONDS / 6));
const SESSIONS = 2;
const PAUSE_MS = 40;
const FAULTS = /corrupt|broken|error|panic|fatal|duplicate|expunged/i;
/** Dovecot says so of a mailbox that the other deletes while it writes an index of its own there. */
const GONE = /\.Fleeting\.[^ ]*dovecot\.index[^ ]*\) failed: No such file or directory$/;

const hasDovecot = findDovecot() !== undefined;
if (!hasDovecot) missingServer('Dovecot', 'dovecot-imapd');

describe.skipIf(!hasDovecot)(`a Maildir that Dovecot and the store change at once for ${SECONDS} seconds`, () => {
  it.concurrent.each([true, false])(
    'is the same to both, with index: %s',
    async (index) => {
      const folder = await mkdtemp(join(tmpdir(), 'ph-'));
      await chmod(folder, 0o755);
      const maildir = join(folder, 'mail');
      await mkdir(maildir);
      const dovecot = await startDovecot({ folder: join(folder, 'd'), maildir, user: 'alice', password: PASSWORD });
      // Dovecot runs as another user where the tests run as root: both share the files by their group.
      await chmod(maildir, 0o2770);
      const store = openMaildir(maildir, { index });
      const account = await store.open(accountId('alice'));
      const sessions = await Promise.all(
        Array.from({ length: SESSIONS }, () =>
          dovecotParty({
            host: '127.0.0.1',
            port: dovecot.imapPort,
            security: 'none',
            allowInsecureAuth: true,
            auth: { user: 'alice', password: PASSWORD },
          }),
        ),
      );
      const ours = storeParty(account);
      const ledger = new SharedLedger();
      try {
        await sessions[0]!.create(MOVING[0]!);
        await ours.create(MOVING[1]!);
        for (let round = 0; round < CHECKPOINTS; round++) {
          const controller = new AbortController();
          const workers: (readonly [Party, string])[] = [
            ...sessions.map((session, number) => [session, `$Dovecot${number}`] as const),
            ...sessions.map((_, number) => [ours, `$Store${number}`] as const),
          ];
          const work = workers.map(([party, own]) => workUntil(controller.signal, party, own, ledger, PAUSE_MS));
          await wait((SECONDS * 1_000) / CHECKPOINTS);
          controller.abort();
          await Promise.all(work);
          await checkpoint([sessions[0]!, ours], ledger);
        }
        const log = await dovecot.log();
        expect([...ledger.faults]).toEqual([]);
        expect(log.split('\n').filter((line) => FAULTS.test(line) && !GONE.test(line))).toEqual([]);
        expect([...ledger.counts.keys()].sort()).toEqual(
          [sessions[0]!, ours].flatMap(({ name }) => KINDS_OF_WORK.map((kind) => `${name}: ${kind}`)).sort(),
        );
        if (process.env['POSTHORN_SHARED_SECONDS'] !== undefined) {
          const counts = JSON.stringify(Object.fromEntries(ledger.counts));
          process.stderr.write(
            `${ledger.operations} operations, ${CHECKPOINTS} checkpoints, index ${index}: ${counts}\n`,
          );
        }
      } finally {
        for (const session of sessions) await session.close().catch(() => {});
        await store.close();
        await dovecot.stop();
        await rm(folder, { recursive: true, force: true });
      }
    },
    SECONDS * 1_000 + 60_000,
  );
});
