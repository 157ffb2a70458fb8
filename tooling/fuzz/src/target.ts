import { isDeepStrictEqual } from 'node:util';
import type { Random } from './random.ts';

/** Something to feed, with what must hold of it whatever it is fed. */
export interface Target {
  readonly name: string;
  /** Inputs tried before any random one. */
  readonly kept: readonly Trial[];
  /** A trial that depends on the random numbers alone. */
  trial(random: Random): Trial;
}

/** One input and its check. */
export interface Trial {
  /** Size of the input. */
  readonly octets: number;
  /** @throws when something that must hold does not. */
  check(): void;
  /** The input for people, as text that can go into a test. */
  describe(): string;
  /** The smallest trial found that fails as well. Absent for inputs that are values. */
  shrink?(): Trial;
}

/** A promise of a decoder or encoder that was broken. */
export class OracleError extends Error {
  override name = 'OracleError';
}

/** @throws OracleError with both values unless `isSame`. */
export function expectSame(isSame: boolean, what: string, left: unknown, right: unknown): void {
  if (isSame) return;
  const [path, leftPart, rightPart] = firstDifference(left, right, []);
  const where = path.length === 0 ? '' : ` (at ${path.join('.')})`;
  throw new OracleError(`${what}${where}\n  ${shown(leftPart)}\n  ${shown(rightPart)}`);
}

/** What `make` makes; undefined where it refuses its arguments with a RangeError. */
export function refusedOr<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch (error) {
    // A stack that overflows throws a RangeError too.
    if (error instanceof RangeError && !error.message.includes('call stack')) return undefined;
    throw error;
  }
}

/** The innermost parts of two values in which everything that differs lies. */
function firstDifference(
  left: unknown,
  right: unknown,
  path: readonly string[],
): readonly [path: readonly string[], left: unknown, right: unknown] {
  if (isRecord(left) && isRecord(right)) {
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    const different = names.filter((name) => !isDeepStrictEqual(left[name], right[name]));
    const name = different[0];
    if (different.length === 1 && name !== undefined) return firstDifference(left[name], right[name], [...path, name]);
  }
  return [path, left, right];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}

/** A value on one line; octets as text, with a length that can be read. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === 'bigint') return `${each}n`;
    if (each instanceof Map) return { map: [...each] };
    if (each instanceof Uint8Array) return { octets: Buffer.from(each).toString('latin1') };
    if (ArrayBuffer.isView(each)) return Array.from(each as Uint32Array);
    return each;
  });
  return text === undefined ? 'undefined' : text.length > 4000 ? `${text.slice(0, 4000)}…` : text;
}
