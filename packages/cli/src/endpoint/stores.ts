import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type StoreFactory, StoreRegistry } from '@posthorn/core';
import { maildirFromUrl } from '@posthorn/maildir';
import { memoryStore } from '@posthorn/memory';

/**
 * The stores the command can open, by the schemes of their URLs. A program that runs the command adds its own; beside
 * these, a package `posthorn-store-SCHEME` that can be found from here or from the working directory is used.
 */
export const stores: StoreRegistry = new StoreRegistry()
  .register('maildir', maildirFromUrl)
  .register('memory', () => memoryStore());

/** Whether there is a store for URLs of a scheme. */
export function hasStore(scheme: string): boolean {
  return stores.has(scheme) || storePackage(scheme) !== undefined;
}

/** Registers the package for a scheme, when there is one and it is not yet. */
export async function loadStore(scheme: string): Promise<void> {
  const path = stores.has(scheme) ? undefined : storePackage(scheme);
  if (path === undefined) return;
  const { default: factory } = (await import(pathToFileURL(path).href)) as { readonly default?: StoreFactory };
  if (typeof factory !== 'function') throw new TypeError(`${path} exports no StoreFactory as its default`);
  stores.register(scheme, factory);
}

function storePackage(scheme: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) return undefined;
  for (const place of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(place).resolve(`posthorn-store-${scheme}`);
    } catch {
      // Looked for in the next place.
    }
  }
  return undefined;
}
