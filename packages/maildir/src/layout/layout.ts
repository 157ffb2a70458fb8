import type { Logger, MailboxPath } from '@posthorn/core';
import type { NameEncoding } from '../format/folder-name.ts';
import { fsLayout } from './fs-layout.ts';
import { maildirPlusPlus } from './maildir-plus-plus.ts';

/** A mailbox as the root lists it. */
export interface FolderEntry {
  readonly path: MailboxPath;
  /** Relative to the root. */
  readonly directoryName: string;
}

/** How the directories of an account's mailboxes are named and found. Links are never followed. */
export interface Layout {
  /** Between the parts of names in the old form of the file of subscriptions. */
  readonly separator: '.' | '/';
  readonly encoding: NameEncoding;
  /** Whether the directories of children lie in that of their parent. */
  readonly nests: boolean;
  /** Where, below the root, nobody looks for mailboxes; ends with a slash unless it is the root. */
  readonly privatePlace: string;
  /** Whether an entry of a mailbox's directory belongs to the mailbox itself, and can be no child. */
  isReserved(name: string): boolean;
  /** The directory of a mailbox, relative to the root; empty for INBOX, undefined for a name that cannot be. */
  tryDirectoryOf(path: MailboxPath): string | undefined;
  /** As above. @throws {@link StoreError} `STORE_CANNOT` */
  directoryOf(path: MailboxPath): string;
  /** Whether a directory below the root is a mailbox. */
  isFolder(root: string, directoryName: string): boolean;
  /** All mailboxes but INBOX, in no order. */
  entries(root: string, logger: Logger): readonly FolderEntry[];
}

/** The layouts there are. */
export type LayoutName = 'maildir++' | 'fs';

export function layoutOf(name: LayoutName, encoding: NameEncoding): Layout {
  return name === 'fs' ? fsLayout(encoding) : maildirPlusPlus(encoding);
}
