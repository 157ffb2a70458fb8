import { MailError, type MailStore, type StoreUrl } from '@posthorn/core';
import { UsageError } from '../failure.ts';
import type { StoreEndpoint } from './endpoint-url.ts';
import { loadStore, stores } from './stores.ts';

/**
 * Opens the store an endpoint names. With `single`, every user of a Maildir given by its folder opens that very
 * Maildir; with `per-user`, each has one below it.
 * @throws {@link UsageError} for a URL that makes no sense to the store
 */
export async function openStore(
  endpoint: StoreEndpoint,
  accounts: 'single' | 'per-user' = 'single',
): Promise<MailStore> {
  const url = urlOf(endpoint);
  await loadStore(url.scheme);
  try {
    return await stores.open(url, { accounts });
  } catch (error) {
    if (MailError.is(error) && error.code === 'STORE_CANNOT') throw new UsageError(error.message);
    throw error;
  }
}

function urlOf(endpoint: StoreEndpoint): StoreUrl {
  switch (endpoint.type) {
    case 'memory':
      return { scheme: 'memory', location: '', options: new Map() };
    case 'maildir':
      return { scheme: 'maildir', location: endpoint.path, options: new Map(Object.entries(endpoint.options ?? {})) };
    case 'store':
      return { ...endpoint, options: new Map(Object.entries(endpoint.options)) };
    default:
      return endpoint satisfies never;
  }
}
