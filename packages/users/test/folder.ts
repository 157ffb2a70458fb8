import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** A folder for each test, gone afterwards, and the path of a users file in it. */
export function usersFolder(): { readonly folder: string; readonly file: string } {
  const made = { folder: '', file: '' };
  beforeEach(async () => {
    made.folder = await mkdtemp(join(tmpdir(), 'posthorn-users-'));
    made.file = join(made.folder, 'users');
  });
  afterEach(() => rm(made.folder, { recursive: true, force: true }));
  return made;
}
