import { concatBytes } from '@posthorn/core';

/** The octets of pieces of a command or a response. Points to wait at, and places for what flows, are left out. */
export function octetsOfPieces(pieces: readonly { readonly type: string; readonly bytes?: Uint8Array }[]): Uint8Array {
  return concatBytes(pieces.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes])));
}
