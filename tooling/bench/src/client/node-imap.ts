import { type EventEmitter, once } from 'node:events';
import { type Found, measured } from './measured.ts';
import { peerModule } from './peer-module.ts';
import { BODIES, LARGE, type Task, taskOf } from './task.ts';

interface NodeImap extends EventEmitter {
  readonly seq: { fetch(range: string, query: object): EventEmitter };
  connect(): void;
  end(): void;
  openBox(name: string, readOnly: boolean, callback: (error: Error | undefined) => void): void;
}

interface Attributes {
  readonly uid: number;
  readonly envelope?: object;
  readonly struct?: object;
}

/** Does a task with node-imap. */
async function run(task: Task): Promise<void> {
  const NodeImap = peerModule<new (options: object) => NodeImap>('imap');
  const { port, user, password, work } = task;
  const client = new NodeImap({ host: '127.0.0.1', port, user, password, tls: false });
  client.connect();
  await once(client, 'ready');
  const mailbox = work === 'bodies' ? BODIES : work === 'large' ? LARGE : 'INBOX';
  await new Promise<void>((resolve, reject) => {
    client.openBox(mailbox, true, (error) => (error ? reject(error) : resolve()));
  });
  await measured(() => (work === 'metadata' ? listed(client) : read(client)));
  client.end();
}

async function listed(client: NodeImap): Promise<Found> {
  let found = 0;
  const answers = client.seq.fetch('1:*', { envelope: true, size: true, struct: true });
  answers.on('message', (message: EventEmitter) => {
    message.on('attributes', ({ uid, envelope, struct }: Attributes) => {
      if (uid > 0 && envelope !== undefined && struct !== undefined) found++;
    });
  });
  await once(answers, 'end');
  return { found };
}

async function read(client: NodeImap): Promise<Found> {
  let found = 0;
  const answers = client.seq.fetch('1:*', { bodies: '' });
  answers.on('message', (message: EventEmitter) => {
    message.on('body', (stream: EventEmitter) => {
      stream.on('data', (chunk: Buffer) => {
        found += chunk.length;
      });
    });
  });
  await once(answers, 'end');
  return { found };
}

await run(taskOf(process.argv));
