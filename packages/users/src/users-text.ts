import { randomBytes } from 'node:crypto';
import type { ScramHash, ScramKeys } from '@posthorn/core';
import { KEY_BYTES, type PasswordHash } from './password-hash.ts';
import type { UserRecord } from './user-record.ts';
import { UsersError } from './users-error.ts';

/** What a users file holds. */
export interface Users {
  /** From this come the answers about users who do not exist, so that they stay the same. */
  readonly secret: Uint8Array;
  readonly byName: ReadonlyMap<string, UserRecord>;
}

const SECRET_BYTES = 32;
const HASHES: Readonly<Record<ScramHash, number>> = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-512': 64 };

/** A file of nobody yet. */
export function noUsers(): Users {
  return { secret: randomBytes(SECRET_BYTES), byName: new Map() };
}

/** A users file as text: JSON with a user to a line, so that versions of it compare well. */
export function formatUsers({ secret, byName }: Users): string {
  const lines = [...byName.values()].map((user) => `    ${JSON.stringify(plainUser(user))}`);
  const users = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
  return `{\n  "version": 1,\n  "secret": ${JSON.stringify(base64(secret))},\n  "users": ${users}\n}\n`;
}

/** @throws {@link UsersError} `USERS_CORRUPT` */
export function parseUsers(text: string, path: string): Users {
  const corrupt = (what: string): UsersError =>
    new UsersError('USERS_CORRUPT', `${path} is no users file: ${what}; bring back a copy of it`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What JSON.parse says quotes the text, which holds secrets.
    throw corrupt('it is not JSON');
  }
  const { version, secret, users } = asObject(value);
  if (version !== 1) throw corrupt('its version is not 1');
  const parsedSecret = octets(secret, SECRET_BYTES);
  if (parsedSecret === undefined || !Array.isArray(users)) throw corrupt('its secret or its list of users is missing');
  const byName = new Map<string, UserRecord>();
  for (const [index, each] of users.entries()) {
    const user = parseUser(asObject(each));
    if (user === undefined || byName.has(user.name)) throw corrupt(`user ${index + 1} makes no sense`);
    byName.set(user.name, user);
  }
  return { secret: parsedSecret, byName };
}

function plainUser({ name, password, scram }: UserRecord): unknown {
  const { salt, cost, blockSize, parallelization, key } = password;
  return {
    name,
    scrypt: { cost, blockSize, parallelization, salt: base64(salt), key: base64(key) },
    scram: Object.fromEntries(
      [...scram].map(([hash, { salt, iterations, storedKey, serverKey }]) => [
        hash,
        { iterations, salt: base64(salt), storedKey: base64(storedKey), serverKey: base64(serverKey) },
      ]),
    ),
  };
}

function parseUser({ name, scrypt, scram }: Fields): UserRecord | undefined {
  const password = parseHash(asObject(scrypt));
  if (typeof name !== 'string' || name === '' || password === undefined) return undefined;
  const keys = new Map<ScramHash, ScramKeys>();
  for (const [hash, size] of Object.entries(HASHES) as [ScramHash, number][]) {
    const given = asObject(scram)[hash];
    if (given === undefined) continue;
    const parsed = parseKeys(asObject(given), size);
    if (parsed === undefined) return undefined;
    keys.set(hash, parsed);
  }
  return { name, password, scram: keys };
}

function parseHash({ salt, cost, blockSize, parallelization, key }: Fields): PasswordHash | undefined {
  const [parsedSalt, parsedKey] = [octets(salt), octets(key, KEY_BYTES)];
  if (parsedSalt === undefined || parsedKey === undefined) return undefined;
  if (!isWithin(cost, 1 << 20) || !isWithin(blockSize, 32) || !isWithin(parallelization, 16)) return undefined;
  if (cost < 2 || (cost & (cost - 1)) !== 0) return undefined;
  return { salt: parsedSalt, cost, blockSize, parallelization, key: parsedKey };
}

function parseKeys({ salt, iterations, storedKey, serverKey }: Fields, size: number): ScramKeys | undefined {
  const [parsedSalt, stored, server] = [octets(salt), octets(storedKey, size), octets(serverKey, size)];
  if (parsedSalt === undefined || stored === undefined || server === undefined) return undefined;
  if (!isWithin(iterations, 10_000_000)) return undefined;
  return { salt: parsedSalt, iterations, storedKey: stored, serverKey: server };
}

type Fields = Readonly<Record<string, unknown>>;

function asObject(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function isWithin(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
}

function octets(value: unknown, size?: number): Uint8Array | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined;
  const bytes = Buffer.from(value, 'base64');
  return size === undefined || bytes.length === size ? bytes : undefined;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
