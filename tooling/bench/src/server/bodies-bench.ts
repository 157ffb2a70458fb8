import { join } from 'node:path';
import { accountId } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import type { BenchContext } from './bench.ts';
import { ratioTable } from './figures.ts';
import { fillAccount } from './mail.ts';
import { dovecotOver, LOGIN, posthornOver } from './servers.ts';
import { PROCESSOR_HEADINGS, processorCells, takeTurns } from './take-turns.ts';

const MESSAGES = 4_000;

/** Whole messages of one mailbox, and the most memory that took. */
export async function bodiesBench({ folder, load, rounds }: BenchContext): Promise<string> {
  const source = join(folder, 'mail');
  const store = openMaildir(source, { fsync: false, index: false });
  await fillAccount(store, accountId(LOGIN.user), { size: 'realistic', inbox: MESSAGES, mailboxes: 0, messages: 0 });
  await store.close();
  const posthorn = await posthornOver(source, join(folder, 'ours'));
  const servers = [posthorn, await dovecotOver(source, join(folder, 'd'))];
  const { rss } = await posthorn.memory();
  let peak = 0;
  const runs = await takeTurns(servers, { rounds: 2 * rounds, warmUpRounds: 3 }, async ({ account }, round) => {
    const result = await load.run({ type: 'fetch', command: 'FETCH 1:* (UID BODY.PEEK[])', ...account });
    if (round > 0) peak = Math.max(peak, await posthorn.peak());
    return result;
  });
  const rows = runs.map((results, index) => ({
    name: servers[index]!.name,
    values: results.map(({ octets, milliseconds }) => octets / milliseconds / 1e3),
    more: processorCells(runs, index),
  }));
  const size = (runs[0]![0]!.octets / 1e6).toFixed(0);
  const memory = `Peak of our process: ${(peak / 2 ** 20).toFixed(0)} MiB; at rest before ${(rss / 2 ** 20).toFixed(0)} MiB.\n`;
  return `${ratioTable(`Bodies of ${MESSAGES} messages, ${size} MB`, 'MB/s', rows, PROCESSOR_HEADINGS)}\n${memory}`;
}
