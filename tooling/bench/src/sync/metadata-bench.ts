import { fileURLToPath } from 'node:url';
import { compare, comparisonText, timeCommand } from '../timing.ts';
import type { Account } from './sync-bench.ts';

const SCRIPTS = new URL('./', import.meta.url);

/** UID, flags, date, size, envelope and structure of every message, each client in a process of its own. */
export async function metadataBench({ dovecot, user, password, messages }: Account, rounds: number): Promise<string> {
  const contender = (name: string, script: string) => ({
    name,
    run: () =>
      timeCommand([process.execPath, fileURLToPath(new URL(script, SCRIPTS))], {
        BENCH_PORT: String(dovecot.imapPort),
        BENCH_USER: user,
        BENCH_PASSWORD: password,
        BENCH_MESSAGES: String(messages),
      }),
  });
  const comparison = await compare(
    contender('imap-client', 'list-with-posthorn.js'),
    contender('ImapFlow', '../../peers/list-with-imapflow.js'),
    rounds,
  );
  return comparisonText(`FETCH of the metadata of ${messages} messages from Dovecot, whole process`, comparison);
}
