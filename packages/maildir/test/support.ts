import {
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Account,
  accountId,
  collectBytes,
  MAX_ID,
  type Mailbox,
  type MessageMeta,
  type Uid,
  type UidSet,
  uid,
} from '@posthorn/core';
import { rangeSet } from '@posthorn/message-set';
import { onTestFinished } from 'vitest';
import { type MaildirOptions, openMaildir } from '../src/index.ts';

export const EVERY: UidSet = rangeSet(uid(1), uid(MAX_ID));
export const ALICE = accountId('alice');

/** A directory that is gone after the test. */
export function scratchDirectory(): string {
  // A file system in memory, where there is one, makes thousands of small files cheap.
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const directory = mkdtempSync(join(parent, 'posthorn-maildir-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Opens a Maildir and closes it after the test. */
export async function openAccount(root: string, options: MaildirOptions = {}): Promise<Account> {
  const store = openMaildir(root, { fsync: false, ...options });
  onTestFinished(() => store.close());
  return store.open(ALICE);
}

export async function openInbox(root: string, options: MaildirOptions = {}): Promise<Mailbox> {
  return (await openAccount(root, options)).mailbox(['INBOX']);
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function mail(subject: string): Uint8Array {
  return bytesOf(`From: ada@example.org\r\nSubject: ${subject}\r\n\r\nHello.\r\n`);
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export async function readText(mailbox: Mailbox, id: number): Promise<string> {
  const handle = await mailbox.read(uid(id));
  try {
    return Buffer.from(await collectBytes(handle.stream())).toString('latin1');
  } finally {
    await handle.release();
  }
}

/** UID and flags of every message. */
export async function rows(mailbox: Mailbox): Promise<readonly (readonly [Uid, string])[]> {
  const found: readonly MessageMeta<'flags'>[] = await all(mailbox.scan(EVERY, ['flags']));
  return found.map((row) => [row.uid, [...row.flags].sort().join(' ')]);
}

/** Every file below a directory with its content, but what only belongs to the file system. */
export function tree(directory: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(directory, entry);
    found[entry] = statSync(path).isDirectory() ? '' : readFileSync(path, 'latin1');
  }
  return found;
}

export function names(directory: string): readonly string[] {
  return readdirSync(directory).sort();
}

/**
 * What the disk would hold if the process were killed now: a copy in which locks belong to a process that is dead.
 */
export function killedNow(root: string, copy: string): void {
  cpSync(root, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  const linked = new Map<number, string>();
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const path = join(copy, entry);
    if (entry.endsWith('.lock')) writeFileSync(path, `${2 ** 22 + 1}:${hostname()}`);
    const { ino, nlink } = lstatSync(join(root, entry));
    if (nlink < 2 || !lstatSync(path).isFile()) continue;
    // Two names of one file are copied as two files.
    const first = linked.get(ino);
    if (first === undefined) linked.set(ino, path);
    else {
      rmSync(path);
      linkSync(first, path);
    }
  }
}
