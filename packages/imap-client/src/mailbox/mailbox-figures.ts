import type { Flag, ModSeq, SequenceNumber, UidValidity } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { ResyncResult } from './resync.ts';
import type { Selection } from './selection.ts';

/** What is known of a mailbox that is open, without asking. */
export class MailboxFigures {
  readonly name: MailboxName;
  readonly uidValidity: UidValidity;
  /** What has changed since the point that `select` was given. @see RFC 7162 section 3.2.5 */
  readonly resync: ResyncResult | undefined;
  readonly #selection: Selection;

  /** @internal */
  constructor(selection: Selection) {
    this.#selection = selection;
    this.name = selection.name;
    this.uidValidity = selection.uidValidity;
    this.resync = selection.resync;
  }

  /** How many messages there are, as far as the server has told. */
  get exists(): number {
    return this.#selection.view.exists;
  }

  /** How many of them are `\Recent`; undefined where the server does not tell, as IMAP4rev2 has it. */
  get recent(): number | undefined {
    return this.#selection.view.recent;
  }

  /** The first unread message at the time of the selection, when the server told. */
  get firstUnseen(): SequenceNumber | undefined {
    return this.#selection.view.firstUnseen;
  }

  /** The least UID that the next message will get, as the server last told it; undefined when it never did. */
  get uidNext(): number | undefined {
    return this.#selection.view.uidNext;
  }

  /** Whether it cannot be changed. The server may change its mind: see the change `mode` of `watch`. */
  get isReadOnly(): boolean {
    return this.#selection.view.isReadOnly;
  }

  /** Flags in use here. */
  get flags(): readonly Flag[] {
    return this.#selection.view.flags;
  }

  /** Flags that can be changed for good. Without PERMANENTFLAGS from the server, all of {@link flags}. */
  get permanentFlags(): readonly Flag[] {
    return this.#selection.view.permanentFlags ?? this.flags;
  }

  /** Whether new keywords can be made. */
  get allowsNewKeywords(): boolean {
    return this.#selection.view.allowsNewKeywords;
  }

  /** Needs CONDSTORE; undefined also for a mailbox that keeps no mod-sequences. */
  get highestModSeq(): ModSeq | undefined {
    return this.#selection.view.highestModSeq;
  }

  /** What names the mailbox through all renames. Needs OBJECTID. @see RFC 8474 section 4 */
  get mailboxId(): string | undefined {
    return this.#selection.view.mailboxId;
  }

  /** Whether it is still the selected mailbox of its client. */
  get isSelected(): boolean {
    return this.#selection.isCurrent();
  }
}
