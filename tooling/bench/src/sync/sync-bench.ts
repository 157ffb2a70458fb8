import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Dovecot } from '@posthorn/interop';
import { type Contender, compare, comparisonText, timeCommand } from '../timing.ts';

export interface Account {
  readonly dovecot: Dovecot;
  readonly user: string;
  readonly password: string;
  readonly messages: number;
}

const POSTHORN = fileURLToPath(new URL('../../../../packages/cli/bin/posthorn.js', import.meta.url));

/** `posthorn sync` of the whole account into a fresh Maildir, against `mbsync` doing the same. Both fsync. */
export async function syncBench(folder: string, account: Account, rounds: number): Promise<string> {
  const comparison = await compare(posthorn(folder, account), mbsync(folder, account), rounds);
  return comparisonText(`sync of ${account.messages} small messages from Dovecot into a fresh Maildir`, comparison);
}

function posthorn(folder: string, { dovecot, user, password }: Account): Contender {
  return {
    name: 'posthorn sync',
    run: async () => {
      const target = await mkdtemp(join(folder, 'posthorn-'));
      const source = `imap://${user}@127.0.0.1:${dovecot.imapPort}`;
      const command = [process.execPath, POSTHORN, 'sync', source, `maildir:${target}`, '--plaintext', '--json'];
      const cost = await timeCommand(command, { POSTHORN_PASSWORD: password });
      await rm(target, { recursive: true });
      return cost;
    },
  };
}

function mbsync(folder: string, { dovecot, user, password }: Account): Contender {
  return {
    name: 'mbsync',
    run: async () => {
      const target = await mkdtemp(join(folder, 'mbsync-'));
      const configuration = join(target, 'mbsyncrc');
      await writeFile(
        configuration,
        `IMAPAccount source
Host 127.0.0.1
Port ${dovecot.imapPort}
User ${user}
Pass ${password}
SSLType None
AuthMechs LOGIN

IMAPStore source
Account source

MaildirStore target
Inbox ${target}/INBOX
SubFolders Maildir++

Channel all
Far :source:
Near :target:
Patterns *
Create Near
Sync Pull
SyncState *
`,
      );
      const cost = await timeCommand(['mbsync', '-q', '-c', configuration, '-a']);
      await rm(target, { recursive: true });
      return cost;
    },
  };
}
