import type { AccountId } from './ids.ts';
import type { AbortOptions } from './mail-store.ts';
import type { MailboxPath } from './mailbox.ts';

/** Who may do what: `rights` are letters such as `lrswipkxtea`. @see RFC 4314 section 2.1 */
export interface AclEntry {
  /** A user, a group or `anyone`; with `-` before it the rights are denied. */
  readonly identifier: string;
  readonly rights: string;
}

/** Rights that can be granted to somebody. @see RFC 4314 section 3.7 */
export interface GrantableRights {
  /** Those they always have. */
  readonly required: string;
  /** Those that can be granted, each group as one. */
  readonly optional: readonly string[];
}

/** Access control of a store whose mailboxes can be shared. Its other methods refuse what the user has no right to. */
export interface AccountAcl {
  /** @throws {@link StoreError} `STORE_NONEXISTENT`, `STORE_NO_PERMISSION` */
  entries(path: MailboxPath, options?: AbortOptions): Promise<readonly AclEntry[]>;
  /**
   * Gives somebody just these rights; undefined takes the entry away.
   * @throws {@link StoreError} `STORE_NONEXISTENT`, `STORE_NO_PERMISSION`, `STORE_CANNOT`
   */
  change(path: MailboxPath, identifier: string, rights: string | undefined, options?: AbortOptions): Promise<void>;
  /** @throws {@link StoreError} `STORE_NONEXISTENT` */
  myRights(path: MailboxPath, options?: AbortOptions): Promise<string>;
  /** @throws {@link StoreError} `STORE_NONEXISTENT` */
  grantable(path: MailboxPath, identifier: string, options?: AbortOptions): Promise<GrantableRights>;
}

/** Which accounts let others in. Who serves the store compares their {@link AccountAcl.entries} with whoever asks. */
export interface StoreSharing {
  /** Every account of which mailboxes were shared, and perhaps are no more. None is made by asking. */
  owners(options?: AbortOptions): Promise<readonly AccountId[]>;
}
