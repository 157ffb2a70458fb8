// Measures taking mail apart against its peers, in processor time.
import { cpus } from 'node:os';
import { installPeers } from '../install-peers.ts';
import { mimeBench } from './bench.ts';

installPeers();
console.log(`Node ${process.version}, ${cpus().length} processors (${cpus()[0]?.model.trim()})\n`);
console.log(await mimeBench(Number(process.env['BENCH_MESSAGES'] ?? 1_000), Number(process.env['BENCH_ROUNDS'] ?? 5)));
