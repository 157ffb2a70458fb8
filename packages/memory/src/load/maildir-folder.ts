// biome-ignore lint/correctness/noNodejsModules: the subpath /load is for Node
import { createReadStream } from 'node:fs';
// biome-ignore lint/correctness/noNodejsModules: the subpath /load is for Node
import { readdir, readFile, stat } from 'node:fs/promises';
// biome-ignore lint/correctness/noNodejsModules: the subpath /load is for Node
import { join } from 'node:path';
import type { Flag, MailboxPath, NewMessage } from '@posthorn/core';
import { internalDateOf } from '@posthorn/date';
import { decodeModifiedUtf7 } from '@posthorn/mailbox-name';
import { crlfChunks } from './crlf.ts';
import type { FoundMailbox } from './load-mail.ts';
import { compareMaildirNames, flagsOfName } from './maildir-names.ts';

/** Whether a directory is a Maildir. */
export async function isMaildir(directory: string): Promise<boolean> {
  const [cur, fresh] = await Promise.all([isDirectory(join(directory, 'cur')), isDirectory(join(directory, 'new'))]);
  return cur && fresh;
}

/** INBOX, which is the directory itself, and the Maildir++ folders in it. */
export async function* maildirMailboxes(directory: string): AsyncIterable<FoundMailbox> {
  yield { path: ['INBOX'], messages: messagesOf(directory) };
  for (const name of (await readdir(directory)).sort()) {
    const path = pathOf(name);
    const folder = join(directory, name);
    if (path !== undefined && (await isDirectory(join(folder, 'cur')))) yield { path, messages: messagesOf(folder) };
  }
}

/** `.A.B` is A/B; names are in modified UTF-7. Anything else is not a folder. */
function pathOf(name: string): MailboxPath | undefined {
  const [dot, first, ...rest] = name.split('.').map((part) => decodeModifiedUtf7(part).text);
  if (dot !== '' || first === undefined || [first, ...rest].includes('')) return undefined;
  return [first, ...rest];
}

async function* messagesOf(folder: string): AsyncIterable<NewMessage> {
  const keywords = await keywordsOf(folder);
  const files = [...(await filesOf(join(folder, 'new'))), ...(await filesOf(join(folder, 'cur')))];
  for (const { directory, name } of files.sort((one, other) => compareMaildirNames(one.name, other.name))) {
    const file = join(directory, name);
    const status = await stat(file).catch(() => undefined);
    if (status?.isFile() !== true) continue;
    yield { body: fileChunks(file), flags: flagsOfName(name, keywords), internalDate: internalDateOf(status.mtime) };
  }
}

async function filesOf(directory: string): Promise<readonly { readonly directory: string; readonly name: string }[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => !name.startsWith('.')).map((name) => ({ directory, name }));
}

/** Opened only when somebody reads. */
async function* fileChunks(file: string): AsyncIterable<Uint8Array> {
  yield* crlfChunks(createReadStream(file));
}

/** The keywords that the letters of a folder stand for, by position. */
async function keywordsOf(folder: string): Promise<ReadonlyMap<string, Flag>> {
  const text = await readFile(join(folder, 'dovecot-keywords'), 'utf8').catch(() => '');
  const keywords = new Map<string, Flag>();
  for (const line of text.split('\n')) {
    const [, index, keyword] = /^(\d+) (\S+)$/.exec(line) ?? [];
    if (index !== undefined && keyword !== undefined && Number(index) < 26) {
      keywords.set(String.fromCharCode(0x61 + Number(index)), keyword);
    }
  }
  return keywords;
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}
