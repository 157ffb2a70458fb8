/**
 * The same octets as a plain array. The `slice` of a Node `Buffer` is a view: values made with it would hold on to
 * the chunk they came in, and change with it.
 */
export function plainOctets(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
