import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDovecot } from '@posthorn/interop';
import { writeMaildir } from './maildir.ts';

/** What Dovecot answered. */
export interface Recording {
  /** UID, flags, date, size, envelope and structure of every message. */
  readonly metadata: Buffer;
  /** Whole messages. */
  readonly bodies: Buffer;
}

const USER = 'bench';
const PASSWORD = 'nosecret';
const BODY_COUNT = 2_000;
const BODY_BYTES = 127_000_000;
const METADATA_ITEMS = 'UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE';

/** Fills a private Dovecot with generated mail and records what it answers. */
export async function recordAnswers(messages: number): Promise<Recording> {
  const folder = await mkdtemp(join(tmpdir(), 'ph-wire-'));
  try {
    await chmod(folder, 0o755);
    const maildir = join(folder, 'mail');
    await mkdir(maildir);
    await writeMaildir(maildir, '', { count: messages, size: 'realistic' });
    await writeMaildir(maildir, 'bodies', { count: BODY_COUNT, size: 'realistic', totalBytes: BODY_BYTES });
    const dovecot = await startDovecot({ folder: join(folder, 'd'), maildir, user: USER, password: PASSWORD });
    try {
      return await record(dovecot.imapPort);
    } finally {
      await dovecot.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function record(port: number): Promise<Recording> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await ask(socket, 1, `LOGIN ${USER} ${PASSWORD}`);
    await ask(socket, 2, 'EXAMINE INBOX');
    const metadata = await ask(socket, 3, `UID FETCH 1:* (${METADATA_ITEMS})`);
    await ask(socket, 4, 'EXAMINE bodies');
    const bodies = await ask(socket, 5, 'UID FETCH 1:* (UID BODY.PEEK[])');
    return { metadata, bodies };
  } finally {
    socket.destroy();
  }
}

/** Sends a command and answers everything up to the end of its tagged response. */
function ask(socket: Socket, number: number, command: string): Promise<Buffer> {
  const end = new RegExp(`(?:^|\\n)A${number} (OK|NO|BAD)[^\\n]*\\n$`);
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      const tail = Buffer.concat(chunks.slice(-2)).subarray(-512).toString('latin1');
      const [, word] = end.exec(tail) ?? [];
      if (word === undefined) return;
      socket.off('data', onData);
      if (word === 'OK') resolve(Buffer.concat(chunks));
      else reject(new Error(`Dovecot refuses ${command}: ${tail}`));
    };
    socket.on('data', onData);
    socket.once('error', reject);
    socket.write(`A${number} ${command}\r\n`);
  });
}
