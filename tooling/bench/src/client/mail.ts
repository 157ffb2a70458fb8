import { access, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeMaildir } from '../wire/maildir.ts';
import { BODIES, LARGE } from './task.ts';

export interface Sizes {
  /** Messages of the INBOX. */
  readonly messages: number;
  readonly bodies: number;
  readonly bodiesBytes: number;
  readonly largeBytes: number;
}

const CHUNK = Buffer.from(`${'x'.repeat(76)}\r\n`.repeat(13_443));

/** Fills a Maildir: many small messages, realistic ones, and a large one. What an earlier run has written stays. */
export async function writeMail(root: string, { messages, bodies, bodiesBytes, largeBytes }: Sizes): Promise<void> {
  const filled = join(root, 'filled');
  const isFilled = await access(filled).then(
    () => true,
    () => false,
  );
  if (isFilled) return;
  await writeMaildir(root, '', { count: messages, size: 'small' });
  await writeMaildir(root, BODIES, { count: bodies, size: 'realistic', totalBytes: bodiesBytes });
  await writeLarge(join(root, `.${LARGE}`), largeBytes);
  await writeFile(filled, '');
}

/** One message of about so many octets. */
async function writeLarge(folder: string, octets: number): Promise<void> {
  for (const part of ['cur', 'new', 'tmp']) await mkdir(join(folder, part), { recursive: true });
  await writeFile(join(folder, 'maildirfolder'), '');
  const file = await open(join(folder, 'cur', '1700000000.M1P1.bench:2,S'), 'w');
  await file.write('Subject: large\r\n\r\n');
  for (let written = 0; written < octets; written += CHUNK.length) await file.write(CHUNK);
  await file.close();
}
