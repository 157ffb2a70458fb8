import type { TlsOptions, Transport } from '@posthorn/core';

/** A transport that pretends to run TLS, from the start or once told: it changes what it says of itself, and nothing else. */
export function pretendTls(
  transport: Transport,
  {
    security = 'none',
    startTls,
  }: { readonly security?: 'none' | 'tls'; readonly startTls?: (options: TlsOptions) => Promise<void> } = {},
): Transport {
  let now = security;
  return {
    read: () => transport.read(),
    write: (data) => transport.write(data),
    startTls: async (options) => {
      await startTls?.(options);
      now = 'tls';
    },
    startDeflate: () => transport.startDeflate(),
    close: () => transport.close(),
    destroy: (reason) => transport.destroy(reason),
    get security() {
      return now;
    },
    get bytesRead() {
      return transport.bytesRead;
    },
    get bytesWritten() {
      return transport.bytesWritten;
    },
  };
}
