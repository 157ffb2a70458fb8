import type { ScramHash } from '@posthorn/core';
import { UsageError } from '../failure.ts';

const HASHES: readonly ScramHash[] = ['SHA-1', 'SHA-256', 'SHA-512'];

/** Reads hashes with commas between, in the order given. @throws UsageError */
export function scramHashesOf(scram = 'SHA-256'): readonly ScramHash[] {
  return scram.split(',').map((word) => {
    const hash = HASHES.find((each) => each === word.trim().toUpperCase());
    if (hash === undefined) throw new UsageError(`--scram takes ${HASHES.join(', ')} with commas, not "${scram}"`);
    return hash;
  });
}
