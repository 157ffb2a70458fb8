import type { AbortOptions } from './mail-store.ts';
import type { MailboxPath } from './mailbox.ts';

/** What quota counts. @see RFC 9208 section 5 */
export type QuotaResourceName = 'STORAGE' | 'MESSAGE' | 'MAILBOX' | 'ANNOTATION-STORAGE';

/** How much of one resource is in use. */
export interface QuotaUsage {
  readonly resource: QuotaResourceName;
  /** STORAGE and ANNOTATION-STORAGE in octets, others as they are counted. */
  readonly usage: number;
  /** In the same unit; undefined for no limit. */
  readonly limit: number | undefined;
}

/** Mailboxes that share limits. */
export interface QuotaRoot {
  readonly name: string;
  readonly usages: readonly QuotaUsage[];
}

/** The limits of an account. A change that would exceed one is refused with `STORE_OVER_QUOTA`. @see RFC 9208 */
export interface AccountQuota {
  /** The names of the roots a mailbox belongs to; none for one whose messages are not counted. @throws {@link StoreError} `STORE_NONEXISTENT` */
  roots(path: MailboxPath, options?: AbortOptions): Promise<readonly string[]>;
  /** Undefined when there is no root of that name. */
  root(name: string, options?: AbortOptions): Promise<QuotaRoot | undefined>;
  /**
   * Gives a root just these limits, in the units of {@link QuotaUsage}; what is left out has none. Only stores whose
   * users may set limits have this. A limit may be below what is in use: then only what frees something is possible. @see RFC 9208 section 4.1.3
   * @throws {@link StoreError} `STORE_NONEXISTENT`, `STORE_NO_PERMISSION`, `STORE_CANNOT` for what is not counted
   */
  limit?(name: string, limits: ReadonlyMap<QuotaResourceName, number>, options?: AbortOptions): Promise<void>;
}
