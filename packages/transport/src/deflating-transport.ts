import type { Transport } from '@posthorn/core';

/** A transport that can send and receive octets as they are again after `startDeflate`. */
export interface DeflatingTransport extends Transport {
  /**
   * Compresses no more, in both directions: what is written from here on goes out as it is, and so is what comes taken to
   * be, which must be text. No read may be under way, and all that was inflated must have been read.
   * @throws TransportError `TRANSPORT_UNSUPPORTED` when the connection is not compressed
   * @throws InvalidStateError
   * @see RFC 8437 section 4.1
   */
  stopDeflate(): Promise<void>;
}

/** Whether a transport can end its compression. */
export function canStopDeflate(transport: Transport): transport is DeflatingTransport {
  return 'stopDeflate' in transport;
}
