import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saysTheSame } from '../src/imap-answer.ts';
import { type ImapScript, playScript, type ScriptServer } from '../src/imap-script.ts';
import {
  type Dovecot,
  findDovecot,
  type ImapAccount,
  missingServer,
  startDovecot,
  startImapAccount,
} from '../src/index.ts';
import { MAILBOX_SCRIPTS } from '../src/scripts/mailboxes.ts';
import { MESSAGE_SCRIPTS } from '../src/scripts/messages.ts';
import { SEARCH_SCRIPTS } from '../src/scripts/searches.ts';
import { SESSION_SCRIPTS } from '../src/scripts/sessions.ts';

const hasDovecot = findDovecot() !== undefined;
if (!hasDovecot) missingServer('Dovecot', 'dovecot-imapd');

const PASSWORD = 'correct horse battery staple';

describe.skipIf(!hasDovecot)('answers as Dovecot does', () => {
  let folder: string;
  let dovecot: Dovecot;
  let reference: ScriptServer;
  const accounts: ImapAccount[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ph-'));
    await chmod(folder, 0o755);
    dovecot = await startDovecot({ folder, maildir: join(folder, 'mail'), user: 'alice', password: PASSWORD });
    reference = { port: dovecot.imapPort, user: 'alice', password: PASSWORD };
    accounts.push(await startImapAccount('memory'), await startImapAccount('maildir'));
  }, 60_000);

  afterAll(async () => {
    await Promise.all(accounts.map((account) => account.stop()));
    await dovecot?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** What is answered otherwise than by Dovecot without a verdict, or alike in spite of one. */
  async function surprises(script: ImapScript, box: string): Promise<readonly string[]> {
    const [expected, ...played] = await Promise.all(
      [reference, ...accounts].map((server) => playScript(server, script, box)),
    );
    return played.flatMap((steps, which) =>
      steps.flatMap(({ command, answer, verdict }, place) => {
        const { answer: wanted } = expected![place]!;
        if (saysTheSame(answer, wanted) === (verdict === undefined)) return [];
        const store = which === 0 ? 'memory' : 'maildir';
        return [[`${command} over ${store}`, ...answer, 'but Dovecot', ...wanted].join('\n')];
      }),
    );
  }

  const scripts = [...MAILBOX_SCRIPTS, ...MESSAGE_SCRIPTS, ...SEARCH_SCRIPTS, ...SESSION_SCRIPTS];

  it.each(scripts.map((script, place) => ({ ...script, box: `script${place + 10}` })))(
    '$name',
    { timeout: 60_000 },
    async ({ box, ...script }) => {
      expect(await surprises(script, box)).toEqual([]);
    },
  );
});
