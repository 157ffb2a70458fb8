import type { Flag, InternalDate, MailboxPath, ModSeq, SpecialUse, Uid, UidSet, UidValidity } from '@posthorn/core';

/** Where messages come from. */
export interface SyncSource {
  /** Names the account, such as `alice@mail.example.org`; what the sync remembers is kept under it. */
  readonly name: string;
  /** The mailboxes that hold messages. */
  list(options: SourceOptions): Promise<readonly SourceMailboxInfo[]>;
  /** Opens a mailbox for reading. Opening another one closes it. */
  open(mailbox: SourceMailboxInfo, options: SourceOptions): Promise<SourceMailbox>;
}

export interface SourceOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface SourceMailboxInfo {
  readonly path: MailboxPath;
  /** Names the mailbox within the source, exactly. */
  readonly key: string;
  readonly isSubscribed: boolean;
  readonly specialUse: readonly SpecialUse[];
}

/** A message of the source and its flags. */
export interface SourceFlags {
  readonly uid: Uid;
  readonly flags: readonly Flag[];
}

/** What tells a message from others without reading it. */
export interface SourceMetadata {
  readonly uid: Uid;
  readonly size: number;
  readonly internalDate: InternalDate;
}

/** A message on its way. The body is read before the next message is asked for, or dropped. */
export interface SourceMessage {
  readonly uid: Uid;
  readonly flags: readonly Flag[];
  /** Undefined when the source does not tell one that can be read. */
  readonly internalDate: InternalDate | undefined;
  /** Octets of the body; undefined when the source did not send one. */
  readonly body: { readonly size: number; stream(): AsyncIterable<Uint8Array> } | undefined;
}

/** A mailbox opened for reading. */
export interface SourceMailbox {
  readonly uidValidity: UidValidity;
  readonly uidNext: number | undefined;
  /** How many messages there were when it was opened. */
  readonly messages: number;
  /** How many there are by now, as far as the source has told. */
  readonly currentMessages: number;
  readonly highestModSeq: ModSeq | undefined;
  /** UID and flags of every message. One that the source cannot read is left out. */
  flags(options: SourceOptions): AsyncIterable<SourceFlags>;
  metadata(uids: UidSet, options: SourceOptions): AsyncIterable<SourceMetadata>;
  /**
   * The messages themselves, in ascending order of UID where the source can. Those that are gone are left out; those
   * that it does not give whole come without a body.
   */
  messagesOf(uids: UidSet, options: SourceOptions): AsyncIterable<SourceMessage>;
}
