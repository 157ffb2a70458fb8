// Serves mail in a process of its own; tells its port, and what memory it uses when asked.
import { accountId, type MailStore } from '@posthorn/core';
import { serveImap } from '@posthorn/imap-server';
import { openMaildir } from '@posthorn/maildir';
import { memoryStore } from '@posthorn/memory';
import { fillAccount } from './mail.ts';

const [kind = '', place = '', user = '', password = ''] = process.argv.slice(2);

/** All connections come from one address and one user. */
const MANY = 10_000;

/** What one process says of its memory, after a collection of garbage: octets. */
export interface MemoryReport {
  readonly rss: number;
  readonly heap: number;
}

const server = await serveImap({
  store: kind === 'memory' ? await inMemory() : openMaildir(place, { logger: { ...console, debug: () => {} } }),
  authenticator: {
    checkPassword: async (name, secret) => (name === user && secret === password ? accountId(user) : undefined),
  },
  allowInsecureAuth: true,
  limits: {
    maxConnectionsPerAddress: MANY,
    maxConnectionsBeforeLogin: MANY,
    maxConnectionsBeforeLoginPerAddress: MANY,
    maxConnectionsPerUser: MANY,
  },
});
process.on('message', () => {
  for (let round = 0; round < 4; round++) globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send!({ rss, heap: heapUsed + external } satisfies MemoryReport);
});
process.on('disconnect', () => process.exit());
process.send!(server.port);

async function inMemory(): Promise<MailStore> {
  const store = memoryStore();
  await fillAccount(store, accountId(user), JSON.parse(place));
  return store;
}
