import type { ScramHash } from '@posthorn/core';
import { checkName, checkNewPassword, preparedName } from './user-name.ts';
import { DEFAULT_SCRAM_HASHES, makeUser } from './user-record.ts';
import { UsersError } from './users-error.ts';
import { type ChangeOptions, changeUsers, readUsersFile } from './users-file.ts';
import { parseUsers } from './users-text.ts';

export interface UserOptions {
  /** The hashes to keep SCRAM keys for. @defaultValue `['SHA-256']`; those that a user has whose password changes */
  readonly scramHashes?: readonly ScramHash[] | undefined;
  /** How long to wait for another program that changes the file. @defaultValue 5_000 */
  readonly waitMs?: number;
  /** Ends the wait; a change that was begun is finished. */
  readonly signal?: AbortSignal;
}

/**
 * Adds a user, and makes the file when there is none.
 * @throws {@link UsersError} `USERS_ALREADY_EXISTS` also when a name differs from one that is there in its case alone
 */
export async function addUser(path: string, name: string, password: string, options: UserOptions = {}): Promise<void> {
  const prepared = await checkName(name);
  const user = await makeUser(prepared, checkNewPassword(password), options.scramHashes ?? DEFAULT_SCRAM_HASHES);
  const change: ChangeOptions = { ...options, create: true };
  await changeUsers(
    path,
    async ({ secret, byName }) => {
      const folded = prepared.toLowerCase();
      const other = [...byName.keys()].find((each) => each.toLowerCase() === folded);
      if (other !== undefined) throw new UsersError('USERS_ALREADY_EXISTS', `there is a user ${other} already`);
      return { secret, byName: new Map([...byName, [prepared, user]]) };
    },
    change,
  );
}

/** Changes the password of a user. @throws {@link UsersError} `USERS_NONEXISTENT` */
export async function changePassword(
  path: string,
  name: string,
  password: string,
  options: UserOptions = {},
): Promise<void> {
  const prepared = await preparedName(name);
  const checked = checkNewPassword(password);
  await changeUsers(
    path,
    async ({ secret, byName }) => {
      const before = byName.get(prepared);
      if (before === undefined) throw nonexistent(name);
      const user = await makeUser(prepared, checked, options.scramHashes ?? [...before.scram.keys()]);
      return { secret, byName: new Map([...byName, [prepared, user]]) };
    },
    options,
  );
}

/** Removes a user. Their mail stays where it is. @throws {@link UsersError} `USERS_NONEXISTENT` */
export async function removeUser(
  path: string,
  name: string,
  options: Pick<UserOptions, 'waitMs' | 'signal'> = {},
): Promise<void> {
  const prepared = await preparedName(name);
  await changeUsers(
    path,
    async ({ secret, byName }) => {
      if (!byName.has(prepared)) throw nonexistent(name);
      return { secret, byName: new Map([...byName].filter(([each]) => each !== prepared)) };
    },
    options,
  );
}

/** The names of all users, in the order they were added. @throws {@link UsersError} */
export async function listUsers(path: string): Promise<readonly string[]> {
  const { text } = await readUsersFile(path);
  return [...parseUsers(text, path).byName.keys()];
}

function nonexistent(name: string): UsersError {
  return new UsersError('USERS_NONEXISTENT', `there is no user ${name}`);
}
