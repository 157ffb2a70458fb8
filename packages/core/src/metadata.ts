import type { AbortOptions } from './mail-store.ts';
import type { MailboxPath } from './mailbox.ts';

/** Values by the names of entries, which are in lower case, such as `/private/comment`. @see RFC 5464 section 3 */
export type MetadataEntries = ReadonlyMap<string, string>;

/** Annotations of an account and of its mailboxes. They follow a mailbox that is renamed, and go with one that is deleted. */
export interface AccountMetadata {
  /**
   * All entries of a mailbox; those of the account for undefined.
   * @throws {@link StoreError} `STORE_NONEXISTENT`
   */
  entries(path: MailboxPath | undefined, options?: AbortOptions): Promise<MetadataEntries>;
  /**
   * Sets entries, all or none; null takes one away. A change raises the mailbox's highest mod-sequence.
   * @throws {@link StoreError} `STORE_NONEXISTENT`, `STORE_OVER_QUOTA`, `STORE_LIMIT`
   */
  change(
    path: MailboxPath | undefined,
    entries: ReadonlyMap<string, string | null>,
    options?: AbortOptions,
  ): Promise<void>;
}
