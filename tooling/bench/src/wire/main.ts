// Measures only the wire format against its peers: what `pnpm bench` prints last.
import { cpus } from 'node:os';
import { installPeers } from '../install-peers.ts';
import { wireBench } from './bench.ts';

installPeers();
console.log(`Node ${process.version}, ${cpus().length} processors (${cpus()[0]?.model.trim()})\n`);
console.log(await wireBench(Number(process.env['BENCH_MESSAGES'] ?? 10_000), Number(process.env['BENCH_ROUNDS'] ?? 5)));
