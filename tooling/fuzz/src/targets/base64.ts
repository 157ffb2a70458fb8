import { equalBytes } from '@posthorn/core';
import { fromBase64, toBase64 } from '@posthorn/wire';
import { keptInputs } from '../corpus.ts';
import { textOf } from '../octets.ts';
import { octetsTarget } from '../octets-target.ts';
import { expectSame, type Target } from '../target.ts';

/** Base64 as SASL uses it. */
export const base64: Target = octetsTarget({
  name: 'base64',
  seeds: keptInputs('base64'),
  check: (input) => {
    const spelled = toBase64(input);
    const decoded = fromBase64(spelled);
    expectSame(decoded !== undefined && equalBytes(decoded, input), 'base64 changed octets', decoded, input);
    expectSame(spelled === Buffer.from(input).toString('base64'), 'not the base64 of the octets', spelled, input);
    const read = fromBase64(textOf(input));
    if (read !== undefined) {
      const again = fromBase64(toBase64(read));
      expectSame(again !== undefined && equalBytes(again, read), 'base64 changed octets', again, read);
    }
  },
});
