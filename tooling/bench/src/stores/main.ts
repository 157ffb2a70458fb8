// Measures the stores against Dovecot and Python, side by side in one run, and prints ratios.
//   pnpm --filter @posthorn/bench bench:stores
//   BENCH_QUICK=1 BENCH_ROUNDS=3 BENCH_ONLY=list,change BENCH_FOLDER=/tmp/mail pnpm --filter @posthorn/bench bench:stores
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDovecot } from '@posthorn/interop';
import { bundleContender } from '../contenders.ts';
import type { Bench } from './bench.ts';
import { changeBench } from './change-bench.ts';
import { curveBench } from './curve-bench.ts';
import { deliverBench } from './deliver-bench.ts';
import { listBench } from './list-bench.ts';
import { memoryBench } from './memory-bench.ts';
import { metadataBench } from './metadata-bench.ts';
import { settingsOf } from './settings.ts';

const PARTS = {
  list: listBench,
  deliver: deliverBench,
  metadata: metadataBench,
  change: changeBench,
  curve: curveBench,
  memory: memoryBench,
};

if (findDovecot() === undefined) throw new Error('the benchmark needs Dovecot: apt-get install dovecot-imapd');
const settings = settingsOf(process.env);
const above = settings.folder ?? tmpdir();
await mkdir(above, { recursive: true });
const file = await bundleContender('stores/process');
const own: Bench['own'] = (task, ...nodeOptions) => [process.execPath, ...nodeOptions, file, JSON.stringify(task)];

console.log(`Node ${process.version}, ${cpus().length} processors (${cpus()[0]?.model.trim()})\n`);
for (const [name, part] of Object.entries(PARTS)) {
  if (settings.only !== undefined && !settings.only.has(name)) continue;
  const folder = await mkdtemp(join(above, 'ph-stores-'));
  await chmod(folder, 0o755);
  try {
    console.log(await part({ folder, settings, own }));
  } finally {
    await rm(folder, { recursive: true });
  }
}
console.log(
  `load at the end: ${loadavg()
    .map((load) => load.toFixed(1))
    .join(', ')}`,
);
