import { randomBytes } from 'node:crypto';
import { type Logger, type MailboxPath, silentLogger } from '@posthorn/core';
import { Disk, type FileWrite } from './disk/disk.ts';
import { type NameEncoding, pathKey } from './format/folder-name.ts';
import type { AccountLimits } from './format/maildirsize.ts';
import { type Layout, type LayoutName, layoutOf } from './layout/layout.ts';

/** The character between the base name of a message file and its flags. */
export type InfoSeparator = ':' | ';' | '!';

export interface MaildirOptions {
  /**
   * `single`: the root is the Maildir of whichever account is opened. `per-user`: each account has a Maildir below
   * the root, in a directory named after it. @defaultValue `single`
   */
  readonly accounts?: 'single' | 'per-user' | undefined;
  /**
   * How the directories of mailboxes are named: `maildir++` has `.A.B` for the mailbox B below A, `fs` has `A/B`, as
   * Dovecot does with `LAYOUT=fs`. @defaultValue `maildir++`
   */
  readonly layout?: LayoutName | undefined;
  /**
   * How names of mailboxes are spelled on the disk: in modified UTF-7, or as they are, as Dovecot does with
   * `mailbox_list_utf8`. @defaultValue `utf-7`
   */
  readonly nameEncoding?: NameEncoding | undefined;
  /**
   * Most that each account may hold. It is written to `maildirsize`, which other programs keep too. Where nothing is
   * said, the limits that this file has are kept; `false` leaves it alone. @defaultValue the limits in the file
   */
  readonly quota?: AccountLimits | false | undefined;
  /**
   * Whether users may give their account other limits (SETQUOTA), which then stand in `maildirsize`; those of `quota`
   * hold as long as none do. @defaultValue false
   */
  readonly settableQuota?: boolean | undefined;
  /**
   * Mailboxes whose messages do not count, such as `[['Trash']]`; those below them do. Whoever else keeps `maildirsize`
   * has to be told the same, such as Dovecot by `quota_rule = Trash:ignore`. @defaultValue none
   */
  readonly exemptFromQuota?: readonly MailboxPath[] | undefined;
  /**
   * Whether to show and change whom Dovecot lets use a mailbox, in `dovecot-acl`. Where each user has an account, whoever
   * serves the store can let others use what is shared. @defaultValue false
   */
  readonly acl?: boolean | undefined;
  /** Now, in milliseconds since 1970: for names and dates. @defaultValue `Date.now` */
  readonly clock?: (() => number) | undefined;
  /** Random octets, for unique names. @defaultValue those of `node:crypto` */
  readonly random?: ((length: number) => Uint8Array) | undefined;
  /** What separates flags from names in new names, for file systems without `:`. All three are read. @defaultValue `:` */
  readonly infoSeparator?: InfoSeparator | undefined;
  /** Whether mail is on the disk before an append, a copy or a move resolves. @defaultValue true */
  readonly fsync?: boolean | undefined;
  /**
   * Whether to keep an index beside the files: mod-sequences and what vanished, which then outlive the process, and
   * envelopes and structures, which then need not be read again. Losing it costs time, no mail. A string is the directory to keep it in, with one below it for each account. @defaultValue `true`, in the
   * directory `posthorn-index` of each Maildir
   */
  readonly index?: boolean | string | undefined;
  /** Called before each write to the file system: for tests that let it fail. */
  readonly fault?: ((write: FileWrite) => void | Promise<void>) | undefined;
  /** Told of repairs and of files that make no sense. @defaultValue none */
  readonly logger?: Logger | undefined;
  /** How long to wait for a lock that another program holds. @defaultValue 30_000 */
  readonly lockTimeoutMs?: number | undefined;
  /** How often a watch looks for changes by other programs. @defaultValue 500 */
  readonly pollIntervalMs?: number | undefined;
  /**
   * Most ranges of UIDs that each mailbox remembers as vanished. A cursor from before gets an answer that is not
   * `complete`. @defaultValue 65_536
   */
  readonly maxChangeLog?: number | undefined;
}

/** The options with their defaults filled in. */
export interface Settings {
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
  readonly infoSeparator: InfoSeparator;
  readonly layout: Layout;
  readonly quota: AccountLimits | false | undefined;
  readonly settableQuota: boolean;
  /** Keys of the names of mailboxes that are not counted. */
  readonly uncounted: ReadonlySet<string>;
  readonly acl: boolean;
  readonly logger: Logger;
  readonly lockTimeoutMs: number;
  readonly pollIntervalMs: number;
  readonly maxChangeLog: number;
  readonly disk: Disk;
  readonly index: boolean | string;
}

export function settingsOf(options: MaildirOptions): Settings {
  return {
    clock: options.clock ?? Date.now,
    random: options.random ?? randomBytes,
    infoSeparator: options.infoSeparator ?? ':',
    quota: options.quota,
    settableQuota: options.settableQuota ?? false,
    uncounted: new Set(options.exemptFromQuota?.map(pathKey)),
    acl: options.acl ?? false,
    layout: layoutOf(options.layout ?? 'maildir++', options.nameEncoding ?? 'utf-7'),
    logger: options.logger ?? silentLogger,
    lockTimeoutMs: options.lockTimeoutMs ?? 30_000,
    pollIntervalMs: options.pollIntervalMs ?? 500,
    maxChangeLog: options.maxChangeLog ?? 65_536,
    index: options.index ?? true,
    disk: new Disk(options.fault, options.fsync ?? true),
  };
}

/** Random octets in hexadecimal. */
export function randomHex(settings: Settings, octets: number): string {
  return Buffer.from(settings.random(octets)).toString('hex');
}
