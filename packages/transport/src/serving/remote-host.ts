import type { Transport } from '@posthorn/core';

/** The peer's address without its port. */
export function remoteHost({ remoteAddress = '' }: Pick<Transport, 'remoteAddress'>): string {
  const end = remoteAddress.lastIndexOf(':');
  return end < 0 ? remoteAddress : remoteAddress.slice(0, end);
}
