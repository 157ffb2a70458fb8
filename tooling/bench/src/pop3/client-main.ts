// Measures reading a POP3 maildrop against poplib and node-pop3, served by Dovecot, and prints ratios.
//   pnpm --filter @posthorn/bench bench:pop3                          2,000 messages, 50,000 ids, 5 pairs of runs
//   BENCH_MESSAGES=200 BENCH_IDS=1000 BENCH_ROUNDS=3 pnpm --filter @posthorn/bench bench:pop3
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateMessages } from '@posthorn/corpus';
import { hasDovecotPop3, startDovecotPop3 } from '../../../interop/src/dovecot-pop3.ts';
import { bundleContender } from '../contenders.ts';
import { installPeers } from '../install-peers.ts';
import { type Contender, compare, comparisonText, timeCommand } from '../timing.ts';

const messages = Number(process.env['BENCH_MESSAGES'] ?? 2_000);
const ids = Number(process.env['BENCH_IDS'] ?? 50_000);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const [user, password] = ['bench', 'nosecretatall'];

if (!(await hasDovecotPop3())) throw new Error('the benchmark needs Dovecot: apt-get install dovecot-pop3d');
installPeers();
const own = await bundleContender('pop3/client-own');
const peer = (name: string): string => fileURLToPath(new URL(`../../peers/${name}`, import.meta.url));

function contender(name: string, command: readonly string[], port: number, work: string): Contender {
  return { name, run: () => timeCommand([...command, `${port}`, user!, password!, work]) };
}

async function bench(title: string, work: string, octets: readonly Uint8Array[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ph-bench-'));
  const dovecot = await startDovecotPop3({ folder, user: user!, password: password!, messages: octets });
  try {
    const posthorn = contender('Posthorn', [process.execPath, own], dovecot.pop3Port, work);
    const poplib = contender('poplib', ['python3', peer('read_with_poplib.py')], dovecot.pop3Port, work);
    const nodePop3 = contender('node-pop3', [process.execPath, peer('read-with-node-pop3.js')], dovecot.pop3Port, work);
    for (const other of [poplib, nodePop3])
      console.log(comparisonText(`${title}, ${other.name}`, await compare(posthorn, other, rounds)));
  } finally {
    await dovecot.stop();
    await rm(folder, { recursive: true });
  }
}

console.log(`Node ${process.version}, ${cpus().length} processors (${cpus()[0]?.model.trim()})\n`);
const mail = Array.from(generateMessages({ seed: 3, count: messages, size: 'realistic' }), ({ bytes }) => bytes);
const megabytes = mail.reduce((sum, { length }) => sum + length, 0) / 1e6;
await bench(`RETR of ${messages} messages, ${megabytes.toFixed(0)} MB`, 'retr', mail);
const short = Array.from({ length: ids }, (_, index) => Buffer.from(`Subject: ${index}\r\n\r\n.\r\n`));
await bench(`UIDL of ${ids} messages`, 'uidl', short);
