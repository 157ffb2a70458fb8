import { Fault, Reader } from './reader.ts';

/** Whether octets read as one value, or none. */
export function isOneValue(bytes: Uint8Array): boolean {
  const reader = new Reader(false, 0);
  reader.open(bytes, 0, bytes.length);
  try {
    reader.skipValue();
    return reader.isAtEnd;
  } catch (fault) {
    if (fault instanceof Fault) return false;
    throw fault;
  }
}
