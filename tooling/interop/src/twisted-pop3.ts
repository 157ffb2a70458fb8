import { execFile, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeCertificate } from '@posthorn/certificates';

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('../programs/twisted-pop3.py', import.meta.url));

export interface TwistedPop3Options {
  /** An empty folder. */
  readonly folder: string;
  readonly user: string;
  readonly password: string;
  readonly messages: readonly Uint8Array[];
}

/** Twisted's POP3 server, which takes USER and PASS alone. */
export interface TwistedPop3 {
  readonly pop3Port: number;
  readonly pop3sPort: number;
  readonly ca: string;
  /** What it printed of deletions. */
  readonly deleted: readonly string[];
  stop(): Promise<void>;
}

/** A Python that has Twisted's mail protocols and TLS, or undefined. */
export async function findTwisted(): Promise<string | undefined> {
  for (const python of ['/usr/bin/python3', 'python3']) {
    const found = run(python, ['-c', 'import twisted.mail.pop3, twisted.internet.ssl, OpenSSL']);
    if (await found.then(() => true).catch(() => false)) return python;
  }
  return undefined;
}

/** Starts the server and waits until it listens. */
export async function startTwistedPop3(
  python: string,
  { folder, user, password, messages }: TwistedPop3Options,
): Promise<TwistedPop3> {
  const { cert, key, ca } = await makeCertificate({ hosts: ['127.0.0.1'] });
  const [mail, certFile, keyFile] = ['mail', 'cert.pem', 'key.pem'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(mail);
  for (const [index, octets] of messages.entries())
    await writeFile(join(mail, `${String(index + 1).padStart(5, '0')}.eml`), octets);
  await writeFile(certFile, cert);
  await writeFile(keyFile, key, { mode: 0o600 });
  const child = spawn(python, [PROGRAM, mail, user, password, certFile, keyFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const deleted: string[] = [];
  const lines = createInterface({ input: child.stdout });
  const ports = await new Promise<readonly number[]>((resolve, reject) => {
    void ended.then(() => reject(new Error('the server of Twisted does not start')));
    lines.on('line', (line) => {
      const [word, ...numbers] = line.split(' ');
      if (word === 'ready') resolve(numbers.map(Number));
      else deleted.push(line);
    });
  });
  return {
    pop3Port: ports[0]!,
    pop3sPort: ports[1]!,
    ca,
    deleted,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
