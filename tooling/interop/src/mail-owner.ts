import { execFile } from 'node:child_process';
import { chown, mkdir, readdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whom a Maildir has to belong to, so that a server reads it. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
  readonly isRoot: boolean;
}

/** This user, or `mail` instead of root: servers refuse to read mail as root. */
export async function mailOwner(): Promise<Owner> {
  const { uid, gid } = userInfo();
  if (uid !== 0) return { uid, gid, isRoot: false };
  const [mailUid, mailGid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'mail'])));
  return { uid: Number(mailUid!.stdout), gid: Number(mailGid!.stdout), isRoot: true };
}

/** Gives a folder and all in it to somebody, as far as this user may. */
export async function giveTo(folder: string, owner: Owner): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (!owner.isRoot) return;
  await chown(folder, owner.uid, owner.gid);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    await chown(join(entry.parentPath, entry.name), owner.uid, owner.gid);
  }
}
