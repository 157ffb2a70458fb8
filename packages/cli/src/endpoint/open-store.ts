import type { MailStore } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import { memoryStore } from '@posthorn/memory';
import type { StoreEndpoint } from './endpoint-url.ts';

/**
 * Opens the store an endpoint names. With `single`, every user of a Maildir given by its folder opens that very
 * Maildir; with `per-user`, each has one below it.
 */
export function openStore(endpoint: StoreEndpoint, accounts: 'single' | 'per-user' = 'single'): MailStore {
  return endpoint.type === 'memory' ? memoryStore() : openMaildir(endpoint.path, { accounts });
}
