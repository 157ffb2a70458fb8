import type { Annotation } from '@posthorn/wire';
import type { Values } from '../values.ts';

/** An annotation of a message or mailbox. */
export function annotation(values: Values): Annotation {
  return {
    entry: `/${values.text()}`,
    attributes: new Map(values.some(() => [values.random.pick(['value.priv', 'value.shared']), values.nText()], 1)),
  };
}
