import { join } from 'node:path';
import { accountId } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import type { BenchContext } from './bench.ts';
import { ratioTable } from './figures.ts';
import { fillAccount } from './mail.ts';
import { dovecotOver, LOGIN, posthornOver } from './servers.ts';
import { PROCESSOR_HEADINGS, processorCells, takeTurns } from './take-turns.ts';

const MESSAGES = 10_000;
const COMMAND = 'FETCH 1:* (FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)';

/** Metadata that both servers have looked up before. */
export async function metadataBench({ folder, load, rounds }: BenchContext): Promise<string> {
  const source = join(folder, 'mail');
  const store = openMaildir(source, { fsync: false, index: false });
  await fillAccount(store, accountId(LOGIN.user), { size: 'small', inbox: MESSAGES, mailboxes: 0, messages: 0 });
  await store.close();
  const servers = [await posthornOver(source, join(folder, 'ours')), await dovecotOver(source, join(folder, 'd'))];
  const runs = await takeTurns(servers, { rounds: 2 * rounds, warmUpRounds: 3 }, ({ account }) =>
    load.run({ type: 'fetch', command: COMMAND, ...account }),
  );
  const rows = runs.map((results, index) => ({
    name: servers[index]!.name,
    values: results.map(({ milliseconds }) => milliseconds),
    more: [(results[0]!.octets / 1e6).toFixed(2), ...processorCells(runs, index)],
  }));
  return ratioTable(`Metadata of ${MESSAGES} messages, warm`, 'ms', rows, ['MB', ...PROCESSOR_HEADINGS]);
}
