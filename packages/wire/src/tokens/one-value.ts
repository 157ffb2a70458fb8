import { Fault } from './fault.ts';
import { Reader } from './reader.ts';
import { skipValue } from './skip-value.ts';

/** Whether octets read as one value, or none. */
export function isOneValue(bytes: Uint8Array): boolean {
  const reader = new Reader(false, 0);
  reader.open(bytes, 0, bytes.length);
  try {
    skipValue(reader);
    return reader.isAtEnd;
  } catch (fault) {
    if (fault instanceof Fault) return false;
    throw fault;
  }
}
