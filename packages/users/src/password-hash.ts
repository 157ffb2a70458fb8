import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { prepareText } from '@posthorn/sasl';

/** What is kept of a password: scrypt with its parameters. @see RFC 7914 */
export interface PasswordHash {
  readonly salt: Uint8Array;
  /** N, a power of two: memory is 128 times this times `blockSize`. */
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly key: Uint8Array;
}

/** Some 90 ms and 32 MiB for each guess. */
export const SCRYPT = { cost: 32_768, blockSize: 8, parallelization: 1 } as const;
export const KEY_BYTES = 32;
export const SALT_BYTES = 16;

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(SALT_BYTES);
  return { ...SCRYPT, salt, key: await deriveKey(password, { ...SCRYPT, salt }) };
}

/** Whether a password is the one that was hashed. Takes as long for a wrong one. */
export async function isPassword(password: string, hash: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await deriveKey(password, hash), hash.key);
}

async function deriveKey(
  password: string,
  { salt, cost, blockSize, parallelization }: Omit<PasswordHash, 'key'>,
): Promise<Uint8Array> {
  const options = {
    cost,
    blockSize,
    parallelization,
    maxmem: 128 * cost * blockSize + 128 * blockSize * (parallelization + 2) + 65_536,
  };
  const prepared = await prepareText(password);
  return new Promise((resolve, reject) => {
    scrypt(prepared, salt, KEY_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
