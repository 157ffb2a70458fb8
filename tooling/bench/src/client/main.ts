// Measures the IMAP client against its peers, served by a private Dovecot, and prints ratios.
//   pnpm --filter @posthorn/bench bench:client
//   BENCH_QUICK=1 BENCH_ROUNDS=3 BENCH_ONLY=metadata,noops BENCH_FOLDER=/tmp/mail pnpm --filter @posthorn/bench bench:client
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDovecot, startDovecot } from '@posthorn/interop';
import { installPeers } from '../install-peers.ts';
import { bundleClients } from './bundle.ts';
import { figuresText } from './figures.ts';
import { writeMail } from './mail.ts';
import { run, runInTurn } from './run.ts';
import { settingsOf } from './settings.ts';
import { outcomeTable } from './table.ts';
import type { Task, Work } from './task.ts';

type Client = Task['client'];

const [user, password] = ['bench', 'nosecretatall'];
const settings = settingsOf(process.env);
const { messages, bodies, bodiesBytes, largeBytes, commands, connections, rounds } = settings;

const COMPARED: readonly { work: Work; title: string; clients: readonly Client[]; rounds?: number }[] = [
  {
    work: 'metadata',
    title: `Metadata of ${messages} messages`,
    clients: ['posthorn', 'imapflow', 'node-imap', 'splitter'],
  },
  {
    work: 'bodies',
    title: `All bodies of ${bodies} messages, ${bodiesBytes / 1e6} MB`,
    clients: ['posthorn', 'imapflow', 'node-imap', 'splitter'],
  },
  { work: 'large', title: `One message of ${largeBytes / 1e6} MB`, clients: ['posthorn', 'node-imap', 'splitter'] },
  { work: 'slow', title: `One message of ${largeBytes / 1e6} MB, read slowly`, clients: ['posthorn'], rounds: 1 },
  { work: 'noops', title: `${commands} NOOPs, one by one`, clients: ['posthorn', 'imapflow'] },
  { work: 'flags', title: `${commands} UID FETCH FLAGS, one by one`, clients: ['posthorn', 'imapflow'] },
  { work: 'pipelined', title: `${commands} NOOPs given at once`, clients: ['posthorn', 'imapflow'] },
  { work: 'appends', title: `${commands} APPENDs of 8 KB, one by one`, clients: ['posthorn', 'imapflow'] },
  { work: 'multiappend', title: `${commands} messages of 8 KB in one APPEND`, clients: ['posthorn'] },
];
const FIGURES: readonly { work: Work; count: number; clients: readonly Client[] }[] = [
  { work: 'kept', count: 0, clients: ['posthorn', 'imapflow'] },
  { work: 'held', count: 0, clients: ['posthorn', 'imapflow'] },
  { work: 'idle', count: connections, clients: ['posthorn'] },
];

if (findDovecot() === undefined) throw new Error('the benchmark needs Dovecot: apt-get install dovecot-imapd');
installPeers();
const fileOf = await bundleClients(['posthorn', 'imapflow', 'node-imap', 'splitter']);

const folder = await mkdtemp(join(tmpdir(), 'ph-bench-'));
await chmod(folder, 0o755);
const maildir = settings.folder ?? join(folder, 'mail');
await mkdir(maildir, { recursive: true });
await writeMail(maildir, settings);
// What the disk takes is none of the clients' doing.
const dovecot = await startDovecot({
  folder: join(folder, 'd'),
  maildir,
  user,
  password,
  settings: 'mail_fsync = never',
});
const isAsked = ({ work }: { readonly work: Work }): boolean =>
  settings.only.length === 0 || settings.only.includes(work);
const runOne = (client: Client, work: Work, count: number) =>
  run(fileOf(client), { client, work, count, port: dovecot.imapPort, user, password });
try {
  console.log(`Node ${process.version}, ${cpus().length} processors (${cpus()[0]?.model.trim()})`);
  for (const { work, title, clients, rounds: most = rounds } of COMPARED.filter(isAsked)) {
    const outcomes = await runInTurn(clients, Math.min(most, rounds), (client) => runOne(client, work, commands));
    console.log(`\n${outcomeTable(title, outcomes)}load ${loadavg()[0]!.toFixed(1)}`);
  }
  for (const { work, count, clients } of FIGURES.filter(isAsked)) {
    const outcomes = await runInTurn(clients, Math.min(3, rounds), (client) => runOne(client, work, count));
    console.log(figuresText(outcomes));
  }
} finally {
  await dovecot.stop();
  await rm(folder, { recursive: true });
}
