import { join } from 'node:path';
import { accountId } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import type { BenchContext } from './bench.ts';
import { fillAccount, type MailPlan } from './mail.ts';
import { LOGIN, type Posthorn, posthornInMemory, posthornOver } from './servers.ts';

const PLAN: MailPlan = { size: 'small', inbox: 100, mailboxes: 0, messages: 0 };
const CONNECTIONS = 3_000;

/** What a connection costs that waits for a login, and one that is in IDLE. */
export async function connectionsBench({ folder, load }: BenchContext): Promise<string> {
  const source = join(folder, 'mail');
  const store = openMaildir(source, { fsync: false, index: false });
  await fillAccount(store, accountId(LOGIN.user), PLAN);
  await store.close();
  const lines: string[] = [];
  const servers = [() => posthornOver(source, join(folder, `ours${lines.length}`)), () => posthornInMemory(PLAN)];
  for (const start of servers) {
    for (const state of ['greeted', 'idling'] as const) {
      // Each in a fresh process, which has no memory of earlier connections to use again.
      const server = await start();
      const [rss, heap] = await cost(server, (connections) =>
        load.run({ type: 'hold', connections, state, ...server.account }),
      );
      await load.run({ type: 'release' });
      await server.stop();
      const what = state === 'greeted' ? 'before login' : 'in IDLE';
      lines.push(`| ${server.name}, ${what} | ${kib(rss)} | ${kib(heap)} |`);
    }
  }
  return [
    `### One of ${CONNECTIONS} connections, an INBOX of ${PLAN.inbox} messages`,
    '',
    '|  | KiB resident | KiB of heap |',
    '| --- | ---: | ---: |',
    ...lines,
    '',
  ].join('\n');
}

/** Octets for each connection, once the first ones have paid for what all share. */
async function cost(server: Posthorn, open: (connections: number) => Promise<unknown>): Promise<[number, number]> {
  await open(500);
  const before = await server.memory();
  await open(CONNECTIONS);
  const after = await server.memory();
  return [(after.rss - before.rss) / CONNECTIONS, (after.heap - before.heap) / CONNECTIONS];
}

function kib(octets: number): string {
  return (octets / 1024).toFixed(1);
}
