import type { MailboxPath, SpecialUse } from '@posthorn/core';
import { type MailboxName, mailboxName } from '@posthorn/mailbox-name';
import type { StatusItems } from '@posthorn/wire';

/** A mailbox as LIST shows it. */
export interface ListedMailbox {
  readonly name: MailboxName;
  /** The name's parts, decoded. */
  readonly path: MailboxPath;
  /** What separates the parts; null when names have no parts. */
  readonly delimiter: string | null;
  /** As sent, such as `\HasChildren`. */
  readonly attributes: readonly string[];
  readonly isSelectable: boolean;
  readonly specialUse: readonly SpecialUse[];
  /** Undefined when the server cannot tell together with the list. */
  readonly isSubscribed: boolean | undefined;
  /** What `statusItems` asked for; absent when it could not be had. */
  readonly status?: StatusItems;
  /** What the one logged in may do, when `myRights` asked for it; absent when it could not be had. */
  readonly myRights?: string;
  /** What `metadataEntries` asked for; absent when it could not be had. */
  readonly metadata?: ReadonlyMap<string, string | null>;
}

/** A mailbox by its decoded name, its exact name, or as it was listed. Names from the server go back as they came. */
export type MailboxReference = string | MailboxName | ListedMailbox;

/** @param utf8 - Whether names are spelled in UTF-8 here, rather than in modified UTF-7. */
export function nameOf(mailbox: MailboxReference, utf8: boolean): MailboxName {
  if (typeof mailbox === 'string') return mailboxName(mailbox, { utf8 });
  return 'name' in mailbox ? mailbox.name : mailbox;
}
