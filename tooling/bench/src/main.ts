// Measures Posthorn against its peers, side by side in one run, and prints ratios.
//   pnpm bench            all of it, 10,000 messages, 5 pairs of runs
//   BENCH_MESSAGES=1000 BENCH_ROUNDS=3 pnpm bench
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDovecot, startDovecot } from '@posthorn/interop';
import { fillMaildir } from './fill-maildir.ts';
import { installPeers } from './install-peers.ts';
import { metadataBench } from './sync/metadata-bench.ts';
import { syncBench } from './sync/sync-bench.ts';
import { wireBench } from './wire/bench.ts';

const messages = Number(process.env['BENCH_MESSAGES'] ?? 10_000);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);

if (findDovecot() === undefined)
  throw new Error('the benchmarks need Dovecot and mbsync: apt-get install dovecot-imapd isync');
installPeers();

const folder = await mkdtemp(join(tmpdir(), 'ph-bench-'));
await chmod(folder, 0o755);
const [user, password] = ['bench', 'nosecretatall'];
const maildir = join(folder, 'mail');
await mkdir(maildir);
await fillMaildir(maildir, messages, 'small');
const dovecot = await startDovecot({ folder: join(folder, 'd'), maildir, user, password });
try {
  const account = { dovecot, user, password, messages };
  console.log(`Node ${process.version}, ${cpus().length} processors (${cpus()[0]?.model.trim()})\n`);
  console.log(await syncBench(folder, account, rounds));
  console.log(await metadataBench(account, rounds));
} finally {
  await dovecot.stop();
  await rm(folder, { recursive: true });
}
console.log(await wireBench(messages, rounds));
