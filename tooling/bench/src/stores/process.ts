// Does one thing with a store, in a process of its own, and prints figures: `process.js '{"work":"list",...}'`.
import { accountId, type Mailbox, type MailStore, utf8Bytes } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import { memoryStore } from '@posthorn/memory';
import { curve } from './curve.ts';
import { eightKilobytes } from './make-mail.ts';
import { EVERY, setOf } from './sets.ts';
import type { Figures, Task } from './task.ts';

const AT_ONCE = 64;

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
process.stdout.write(`${JSON.stringify(await run(task))}\n`);

function run(task: Task): Promise<Figures> | Figures {
  switch (task.work) {
    case 'nothing':
      return {};
    case 'list':
      return inMaildir(task.root, true, async ({ inbox }) => {
        const { added } = await inbox.changes(undefined);
        return { messages: added.length, flags: added.reduce((sum, { flags }) => sum + flags.length, 0) };
      });
    case 'deliver':
      return inMaildir(task.root, task.fsync, async ({ inbox }) => {
        const body = [eightKilobytes()];
        for (let start = 0; start < task.messages; start += AT_ONCE) {
          const length = Math.min(AT_ONCE, task.messages - start);
          await Promise.all(Array.from({ length }, () => inbox.append([{ body }])));
        }
        return { messages: task.messages };
      });
    case 'metadata':
      return inMaildir(task.root, true, async ({ inbox }) => metadataOf(inbox));
    case 'flags':
      return inMaildir(task.root, true, async ({ inbox }) => {
        const { stored } = await inbox.store(EVERY, task.isSet ? 'add' : 'remove', ['\\Answered']);
        return { messages: stored.length };
      });
    case 'expunge':
      return inMaildir(task.root, true, async ({ inbox }) => {
        const { added } = await inbox.changes(undefined);
        const flagged = added.filter(({ flags }) => flags.includes('\\Flagged'));
        await inbox.expunge(setOf(flagged.map((message) => message.uid)));
        return { messages: flagged.length };
      });
    case 'transfer':
      return inMaildir(task.root, true, async ({ account }) => {
        const { to } = await account.transfer([task.from], EVERY, [task.to], task.mode);
        return { messages: to.length };
      });
    case 'curve':
      return inMaildir(task.root, false, ({ inbox }, openMs) => curve(inbox, openMs));
    case 'heap':
      return heapOf(task.store === 'memory' ? memoryStore() : openMaildir(task.root), task);
  }
}

interface Opened {
  readonly account: Awaited<ReturnType<MailStore['open']>>;
  readonly inbox: Mailbox;
}

async function opened(store: MailStore): Promise<Opened> {
  const account = await store.open(accountId('bench'));
  return { account, inbox: await account.mailbox(['INBOX']) };
}

async function inMaildir(
  root: string,
  fsync: boolean,
  use: (opened: Opened, openMs: number) => Promise<Figures>,
): Promise<Figures> {
  const start = performance.now();
  const store = openMaildir(root, { fsync });
  const handles = await opened(store);
  const figures = await use(handles, performance.now() - start);
  await store.close();
  return figures;
}

/** Envelopes and structures; the first round reads the mail when there is no index of it. */
async function metadataOf(inbox: Mailbox): Promise<Figures> {
  const start = performance.now();
  const { user, system } = process.cpuUsage();
  let [messages, parts] = [0, 0];
  for await (const { envelope, bodyStructure } of inbox.scan(EVERY, ['envelope', 'bodyStructure'])) {
    messages++;
    if (bodyStructure.type === 'multipart') parts += bodyStructure.parts.length;
    if (envelope.subject !== null) parts++;
  }
  const wall = performance.now() - start;
  const after = process.cpuUsage();
  const cpu = (after.user + after.system - user - system) / 1_000;
  let octets = 0;
  for await (const { size } of inbox.scan(EVERY, ['size'])) octets += size;
  return { messages, parts, wall, cpu, octets };
}

/** What the metadata of a mailbox takes in memory, bodies left out. */
async function heapOf(store: MailStore, task: Extract<Task, { work: 'heap' }>): Promise<Figures> {
  const isMemory = task.store === 'memory';
  const before = heapUsed();
  const { inbox } = await opened(store);
  const octets = utf8Bytes('Subject: x\r\n\r\n');
  if (isMemory) {
    for (let start = 0; start < task.messages; start += 1_000) {
      const length = Math.min(1_000, task.messages - start);
      const flags = ['\\Seen', '$Label1'];
      await inbox.append(
        Array.from({ length }, (_, index) => ({
          body: [octets],
          flags: index % 2 === 0 ? flags : [],
          internalDate: { epochSeconds: 1_700_000_000 + start + index, offsetMinutes: 60 },
        })),
      );
    }
  }
  const messages = (await inbox.changes(undefined)).added.length;
  const held = heapUsed() - before;
  await store.close();
  return { messages, megabytes: held / 1e6 };
}

function heapUsed(): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
