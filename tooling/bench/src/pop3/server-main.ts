/**
 * RETR of all messages of a Maildir, from our POP3 server and from Dovecot, one after the other.
 * @module
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateMessages } from '@posthorn/corpus';
import { hasDovecotPop3, startDovecotPop3 } from '@posthorn/interop';
import { bundleContender, contenderTable } from '../contenders.ts';
import { fillMaildir } from '../fill-maildir.ts';

const MESSAGES = 2_000;
const ROUNDS = 10;

if (!(await hasDovecotPop3())) throw new Error('Dovecot is not installed: apt-get install dovecot-pop3d');
const folder = await mkdtemp(join(tmpdir(), 'ph-'));
// Dovecot reads its files as another user.
await chmod(folder, 0o755);
const maildir = join(folder, 'ours');
await fillMaildir(maildir, MESSAGES, 'realistic');
const server = fork(await bundleContender('pop3/server-process'), [maildir], { execArgv: [] });
const [port] = (await once(server, 'message')) as [number];
await mkdir(join(folder, 'd'));
const messages = Array.from(generateMessages({ seed: 3, count: MESSAGES, size: 'realistic' }), ({ bytes }) => bytes);
const dovecot = await startDovecotPop3({ folder: join(folder, 'd'), user: 'alice', password: 'secret', messages });
try {
  const args = (at: number): readonly string[] => [`${at}`, 'alice', 'secret', `${MESSAGES}`];
  const contenders = [
    { name: '@posthorn/pop3-server', args: args(port) },
    { name: 'Dovecot', args: args(dovecot.pop3Port) },
  ];
  const file = await bundleContender('pop3/drain');
  const title = `RETR of ${MESSAGES} messages, pipelined, from a Maildir`;
  process.stdout.write(await contenderTable(title, file, contenders, { rounds: ROUNDS, warmUpRounds: 3 }));
} finally {
  server.kill();
  await dovecot.stop();
  await rm(folder, { recursive: true, force: true });
}
