import type { Transport } from '@posthorn/core';

/**
 * A transport whose chunks are lent: what `read` gave is written over after the next `read`. Who looks at each octet once
 * reads with next to no garbage this way.
 */
export interface LendingTransport extends Transport {
  /** Whether the next chunk is lent. No longer so once `startTls` or `startDeflate` was called. */
  readonly isLending: boolean;
  /** Makes the chunk that was read last the reader's to keep. */
  keepChunk(): void;
}

/** Whether a transport lends its chunks now. */
export function lendsChunks(transport: Transport): transport is LendingTransport {
  return 'isLending' in transport && transport.isLending === true;
}
