import type { Random } from './random.ts';
import { shown, type Target } from './target.ts';
import { Values } from './values.ts';

interface ValuesTarget<Value> {
  readonly name: string;
  make(values: Values): Value;
  /** What must hold of a value that can be sent as it is. */
  checkExact(value: Value): void;
  /** What must hold of any value. */
  checkHarmless(value: Value): void;
}

/** A target whose inputs are values that somebody asks to be encoded. */
export function valuesTarget<Value>({ name, make, checkExact, checkHarmless }: ValuesTarget<Value>): Target {
  return {
    name,
    kept: [],
    trial: (random: Random) => {
      const isHostile = random.once(3);
      const value = make(new Values(random, isHostile));
      return {
        octets: 1024,
        check: () => (isHostile ? checkHarmless(value) : checkExact(value)),
        describe: () => shown(value),
      };
    },
  };
}
