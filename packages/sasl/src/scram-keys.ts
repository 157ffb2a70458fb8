import { type ScramHash, type ScramKeys, utf8Bytes } from '@posthorn/core';
import { prepareText } from './prepare-text.ts';

/** Octets of each hash. */
export const HASH_BYTES: Readonly<Record<ScramHash, number>> = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-512': 64 };

export interface DeriveScramKeysOptions {
  readonly hash: ScramHash;
  /** @defaultValue 16 fresh random octets */
  readonly salt?: Uint8Array;
  /** @defaultValue 100_000 */
  readonly iterations?: number;
}

/**
 * Derives what a server keeps of a password. It cannot be turned back into the password but by guessing.
 * @see RFC 5802 section 3
 */
export async function deriveScramKeys(
  password: string,
  { hash, salt = crypto.getRandomValues(new Uint8Array(16)), iterations = 100_000 }: DeriveScramKeysOptions,
): Promise<ScramKeys> {
  const saltedPassword = await saltPassword(await prepareText(password), { hash, salt, iterations });
  const { clientKey, serverKey } = await deriveKeys(saltedPassword, hash);
  return { salt, iterations, storedKey: await digest(clientKey, hash), serverKey };
}

/** `Hi` of RFC 5802 section 2.2, computed off the main thread where the runtime can. */
export async function saltPassword(
  password: string,
  { hash, salt, iterations }: Required<DeriveScramKeysOptions>,
): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', owned(utf8Bytes(password)), 'PBKDF2', false, ['deriveBits']);
  const parameters = { name: 'PBKDF2', hash, salt: owned(salt), iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, HASH_BYTES[hash] * 8));
}

export async function deriveKeys(
  saltedPassword: Uint8Array,
  hash: ScramHash,
): Promise<{ readonly clientKey: Uint8Array; readonly serverKey: Uint8Array }> {
  const clientKey = await hmac(saltedPassword, utf8Bytes('Client Key'), hash);
  const serverKey = await hmac(saltedPassword, utf8Bytes('Server Key'), hash);
  return { clientKey, serverKey };
}

export async function hmac(key: Uint8Array, message: Uint8Array, hash: ScramHash): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey('raw', owned(key), { name: 'HMAC', hash }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, owned(message)));
}

export async function digest(bytes: Uint8Array, hash: ScramHash): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(hash, owned(bytes)));
}

/** `left XOR right`, of arrays of one length. */
export function exclusiveOr(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((octet, index) => octet ^ right[index]!);
}

/** WebCrypto takes no view of shared memory, and types say so. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
