import { connect, type ImapClient, type SelectedMailbox } from '@posthorn/imap-client';
import { type Found, longestHold, measured, memoryInUse } from './measured.ts';
import { appendedMessage, BODIES, LARGE, type Task, taskOf } from './task.ts';

const METADATA = { flags: true, internalDate: true, size: true, envelope: true, bodyStructure: true } as const;
/** A slow reader stops after so many octets, for so long. */
const PAUSE_BYTES = 8 * 1024 * 1024;
const PAUSE_MS = 50;

const MAILBOXES: Partial<Record<Task['work'], string>> = { bodies: BODIES, large: LARGE, slow: LARGE };

/** Does a task with Posthorn. */
async function run(task: Task): Promise<void> {
  const client = await open(task);
  const inbox = await client.select(MAILBOXES[task.work] ?? 'INBOX', { readOnly: true });
  if (isAppending(task)) {
    // A run that was cut off leaves it behind.
    await client.delete('Appended').catch(() => {});
    await client.create('Appended');
  }
  await measured(() => workOf(task, client, inbox));
  if (isAppending(task)) await client.delete('Appended');
  await client.close();
}

function open({ port, user, password }: Task): Promise<ImapClient> {
  return connect({ host: '127.0.0.1', port, security: 'none', allowInsecureAuth: true, auth: { user, password } });
}

function isAppending({ work }: Task): boolean {
  return work === 'appends' || work === 'multiappend';
}

function workOf(task: Task, client: ImapClient, inbox: SelectedMailbox): Promise<Found> {
  switch (task.work) {
    case 'metadata':
      return listed(inbox);
    case 'bodies':
    case 'large':
      return read(inbox, 0);
    case 'slow':
      return read(inbox, PAUSE_MS);
    case 'noops':
      return oneByOne(task.count, () => client.noop());
    case 'flags':
      return oneByOne(task.count, (index) => flagsOf(inbox, index + 1));
    case 'pipelined':
      return allTogether(task.count, () => client.noop());
    case 'appends': {
      const body = appendedMessage();
      return oneByOne(task.count, () => client.append('Appended', { body }));
    }
    case 'multiappend':
      return appendedTogether(client, task.count);
    case 'kept':
      return kept(inbox);
    case 'held':
      return longestHold(() => listed(inbox));
    case 'idle':
      return idle(task);
  }
}

async function listed(inbox: SelectedMailbox): Promise<Found> {
  let found = 0;
  for await (const { uid, envelope, bodyStructure } of inbox.fetch('1:*', METADATA))
    if (uid > 0 && envelope !== undefined && bodyStructure !== undefined) found++;
  return { found };
}

async function read(inbox: SelectedMailbox, pauseMs: number): Promise<Found> {
  let [found, sincePause] = [0, 0];
  for await (const { body } of inbox.fetch('1:*', { body: true })) {
    for await (const chunk of body.stream({ lendsChunks: true })) {
      found += chunk.length;
      sincePause += chunk.length;
      if (pauseMs === 0 || sincePause < PAUSE_BYTES) continue;
      sincePause = 0;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return { found };
}

async function flagsOf(inbox: SelectedMailbox, uid: number): Promise<void> {
  let found = 0;
  for await (const { flags } of inbox.fetch(`${uid}`, { flags: true })) found += flags.length + 1;
  if (found === 0) throw new Error(`there is no message with the UID ${uid}`);
}

async function oneByOne(count: number, command: (index: number) => Promise<unknown>): Promise<Found> {
  for (let index = 0; index < count; index++) await command(index);
  return { found: count };
}

async function allTogether(count: number, command: () => Promise<unknown>): Promise<Found> {
  await Promise.all(Array.from({ length: count }, command));
  return { found: count };
}

async function appendedTogether(client: ImapClient, count: number): Promise<Found> {
  const body = appendedMessage();
  const places = await client.appendAll(
    'Appended',
    Array.from({ length: count }, () => ({ body })),
  );
  return { found: places.length };
}

/** Keeps all that is listed, and tells the memory it takes. */
async function kept(inbox: SelectedMailbox): Promise<Found> {
  const before = memoryInUse().heap;
  const messages: unknown[] = [];
  for await (const message of inbox.fetch('1:*', METADATA)) messages.push(message);
  const heapPerMessage = (memoryInUse().heap - before) / messages.length;
  return { found: messages.length, extra: { heapPerMessage } };
}

/** Connections with a mailbox selected that do nothing. */
async function idle(task: Task): Promise<Found> {
  const clients: ImapClient[] = [];
  const add = async (count: number): Promise<void> => {
    for (let added = 0; added < count; added++) {
      const client = await open(task);
      await client.select('INBOX', { readOnly: true });
      clients.push(client);
    }
  };
  // The first ones pay for code that is loaded and compiled.
  await add(20);
  const before = memoryInUse();
  await add(task.count);
  const after = memoryInUse();
  await Promise.all(clients.map((client) => client.close()));
  return {
    found: task.count,
    extra: {
      heapPerConnection: (after.heap - before.heap) / task.count,
      residentPerConnection: (after.resident - before.resident) / task.count,
    },
  };
}

await run(taskOf(process.argv));
