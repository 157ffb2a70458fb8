import type { Grammar } from './grammar.ts';
import { mutate, randomBytes, tokenSoup } from './mutate.ts';
import { octetsOf, textOf } from './octets.ts';
import type { Random } from './random.ts';
import type { Target, Trial } from './target.ts';

interface OctetsTarget {
  readonly name: string;
  /** Right and wrong inputs to start from. */
  readonly seeds: readonly Uint8Array[];
  readonly grammar?: { readonly grammar: Grammar; readonly start: string } | undefined;
  check(input: Uint8Array): void;
}

const MAX_SHRINK_STEPS = 3000;

/** A target whose inputs are octets: made after a grammar, taken from seeds, broken, or made of nothing. */
export function octetsTarget({ name, seeds, grammar, check }: OctetsTarget): Target {
  const start = (random: Random): Uint8Array =>
    grammar !== undefined && (seeds.length === 0 || !random.once(3))
      ? octetsOf(grammar.grammar.make(random, grammar.start))
      : random.pick(seeds);
  const others = seeds.length === 0 ? [Uint8Array.of(0x41)] : seeds;
  const make = (random: Random): Uint8Array => {
    switch (random.below(16)) {
      case 0:
        return randomBytes(random);
      case 1:
        return tokenSoup(random);
      case 2:
      case 3:
      case 4:
      case 5:
        return start(random);
      default:
        return mutate(random, start(random), others);
    }
  };
  return {
    name,
    kept: seeds.map((seed) => octetsTrial(seed, check)),
    trial: (random) => octetsTrial(make(random), check),
  };
}

function octetsTrial(input: Uint8Array, check: (input: Uint8Array) => void): Trial {
  return {
    octets: input.length,
    check: () => check(input),
    describe: () => JSON.stringify(textOf(input)).replaceAll(/[\x7f-\xff]/g, escaped),
    shrink: () => octetsTrial(shrunk(input, check), check),
  };
}

function escaped(character: string): string {
  return `\\u00${character.charCodeAt(0).toString(16)}`;
}

/** Leaves out whatever can be left out while the check still fails. */
function shrunk(input: Uint8Array, check: (input: Uint8Array) => void): Uint8Array {
  const fails = (bytes: Uint8Array): boolean => {
    try {
      check(bytes);
      return false;
    } catch {
      return true;
    }
  };
  let bytes = input;
  let steps = 0;
  for (let size = bytes.length >> 1; size > 0; size = size === 1 ? 0 : size >> 1) {
    for (let at = 0; at < bytes.length && steps < MAX_SHRINK_STEPS; steps++) {
      const candidate = new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(at + size)]);
      if (fails(candidate)) bytes = candidate;
      else at += size;
    }
  }
  return bytes;
}
