import { join } from 'node:path';
import { accountId } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import type { BenchContext } from './bench.ts';
import { median, percentile, ratioTable } from './figures.ts';
import type { LoadResult } from './load.ts';
import { fillAccount, type MailPlan } from './mail.ts';
import { dovecotOver, LOGIN, PROCESSORS, posthornInMemory, posthornOver } from './servers.ts';
import { PROCESSOR_HEADINGS, processorCells, takeTurns } from './take-turns.ts';

const PLAN: MailPlan = { size: 'small', inbox: 100, mailboxes: 10, messages: 200 };
const CONNECTIONS = 100;
/** Of each connection in one round: mailboxes grow by the same for all. */
const OPERATIONS = 60;

/** SELECT, NOOP, FETCH, STORE and APPEND from many connections at once. */
export async function mixBench({ folder, load, rounds }: BenchContext): Promise<string> {
  const source = join(folder, 'mail');
  const store = openMaildir(source, { fsync: false, index: false });
  await fillAccount(store, accountId(LOGIN.user), PLAN);
  await store.close();
  const servers = [
    await posthornOver(source, join(folder, 'ours')),
    await posthornOver(source, join(folder, 'many'), PROCESSORS),
    await posthornInMemory(PLAN),
    await dovecotOver(source, join(folder, 'd')),
  ];
  const { mailboxes, messages } = PLAN;
  const runs = await takeTurns(servers, { rounds, warmUpRounds: 1 }, ({ account }, round) =>
    load.run({
      type: 'mix',
      connections: CONNECTIONS,
      operations: OPERATIONS,
      mailboxes,
      messages,
      seed: round,
      ...account,
    }),
  );
  const rows = runs.map((results, index) => ({
    name: servers[index]!.name,
    values: results.map(({ latencies, milliseconds }) => (latencies.length / milliseconds) * 1000),
    more: [...[0.5, 0.99].map((share) => latency(results, share)), ...processorCells(runs, index)],
  }));
  const title = `SELECT, NOOP, FETCH, STORE and APPEND on ${CONNECTIONS} connections`;
  return ratioTable(title, 'operations/s', rows, ['p50, ms', 'p99, ms', ...PROCESSOR_HEADINGS]);
}

function latency(results: readonly LoadResult[], share: number): string {
  return median(results.map(({ latencies }) => percentile(latencies, share))).toFixed(1);
}
