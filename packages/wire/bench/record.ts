/**
 * Fills a mailbox of a server with generated mail and records its answers, for `decode.ts`:
 *
 *     node --conditions=@posthorn/source --import tsx bench/record.ts HOST PORT USER PASSWORD DIRECTORY [MESSAGES]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { generateMessages } from '@posthorn/corpus';

const [host = '127.0.0.1', port = '143', user = 'alice', password = '', directory = 'recorded', count = '10000'] =
  process.argv.slice(2);

/** Sends a command and answers the octets up to its tagged response. */
async function run(socket: Socket, parts: readonly (string | Uint8Array)[]): Promise<Buffer> {
  const tag = `T${Math.random().toString(36).slice(2)}`;
  const chunks: Buffer[] = [];
  const end = Buffer.from(`\r\n${tag} OK`);
  let tail = Buffer.alloc(0);
  socket.write(`${tag} `);
  for (const part of parts) socket.write(part);
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    tail = Buffer.concat([tail.subarray(Math.max(0, tail.length - 4096)), chunk.subarray(-8192)]);
    if (tail.includes(`${tag} NO`) || tail.includes(`${tag} BAD`)) throw new Error(tail.toString());
    if (tail.includes(end) || tail.subarray(0, tag.length + 3).includes(`${tag} OK`)) break;
  }
  return Buffer.concat(chunks);
}

const socket = connect(Number(port), host);
await new Promise((resolve) => socket.once('readable', resolve));
socket.read();
await run(socket, [`LOGIN ${user} ${password}\r\n`]);
await run(socket, ['CREATE bench\r\n']).catch(() => undefined);
const status = (await run(socket, ['STATUS bench (MESSAGES)\r\n'])).toString();
if (status.includes('(MESSAGES 0)')) {
  let batch: (string | Uint8Array)[] = ['APPEND bench'];
  let batched = 0;
  for (const message of generateMessages({ seed: 1, count: Number(count) })) {
    batch.push(` (${message.flags.join(' ')}) {${message.bytes.length}+}\r\n`, message.bytes);
    if (++batched % 100 !== 0) continue;
    await run(socket, [...batch, '\r\n']);
    batch = ['APPEND bench'];
  }
}
await run(socket, ['SELECT bench\r\n']);
mkdirSync(directory, { recursive: true });
const record = async (name: string, command: string): Promise<void> => {
  const answer = await run(socket, [`${command}\r\n`]);
  writeFileSync(`${directory}/${name}.txt`, answer);
  console.log(`${name}: ${answer.length} octets`);
};
await record('metadata', 'FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)');
await record('flags', 'FETCH 1:* (UID FLAGS)');
await record('search', 'UID SEARCH ALL');
await record('bodies', 'FETCH 1:2000 (UID BODY.PEEK[])');
socket.end();
