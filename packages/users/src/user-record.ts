import type { ScramHash, ScramKeys } from '@posthorn/core';
import { deriveScramKeys } from '@posthorn/sasl';
import { hashPassword, type PasswordHash } from './password-hash.ts';

/** What is kept of a user. None of it is the password. */
export interface UserRecord {
  /** Prepared for comparison. */
  readonly name: string;
  readonly password: PasswordHash;
  readonly scram: ReadonlyMap<ScramHash, ScramKeys>;
}

/** Rounds of the SCRAM keys. Clients have to do as much work at each login. */
export const SCRAM_ITERATIONS = 200_000;

/** Every hash more is one more way to try passwords against a stolen file, SHA-1 the cheapest. */
export const DEFAULT_SCRAM_HASHES: readonly ScramHash[] = ['SHA-256'];

export async function makeUser(name: string, password: string, hashes: readonly ScramHash[]): Promise<UserRecord> {
  const scram = new Map<ScramHash, ScramKeys>();
  for (const hash of hashes) scram.set(hash, await deriveScramKeys(password, { hash, iterations: SCRAM_ITERATIONS }));
  return { name, password: await hashPassword(password), scram };
}
