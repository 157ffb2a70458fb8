import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** What matters of a Maildir, read from its files alone; the names of files, which are unique by design, are left out. */
export interface MaildirTree {
  readonly folders: Record<string, FolderTree>;
  /** Files below any `tmp`. */
  readonly leftovers: readonly string[];
}

interface FolderTree {
  readonly uidValidity: string | undefined;
  /** By UID: flags, SHA-256 of the octets, and modification time in seconds. */
  readonly messages: Record<string, string>;
  /** Files in `new` and `cur` that the uidlist does not name. */
  readonly unlisted: number;
  /** UIDs that the uidlist gives to files that are not there. */
  readonly dangling: number;
  readonly others: readonly string[];
}

/** Reads a Maildir++ tree with its `dovecot-uidlist` files. */
export async function maildirTree(root: string): Promise<MaildirTree> {
  const folders: Record<string, FolderTree> = {};
  const leftovers: string[] = [];
  const entries = await readdir(root, { withFileTypes: true });
  const names = [
    '',
    ...entries.filter((entry) => entry.isDirectory() && entry.name.startsWith('.')).map(({ name }) => name),
  ];
  for (const name of names.toSorted()) {
    const folder = join(root, name);
    folders[name] = await folderTree(folder);
    leftovers.push(...(await list(join(folder, 'tmp'))).map((file) => join(name, 'tmp', file)));
  }
  return { folders, leftovers };
}

async function folderTree(folder: string): Promise<FolderTree> {
  const uidlist = await readFile(join(folder, 'dovecot-uidlist'), 'latin1').catch(() => '');
  const uids = new Map<string, string>();
  for (const [, uid, name] of uidlist.matchAll(/^(\d+)(?: [A-Z][^ \n]*)* :(.*)$/gm)) uids.set(name!, uid!);
  const messages: Record<string, string> = {};
  let unlisted = 0;
  for (const part of ['new', 'cur']) {
    for (const file of await list(join(folder, part))) {
      const [base, info = ''] = file.split(':2,');
      const uid = uids.get(base!);
      uids.delete(base!);
      if (uid === undefined) unlisted += 1;
      else messages[uid] = `${info} ${await describe(join(folder, part, file))}`;
    }
  }
  const others = (await list(folder)).filter(
    (name) => !/^(cur|new|tmp|posthorn-sync)$|^\.|^dovecot-uidvalidity/.test(name),
  );
  const uidValidity = /^3 V(\d+)/.exec(uidlist)?.[1];
  return {
    uidValidity,
    messages,
    unlisted,
    dangling: uids.size,
    others: others.map((name) => basename(name)).toSorted(),
  };
}

async function describe(path: string): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  return `${hash} ${Math.floor((await stat(path)).mtimeMs / 1_000)}`;
}

async function list(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).toSorted();
}
