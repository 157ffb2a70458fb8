// biome-ignore lint/correctness/noNodejsModules: the subpath /load is for Node
import { createReadStream } from 'node:fs';
// biome-ignore lint/correctness/noNodejsModules: the subpath /load is for Node
import { open, readdir, stat } from 'node:fs/promises';
// biome-ignore lint/correctness/noNodejsModules: the subpath /load is for Node
import { join } from 'node:path';
import type { InternalDate, MailboxPath, NewMessage } from '@posthorn/core';
import { internalDateOf } from '@posthorn/date';
import { arrivalDate } from './arrival-date.ts';
import { crlfChunks } from './crlf.ts';
import type { FoundMailbox } from './load-mail.ts';

const HEADER_BYTES = 65_536;
const natural = new Intl.Collator('en', { numeric: true });

/** The mailboxes of a folder of `.eml` files: the folder itself is INBOX, folders in it are mailboxes of their names. */
export async function* emlMailboxes(directory: string, lineEnds: 'kept' | 'crlf'): AsyncIterable<FoundMailbox> {
  yield* mailboxesOf(directory, [], lineEnds);
}

async function* mailboxesOf(
  directory: string,
  parts: readonly string[],
  lineEnds: 'kept' | 'crlf',
): AsyncIterable<FoundMailbox> {
  const [first, ...rest] = parts;
  const entries = (await readdir(directory, { withFileTypes: true })).sort((one, other) =>
    natural.compare(one.name, other.name),
  );
  const files = entries.filter((entry) => entry.isFile() && entry.name.toLowerCase().endsWith('.eml'));
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const path: MailboxPath = first === undefined ? ['INBOX'] : [first, ...rest];
  // A folder of folders alone is a name in the hierarchy, not a mailbox; an empty folder is an empty mailbox.
  if (files.length > 0 || folders.length === 0) {
    yield {
      path,
      messages: messagesOf(
        files.map((file) => join(directory, file.name)),
        lineEnds,
      ),
    };
  }
  for (const folder of folders) yield* mailboxesOf(join(directory, folder.name), [...parts, folder.name], lineEnds);
}

async function* messagesOf(files: readonly string[], lineEnds: 'kept' | 'crlf'): AsyncIterable<NewMessage> {
  for (const file of files) {
    const body = lineEnds === 'crlf' ? crlfChunks(fileChunks(file)) : fileChunks(file);
    yield { body, internalDate: await dateOf(file) };
  }
}

/** Opened only when somebody reads. */
async function* fileChunks(file: string): AsyncIterable<Uint8Array> {
  yield* createReadStream(file);
}

async function dateOf(file: string): Promise<InternalDate> {
  return arrivalDate(await headerOf(file)) ?? internalDateOf((await stat(file)).mtime);
}

/** The first octets of a file, as text: names and dates are ASCII, whatever else the header holds. */
async function headerOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return new TextDecoder('latin1').decode(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}
