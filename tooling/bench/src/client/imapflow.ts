import { type Found, longestHold, measured, memoryInUse } from './measured.ts';
import { peerModule } from './peer-module.ts';
import { appendedMessage, BODIES, type Task, taskOf } from './task.ts';

interface Fetched {
  readonly uid: number;
  readonly envelope?: object;
  readonly bodyStructure?: object;
  readonly source?: Buffer;
}

interface ImapFlow {
  connect(): Promise<void>;
  logout(): Promise<void>;
  noop(): Promise<void>;
  mailboxOpen(path: string, options: { readonly readOnly: boolean }): Promise<unknown>;
  mailboxCreate(path: string): Promise<unknown>;
  mailboxDelete(path: string): Promise<unknown>;
  append(path: string, content: Buffer): Promise<unknown>;
  fetch(range: string, query: object): AsyncIterable<Fetched>;
  fetchOne(id: string, query: object, options: { readonly uid: boolean }): Promise<Fetched | false>;
}

const METADATA = { uid: true, flags: true, internalDate: true, size: true, envelope: true, bodyStructure: true };

/** Does a task with ImapFlow. */
async function run(task: Task): Promise<void> {
  const { port, user, password, work } = task;
  const { ImapFlow } = peerModule<{ ImapFlow: new (options: object) => ImapFlow }>('imapflow');
  const auth = { user, pass: password };
  const client = new ImapFlow({ host: '127.0.0.1', port, secure: false, doSTARTTLS: false, auth, logger: false });
  await client.connect();
  await client.mailboxOpen(work === 'bodies' ? BODIES : 'INBOX', { readOnly: true });
  if (work === 'appends') {
    // A run that was cut off leaves it behind.
    await client.mailboxDelete('Appended').catch(() => {});
    await client.mailboxCreate('Appended');
  }
  await measured(() => workOf(task, client));
  if (work === 'appends') await client.mailboxDelete('Appended');
  await client.logout();
}

function workOf({ work, count }: Task, client: ImapFlow): Promise<Found> {
  switch (work) {
    case 'metadata':
      return listed(client);
    case 'bodies':
      return read(client);
    case 'noops':
      return oneByOne(count, () => client.noop());
    case 'pipelined':
      return Promise.all(Array.from({ length: count }, () => client.noop())).then(() => ({ found: count }));
    case 'flags':
      return oneByOne(count, (index) => client.fetchOne(`${index + 1}`, { flags: true }, { uid: true }));
    case 'appends': {
      const body = appendedMessage();
      return oneByOne(count, () => client.append('Appended', body));
    }
    case 'kept':
      return kept(client);
    case 'held':
      return longestHold(() => listed(client));
    default:
      throw new Error(`ImapFlow is not measured at ${work}`);
  }
}

async function listed(client: ImapFlow): Promise<Found> {
  let found = 0;
  for await (const { uid, envelope, bodyStructure } of client.fetch('1:*', METADATA))
    if (uid > 0 && envelope !== undefined && bodyStructure !== undefined) found++;
  return { found };
}

async function read(client: ImapFlow): Promise<Found> {
  let found = 0;
  for await (const { source } of client.fetch('1:*', { source: true })) found += source?.length ?? 0;
  return { found };
}

async function kept(client: ImapFlow): Promise<Found> {
  const before = memoryInUse().heap;
  const messages: Fetched[] = [];
  for await (const message of client.fetch('1:*', METADATA)) messages.push(message);
  return { found: messages.length, extra: { heapPerMessage: (memoryInUse().heap - before) / messages.length } };
}

async function oneByOne(count: number, command: (index: number) => Promise<unknown>): Promise<Found> {
  for (let index = 0; index < count; index++)
    if ((await command(index)) === false) throw new Error(`command ${index} has no answer`);
  return { found: count };
}

await run(taskOf(process.argv));
