// Measures the IMAP server, beside Dovecot over copies of the same Maildir, and prints tables.
//   pnpm --filter @posthorn/bench bench:server                    all of it
//   BENCH_ONLY=metadata,mix BENCH_ROUNDS=3 pnpm --filter @posthorn/bench bench:server
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDovecot } from '@posthorn/interop';
import { bodiesBench } from './bodies-bench.ts';
import { connectionsBench } from './connections-bench.ts';
import { LoadGenerator } from './load-generator.ts';
import { metadataBench } from './metadata-bench.ts';
import { mixBench } from './mix-bench.ts';
import { testServerBench } from './test-server-bench.ts';

const BENCHES = {
  metadata: metadataBench,
  bodies: bodiesBench,
  mix: mixBench,
  connections: connectionsBench,
  'test-server': testServerBench,
} as const;

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const only = process.env['BENCH_ONLY']?.split(',') ?? Object.keys(BENCHES);

if (findDovecot() === undefined) throw new Error('the benchmark needs Dovecot: apt-get install dovecot-imapd');
const load = await LoadGenerator.start();
console.log(`Node ${process.version}, ${cpus().length} processors (${cpus()[0]?.model.trim()})\n`);
try {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (!only.includes(name)) continue;
    // Dovecot reads its files as another user.
    const folder = await mkdtemp(join(tmpdir(), 'ph-'));
    await chmod(folder, 0o755);
    try {
      console.log(await bench({ folder, load, rounds }));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
} finally {
  load.stop();
}
