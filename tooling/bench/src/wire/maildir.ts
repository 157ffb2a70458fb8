import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CorpusMessage, generateMessages } from '@posthorn/corpus';

interface Mailbox {
  readonly count: number;
  readonly size: 'small' | 'realistic';
  /** Messages are lengthened by repeating them, so that all of them together have about this many octets. */
  readonly totalBytes?: number | undefined;
}

const SEED = 5;

/** Writes generated mail as files of a Maildir++ folder, the INBOX when `name` is empty. */
export async function writeMaildir(root: string, name: string, { count, size, totalBytes }: Mailbox): Promise<void> {
  const folder = name === '' ? root : join(root, `.${name}`);
  for (const part of ['cur', 'new', 'tmp']) await mkdir(join(folder, part), { recursive: true });
  if (name !== '') await writeFile(join(folder, 'maildirfolder'), '');
  const times = totalBytes === undefined ? 1 : totalBytes / totalOf(count, size);
  let index = 0;
  for (const message of generateMessages({ seed: SEED, count, size })) {
    const bytes = lengthened(message.bytes, times);
    const seconds = message.internalDate.epochSeconds;
    const file = `${seconds}.M${index++}P1.bench,S=${bytes.length},W=${bytes.length}:2,${letters(message)}`;
    await writeFile(join(folder, 'cur', file), bytes);
  }
}

function totalOf(count: number, size: Mailbox['size']): number {
  let total = 0;
  for (const { bytes } of generateMessages({ seed: SEED, count, size })) total += bytes.length;
  return total;
}

/** The message, and behind it as much of itself again as makes it `times` as long; its first header stays its header. */
function lengthened(bytes: Uint8Array, times: number): Uint8Array {
  const length = Math.round(bytes.length * times);
  if (length <= bytes.length) return bytes;
  const longer = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += bytes.length)
    longer.set(bytes.subarray(0, Math.min(bytes.length, length - offset)), offset);
  // The last line may be cut anywhere but between CR and LF.
  longer.set([0x2e, 0x0d, 0x0a], length - 3);
  return longer;
}

function letters({ flags }: CorpusMessage): string {
  const known = [
    ['\\Draft', 'D'],
    ['\\Flagged', 'F'],
    ['\\Answered', 'R'],
    ['\\Seen', 'S'],
  ] as const;
  return known.map(([flag, letter]) => (flags.includes(flag) ? letter : '')).join('');
}
