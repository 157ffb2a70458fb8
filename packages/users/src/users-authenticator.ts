import { createHmac } from 'node:crypto';
import {
  type AccountId,
  type AuthenticationContext,
  AuthenticationError,
  type Authenticator,
  accountId,
  type Logger,
  type ScramHash,
  type ScramKeys,
  silentLogger,
} from '@posthorn/core';
import { isPassword, KEY_BYTES, type PasswordHash, SALT_BYTES, SCRYPT } from './password-hash.ts';
import { Turns } from './turns.ts';
import { preparedName } from './user-name.ts';
import { SCRAM_ITERATIONS } from './user-record.ts';
import { UsersError } from './users-error.ts';
import { type FileVersion, readUsersFile, usersFileVersion } from './users-file.ts';
import { parseUsers, type Users } from './users-text.ts';

export interface OpenUsersOptions {
  /** Told when the file was read again, or cannot be. @defaultValue a logger that drops everything */
  readonly logger?: Logger;
  /** Passwords that are hashed at a time; each takes 32 MiB meanwhile. @defaultValue 2 */
  readonly maxHashes?: number;
  /** Logins that wait for their turn. Those beyond are told to try again later. @defaultValue 100 */
  readonly maxWaiting?: number;
}

/** The methods that a users file answers. */
export type UsersAuthenticator = Required<Pick<Authenticator, 'checkPassword' | 'scramKeys' | 'authorize'>>;

/**
 * Opens a users file as an authenticator. Each user has the account of their name and no other. The file is looked at
 * for every login and read again when it changed; while what is there makes no sense, as when an editor is half-way
 * through, what was read before stays in force. A file that is gone or cannot be read lets nobody in.
 *
 * Users who do not exist cost as much time as others with a wrong password, and have SCRAM keys that stay the same.
 *
 * @throws {@link UsersError} when the file cannot be used now.
 */
export async function openUsers(path: string, options: OpenUsersOptions = {}): Promise<UsersAuthenticator> {
  const users = new UsersFile(path, options);
  await users.load();
  return users;
}

class UsersFile implements UsersAuthenticator {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #turns: Turns;
  #users: Users | undefined;
  /** Of what was read last, whether it made sense or not. */
  #version: FileVersion | undefined;
  #loading: Promise<void> | undefined;

  constructor(path: string, { logger = silentLogger, maxHashes = 2, maxWaiting = 100 }: OpenUsersOptions) {
    this.#path = path;
    this.#logger = logger;
    this.#turns = new Turns(maxHashes, maxWaiting);
  }

  async checkPassword(
    user: string,
    password: string,
    { signal }: AuthenticationContext,
    authorizeAs?: string,
  ): Promise<AccountId | undefined> {
    const { byName, secret } = await this.#current();
    const name = await preparedName(user);
    // Made in either case, so that both take the same time.
    const decoy = decoyHash(secret, name);
    const record = byName.get(name);
    const isRight = await this.#turns.take(() => isPassword(password, record?.password ?? decoy), signal);
    if (isRight === undefined) throw new AuthenticationError('AUTH_UNAVAILABLE', 'too many logins at once');
    if (!isRight || record === undefined) return undefined;
    return (await isSelf(name, authorizeAs)) ? accountId(name) : undefined;
  }

  async scramKeys(user: string, hash: ScramHash): Promise<ScramKeys> {
    const { byName, secret } = await this.#current();
    const name = await preparedName(user);
    const decoy = decoyKeys(secret, name, hash);
    return byName.get(name)?.scram.get(hash) ?? decoy;
  }

  async authorize(user: string, _context: AuthenticationContext, authorizeAs?: string): Promise<AccountId | undefined> {
    const { byName } = await this.#current();
    const name = await preparedName(user);
    return byName.has(name) && (await isSelf(name, authorizeAs)) ? accountId(name) : undefined;
  }

  /** Reads the file. @throws {@link UsersError} */
  async load(): Promise<void> {
    const { text, version, isReadable } = await readUsersFile(this.#path);
    this.#version = version;
    this.#users = parseUsers(text, this.#path);
    if (isReadable) this.#logger.warn('others may read the users file: run chmod 600 on it', { path: this.#path });
  }

  /** The users as the file has them now. */
  async #current(): Promise<Users> {
    try {
      if ((await usersFileVersion(this.#path)) !== this.#version) {
        this.#loading ??= this.#reload();
        await this.#loading;
      }
    } catch (error) {
      this.#logger.error('the users file cannot be used', { path: this.#path, reason: reasonOf(error) });
      throw new AuthenticationError('AUTH_UNAVAILABLE', 'the users file cannot be used', { cause: error });
    }
    return this.#users!;
  }

  /** Logins at the same time read the file once. */
  async #reload(): Promise<void> {
    try {
      await this.load();
      this.#logger.info('read the users file again', { path: this.#path });
    } catch (error) {
      const isCorrupt = error instanceof UsersError && error.code === 'USERS_CORRUPT';
      if (!isCorrupt) throw error;
      this.#logger.error('kept the users read before', { path: this.#path, reason: error.message });
    } finally {
      this.#loading = undefined;
    }
  }
}

/** Nobody may act as somebody else. */
async function isSelf(name: string, authorizeAs: string | undefined): Promise<boolean> {
  return authorizeAs === undefined || (await preparedName(authorizeAs)) === name;
}

/** No password has this hash but by chance, and hashing against it takes the usual time. */
function decoyHash(secret: Uint8Array, name: string): PasswordHash {
  return {
    ...SCRYPT,
    salt: madeUp(secret, `scrypt salt ${name}`, SALT_BYTES),
    key: madeUp(secret, `scrypt key ${name}`, KEY_BYTES),
  };
}

function decoyKeys(secret: Uint8Array, name: string, hash: ScramHash): ScramKeys {
  const size = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-512': 64 }[hash];
  return {
    salt: madeUp(secret, `${hash} salt ${name}`, 16),
    iterations: SCRAM_ITERATIONS,
    storedKey: madeUp(secret, `${hash} stored ${name}`, size),
    serverKey: madeUp(secret, `${hash} server ${name}`, size),
  };
}

function madeUp(secret: Uint8Array, what: string, size: number): Uint8Array {
  return createHmac('sha512', secret).update(what).digest().subarray(0, size);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
