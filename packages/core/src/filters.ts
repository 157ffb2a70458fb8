import type { AbortOptions } from './mail-store.ts';

export interface FilterInfo {
  readonly name: string;
  /** One at the most is. */
  readonly isActive: boolean;
}

/** The Sieve scripts of an account, which run when mail is delivered. Names are compared exactly. @see RFC 5804 section 2 */
export interface AccountFilters {
  list(options?: AbortOptions): Promise<readonly FilterInfo[]>;
  /** The octets of a script, as they were put. @throws {@link StoreError} `STORE_NONEXISTENT` */
  read(name: string, options?: AbortOptions): Promise<Uint8Array>;
  /** Makes a script, or replaces it; an active one stays active. */
  put(name: string, script: Uint8Array, options?: AbortOptions): Promise<void>;
  /** @throws {@link StoreError} `STORE_NONEXISTENT`; `STORE_IN_USE` for the active one */
  delete(name: string, options?: AbortOptions): Promise<void>;
  /** @throws {@link StoreError} `STORE_NONEXISTENT`, `STORE_ALREADY_EXISTS` */
  rename(from: string, to: string, options?: AbortOptions): Promise<void>;
  /** Makes a script the active one; undefined for none. @throws {@link StoreError} `STORE_NONEXISTENT` */
  activate(name: string | undefined, options?: AbortOptions): Promise<void>;
}
