import type { MailStore } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import { memoryStore } from '@posthorn/memory';
import type { StoreEndpoint } from './endpoint-url.ts';

/** Opens the store an endpoint names. Every user of a Maildir given by its folder opens that very Maildir. */
export function openStore(endpoint: StoreEndpoint): MailStore {
  return endpoint.type === 'memory' ? memoryStore() : openMaildir(endpoint.path);
}
