import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from '@posthorn/certificates';
import type { ImapServer, PrivateServerOptions } from './private-server/server.ts';
import { findPython } from './run-program.ts';

const PROGRAM = fileURLToPath(new URL('../programs/twisted_imap_server.py', import.meta.url));

/** A Python that has Twisted's IMAP server and TLS, or undefined. */
export function findTwistedImap(): Promise<string | undefined> {
  return findPython('twisted.mail.imap4, twisted.internet.ssl, OpenSSL');
}

/** Starts Twisted's IMAP server over mailboxes in memory, and waits until it listens. */
export async function startTwistedImap(
  python: string,
  { folder, user, password }: PrivateServerOptions,
): Promise<ImapServer> {
  const { cert, key, ca } = await makeCertificate({ hosts: ['127.0.0.1'] });
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await writeFile(certFile, cert);
  await writeFile(keyFile, key, { mode: 0o600 });
  const child = spawn(python, [PROGRAM, user, password, certFile, keyFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const [imapPort, imapsPort] = await new Promise<readonly number[]>((resolve, reject) => {
    void ended.then(() => reject(new Error('the IMAP server of Twisted does not start')));
    createInterface({ input: child.stdout }).once('line', (line) => resolve(line.split(' ').slice(1).map(Number)));
  });
  return {
    imapPort: imapPort!,
    imapsPort: imapsPort!,
    ca,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
