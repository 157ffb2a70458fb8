import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, accountId } from '@posthorn/core';
import { generateMailboxes, generateMessages } from '@posthorn/corpus';
import { connect, type ImapClient } from '@posthorn/imap-client';
import { serveImap } from '@posthorn/imap-server';
import { openMaildir } from '@posthorn/maildir';
import { memoryStore } from '@posthorn/memory';
import { fileState, imapSource, pull, type SyncEvent } from '@posthorn/sync';
import { generate } from 'selfsigned';
import type { CommandContext } from '../command-context.ts';
import { compareAccounts, type MailboxComparison } from '../demo/compare-accounts.ts';
import { singleUser } from '../endpoint/single-user.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { bytesText, durationText, tableText } from '../output/units.ts';

const USER = 'alice';
const PASSWORD = 'a password that only this demo knows';
const SEED = 7;

type MailboxDone = Extract<SyncEvent, { type: 'mailboxDone' }>;

interface Run {
  readonly mailboxes: ReadonlyMap<string, MailboxDone & { readonly milliseconds: number }>;
  readonly done: Extract<SyncEvent, { type: 'done' }>;
  readonly milliseconds: number;
}

/** `posthorn demo`: server, client, sync and Maildir end to end, and a comparison of every octet at the end. */
export async function demoCommand({ keep }: { readonly keep?: string }, context: CommandContext): Promise<ExitCode> {
  const { output, signal } = context;
  const directory = keep ?? (await mkdtemp(join(tmpdir(), 'posthorn-demo-')));
  const mail = memoryStore();
  const origin = await mail.open(accountId(USER));
  const seeded = await fill(origin);
  output.line(`1. ${seeded} made-up messages stand in a store in memory.`);
  const tls = await certificate();
  const server = await serveImap({
    store: mail,
    authenticator: singleUser(USER, PASSWORD),
    host: '127.0.0.1',
    port: 0,
    tls,
  });
  const maildir = openMaildir(directory);
  try {
    output.line(`2. An IMAP server serves it on ${server.host}:${server.port}.`);
    const client = await login(server.port, tls.cert, signal);
    try {
      output.line('3. A client connected, upgraded to TLS with STARTTLS and logged in.');
      const target = await maildir.open(accountId(USER));
      const first = await sync(client, target, directory, context);
      output.line(
        `4. ${first.done.added} messages (${bytesText(first.done.bytes)}) synced into a Maildir in ${durationText(first.milliseconds)}.`,
      );
      const second = await sync(client, target, directory, context);
      output.line(
        `5. Synced again: ${second.done.added} messages to fetch, done in ${durationText(second.milliseconds)}.`,
      );
      const noticedAfter = await deliverAndWatch(origin, server.port, tls.cert, signal);
      output.line(`6. A message was delivered; a watching client noticed it after ${durationText(noticedAfter)}.`);
      const third = await sync(client, target, directory, context);
      output.line(`7. Synced once more: ${third.done.added} message fetched.`);
      const compared = await compareAccounts(origin, target);
      const ok = report(compared, [first, second, third], directory, context);
      output.event({
        event: 'done',
        messages: total(compared, 'messages'),
        bytes: total(compared, 'bytes'),
        identical: ok,
        maildir: directory,
      });
      return ok ? EXIT.done : EXIT.failed;
    } finally {
      await client.close();
    }
  } finally {
    await server.close();
    await maildir.close();
    await mail.close();
  }
}

/** Fills an account with the demo's mail. @returns The number of messages. */
async function fill(account: Account): Promise<number> {
  let count = 0;
  for (const { path, messages } of generateMailboxes({ seed: SEED })) {
    if (path[0] !== 'INBOX' || path.length > 1) await account.create(path);
    await account.subscribe(path, true);
    const mailbox = await account.mailbox(path);
    const batch = Array.from(messages, ({ bytes, flags, internalDate }) => ({ body: [bytes], flags, internalDate }));
    await mailbox.append(batch);
    count += batch.length;
  }
  return count;
}

async function certificate(): Promise<{ cert: string; key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { cert, key };
}

function login(port: number, ca: string, signal: AbortSignal): Promise<ImapClient> {
  const auth = { user: USER, password: PASSWORD };
  return connect({ host: '127.0.0.1', port, security: 'starttls', tls: { ca }, auth, signal });
}

async function sync(
  client: ImapClient,
  target: Account,
  directory: string,
  { output, signal }: CommandContext,
): Promise<Run> {
  const started = performance.now();
  const state = await fileState(join(directory, 'posthorn-sync', 'demo.jsonl'), { signal });
  const progress = output.progress('   Syncing');
  const mailboxes = new Map<string, MailboxDone & { milliseconds: number }>();
  let mailboxStarted = started;
  try {
    for await (const event of pull(imapSource(client, 'demo'), target, { state, signal })) {
      progress.update(event);
      if (event.type === 'mailboxDone') {
        const now = performance.now();
        mailboxes.set(event.path.join('/'), { ...event, milliseconds: now - mailboxStarted });
        mailboxStarted = now;
      }
      if (event.type === 'done') return { mailboxes, done: event, milliseconds: performance.now() - started };
    }
  } finally {
    progress.stop();
    await state.close();
  }
  throw new TypeError('the sync ended without saying so');
}

/** Delivers a message while a second client watches the INBOX. @returns Milliseconds until it was told. */
async function deliverAndWatch(account: Account, port: number, ca: string, signal: AbortSignal): Promise<number> {
  const watcher = await login(port, ca, signal);
  try {
    const inbox = await watcher.select('INBOX');
    const before = inbox.exists;
    const told = (async () => {
      for await (const change of inbox.watch({ signal })) {
        if (change.type === 'exists' && change.exists > before) return performance.now();
      }
      throw new TypeError('the watch ended');
    })();
    const [message] = generateMessages({ seed: SEED + 1, count: 1 });
    const mailbox = await account.mailbox(['INBOX']);
    const delivered = performance.now();
    await mailbox.append([{ body: [message!.bytes], internalDate: message!.internalDate }]);
    return (await told) - delivered;
  } finally {
    await watcher.close();
  }
}

/** Prints the table. @returns Whether everything was the same. */
function report(
  compared: readonly MailboxComparison[],
  runs: readonly Run[],
  directory: string,
  { output }: CommandContext,
): boolean {
  const rows = compared.map(({ path, messages, bytes, differences }) => {
    const name = path.join('/');
    const of = runs.map((run) => run.mailboxes.get(name));
    const added = of.reduce((sum, run) => sum + (run?.added ?? 0), 0);
    const last = of.at(-1)?.added ?? 0;
    const time = of.reduce((sum, run) => sum + (run?.milliseconds ?? 0), 0);
    output.event({ event: 'mailbox', path, messages, bytes, added, differences });
    return [
      name,
      `${messages}`,
      bytesText(bytes),
      `${added}`,
      `${last}`,
      durationText(time),
      differences === 0 ? 'same' : `${differences} differ`,
    ];
  });
  const milliseconds = runs.reduce((sum, run) => sum + run.milliseconds, 0);
  const sum = ['all', `${total(compared, 'messages')}`, bytesText(total(compared, 'bytes'))];
  const addedInAll = runs.reduce((count, run) => count + run.done.added, 0);
  const differing = total(compared, 'differences');
  sum.push(
    `${addedInAll}`,
    `${runs.at(-1)?.done.added ?? 0}`,
    durationText(milliseconds),
    differing === 0 ? 'same' : `${differing} differ`,
  );
  output.line('');
  output.line(tableText([['mailbox', 'messages', 'size', 'fetched', 'new', 'time', 'compared'], ...rows, sum]));
  output.line('');
  output.line(
    differing === 0
      ? 'Every octet, UID, flag and date is the same on both sides.'
      : `${differing} messages differ: this is a fault in Posthorn, please report it.`,
  );
  output.line(`The Maildir is ${directory}`);
  return differing === 0;
}

function total(compared: readonly MailboxComparison[], field: 'messages' | 'bytes' | 'differences'): number {
  return compared.reduce((sum, each) => sum + each[field], 0);
}
