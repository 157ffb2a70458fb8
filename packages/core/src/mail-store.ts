/**
 * The interface between mail stores and whoever uses them. Every store keeps these promises:
 *
 * - The octets of a message are given back exactly as they were appended.
 * - A UID never names another message, and UIDVALIDITY only grows.
 * - UIDs and mod-sequences become visible in the order in which they were allocated.
 * - A batch happens wholly or not at all.
 * - A reader that opened a body keeps it, whatever happens to the message.
 * - A change at any instant reaches every watcher.
 *
 * Methods that take a `signal` reject with its reason once it is aborted; the operation then happened wholly or not
 * at all. They do so while they wait, too, such as for a body that never goes on: {@link untilAborted} helps. Failures
 * reject with {@link StoreError}, misused arguments with `RangeError` or `TypeError`.
 *
 * How to write a store, with a small one to start from, is told in the README of `@posthorn/store-conformance`.
 * @module
 */
import type { AccountAcl, StoreSharing } from './acl.ts';
import type { BodyStructure } from './body-structure.ts';
import type { Envelope } from './envelope.ts';
import type { AccountFilters } from './filters.ts';
import type { Flag, FlagOperation } from './flags.ts';
import type { UidSet } from './id-set.ts';
import type { AccountId, Brand, EmailId, MailboxId, ModSeq, SessionId, ThreadId, Uid, UidValidity } from './ids.ts';
import type { InternalDate } from './internal-date.ts';
import type { MailboxInfo, MailboxPath, MailboxStatus, SpecialUse } from './mailbox.ts';
import type { AccountMetadata } from './metadata.ts';
import type { AccountQuota } from './quota.ts';
import type { SearchQuery } from './search-query.ts';

export interface AbortOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What a kind of store can promise beyond the contract. */
export interface StoreTraits {
  /**
   * Whether mod-sequences and the log of vanished UIDs outlive the process, and are the same for all processes. If not,
   * those given after a restart are above all that were given before under the same UIDVALIDITY.
   */
  readonly durableModSeq: boolean;
  /** Whether several processes may open the same account at once. */
  readonly crossProcess: boolean;
  /** Most keywords one mailbox can hold, or undefined when there is no limit. */
  readonly maxKeywords: number | undefined;
  /** Whether `InternalDate.offsetMinutes` is kept; otherwise dates come back in UTC. */
  readonly keepsZone: boolean;
}

/** A place where accounts keep mail. */
export interface MailStore {
  readonly traits: StoreTraits;
  /** What is shared among accounts, where their mailboxes can be; such accounts have an `acl`. */
  readonly sharing?: StoreSharing | undefined;
  /** Opens an account, creating it with an empty INBOX when the store makes accounts by itself. */
  open(account: AccountId, options?: AbortOptions): Promise<Account>;
  /** Closes the store and all that was opened from it. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface CreateMailboxOptions extends AbortOptions {
  /**
   * The UIDVALIDITY to give it, for mirrors. One that is not above all that this name had before is refused
   * (`STORE_CANNOT`), but an INBOX that never held a message takes any.
   */
  readonly uidValidity?: UidValidity | undefined;
  readonly specialUse?: readonly SpecialUse[] | undefined;
}

/** What a watcher is told: look again. Hints are coalesced; `changes` says what happened. */
export interface ChangeHint {
  /** The mailbox whose content may have changed. */
  readonly path: MailboxPath;
}

export interface MaintenanceOptions extends AbortOptions {
  /** Most time to spend. @defaultValue 1_000 */
  readonly budgetMs?: number | undefined;
}

export interface MaintenanceReport {
  /** Whether work is left. */
  readonly more: boolean;
  /** Leftover files, log entries and the like that were removed. */
  readonly removed: number;
}

/** Pairs of UIDs: the message `from[i]` is `to[i]` in the target. @see RFC 4315 section 3 */
export interface UidPairs {
  readonly uidValidity: UidValidity;
  readonly from: readonly Uid[];
  readonly to: readonly Uid[];
}

/**
 * The mailboxes of one account. Names are compared exactly, but INBOX in any case is INBOX, as a mailbox and as the
 * first part of the names below it.
 */
export interface Account {
  /** Limits, where the store has them. */
  readonly quota?: AccountQuota | undefined;
  /** Annotations, where the store keeps them. */
  readonly metadata?: AccountMetadata | undefined;
  /** Access control, where mailboxes can be shared. Without it the user is the owner of everything. */
  readonly acl?: AccountAcl | undefined;
  /** Sieve scripts, where the store keeps them. */
  readonly filters?: AccountFilters | undefined;
  /** Every mailbox, and every name that only holds children, parents before children. INBOX is always there. */
  list(options?: AbortOptions): Promise<readonly MailboxInfo[]>;
  /**
   * Creates a mailbox, and the missing names above it as names that hold only children.
   * A name that holds only children becomes a mailbox. INBOX may be "created" with a `uidValidity` as long as it
   * never held a message; without one it exists already.
   * @throws {@link StoreError} `STORE_ALREADY_EXISTS`, or `STORE_CANNOT` for a name the store cannot hold. No store
   *   holds a part that is empty or has NUL, CR, LF or half a surrogate pair.
   */
  create(path: MailboxPath, options?: CreateMailboxOptions): Promise<MailboxInfo>;
  /**
   * Deletes a mailbox and its messages; children and the subscription stay.
   * @throws {@link StoreError} `STORE_NONEXISTENT`; `STORE_CANNOT` for INBOX; `STORE_HAS_CHILDREN` for a name that
   *   holds only children.
   */
  delete(path: MailboxPath, options?: AbortOptions): Promise<void>;
  /**
   * Renames a mailbox, or a name that holds only children, and all below it; ids and UIDs stay, and subscriptions stay
   * with the names. UIDVALIDITY stays as long as it is above all that the new name had; else there is a new one, and
   * handles from before answer `STORE_NONEXISTENT`. Missing names above the target are created. Renaming INBOX moves its messages into a new mailbox and leaves INBOX empty, with its children.
   * @throws {@link StoreError} `STORE_NONEXISTENT`, `STORE_ALREADY_EXISTS`; `STORE_CANNOT` for a name the store cannot
   *   hold or one below the mailbox itself.
   */
  rename(from: MailboxPath, to: MailboxPath, options?: AbortOptions): Promise<void>;
  /** Marks a name as subscribed or not. The mailbox need not exist. */
  subscribe(path: MailboxPath, on: boolean, options?: AbortOptions): Promise<void>;
  /**
   * Optional: every name that is subscribed, whether or not there is such a mailbox. Without it the subscriptions of
   * mailboxes that are not there show nowhere.
   */
  subscriptions?(options?: AbortOptions): Promise<readonly MailboxPath[]>;
  /** @throws {@link StoreError} `STORE_NONEXISTENT`. */
  status(path: MailboxPath, options?: AbortOptions): Promise<MailboxStatus>;
  /** Opens a mailbox. @throws {@link StoreError} `STORE_NONEXISTENT`. */
  mailbox(path: MailboxPath, options?: AbortOptions): Promise<Mailbox>;
  /** Copies or moves messages, all or none, in ascending order of their UIDs. UIDs that do not exist are ignored. */
  transfer(
    from: MailboxPath,
    uids: UidSet,
    to: MailboxPath,
    mode: 'copy' | 'move',
    options?: AbortOptions,
  ): Promise<UidPairs>;
  /**
   * Hints that the messages or flags of mailboxes changed, or that mailboxes came or went. The watch is in force when
   * this returns, so changes made after the call are never missed.
   * Ends when the loop is left, the signal is aborted (without throwing) or the account is closed.
   */
  watch(paths: readonly MailboxPath[] | 'all', options?: AbortOptions): AsyncIterable<ChangeHint>;
  /** Housekeeping, such as removing what crashed deliveries left behind. */
  maintain(options?: MaintenanceOptions): Promise<MaintenanceReport>;
  /** Releases what this handle holds; watches end. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Where a reader of changes has come to: opaque, printable ASCII, safe to keep across restarts. */
export type Cursor = Brand<string, 'Cursor'>;

/** The part of a message that changes. */
export interface MessageSummary {
  readonly uid: Uid;
  readonly modSeq: ModSeq;
  /** Canonical flags without `\Recent`. */
  readonly flags: readonly Flag[];
}

/** What happened to a mailbox between two cursors. */
export interface ChangePage {
  /**
   * False when the store no longer knows what happened since the cursor: then `added` lists every message there
   * is, `vanished` is empty, and the reader compares with what it knows.
   */
  readonly complete: boolean;
  /** Messages that are new since the cursor, in ascending order of UID. */
  readonly added: readonly MessageSummary[];
  /** Messages known at the cursor whose flags changed, in ascending order of UID. */
  readonly changed: readonly MessageSummary[];
  /** UIDs known at the cursor that are gone. What came and went since is nowhere. */
  readonly vanished: UidSet;
  /** Where to go on from. */
  readonly cursor: Cursor;
  readonly highestModSeq: ModSeq;
  readonly uidNext: number;
}

/** The fields of a message that {@link Mailbox.scan} can be asked for. */
export type MetaField =
  | 'flags'
  | 'internalDate'
  | 'size'
  | 'envelope'
  | 'bodyStructure'
  | 'references'
  | 'emailId'
  | 'threadId'
  | 'saveDate'
  | 'pop3UniqueId';

interface MetaFields {
  readonly flags: readonly Flag[];
  readonly internalDate: InternalDate;
  /** RFC822.SIZE: octets of the whole message, as `read` gives them. */
  readonly size: number;
  readonly envelope: Envelope;
  readonly bodyStructure: BodyStructure;
  /** The body of the first References field, unfolded, which threading needs and an envelope does not hold; undefined without one. */
  readonly references: string | undefined;
  readonly emailId: EmailId | undefined;
  readonly threadId: ThreadId | undefined;
  readonly saveDate: InternalDate | undefined;
  /** The UIDL that a message brought from elsewhere, such as another server; undefined for one that keeps none. */
  readonly pop3UniqueId: string | undefined;
}

/** A message's identity and the fields that were asked for. */
export type MessageMeta<Field extends MetaField = MetaField> = { readonly uid: Uid; readonly modSeq: ModSeq } & Pick<
  MetaFields,
  Field
>;

/** Octets of a message from `start` (inclusive) to `end` (exclusive, cut at the end of the message). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface BodyStreamOptions {
  /**
   * Gives memory of so many octets to read into, for those who use theirs again. A store may do without it.
   * @defaultValue fresh arrays
   */
  readonly allocate?: ((length: number) => Uint8Array) | undefined;
}

/** An opened message. It stays readable until released, also when the message is expunged. */
export interface BodyHandle {
  /** Octets of the whole message. */
  readonly size: number;
  /** The octets asked for. May be called more than once. */
  stream(options?: BodyStreamOptions): AsyncIterable<Uint8Array>;
  /** Gives up the hold on the message. Idempotent. */
  release(): Promise<void>;
}

/** A message to add. */
export interface NewMessage {
  /**
   * Its octets. Consumed once, in order, before the next message of the batch. A chunk may be filled anew once the next
   * is asked for: a store that keeps it copies it. Chunks of an array stay as they are.
   */
  readonly body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Flags to start with; `\Recent` is ignored. @defaultValue none */
  readonly flags?: readonly Flag[] | undefined;
  /** @defaultValue now, in the store's time zone */
  readonly internalDate?: InternalDate | undefined;
  /** The UID to give it, for mirrors. Must not be below uidNext, and ascend within a batch. */
  readonly uid?: Uid | undefined;
}

export interface AppendResult {
  readonly uidValidity: UidValidity;
  /** UIDs in the order of the batch. */
  readonly uids: readonly Uid[];
  readonly modSeq: ModSeq;
}

export interface AppendOptions extends AbortOptions {
  /**
   * Room that the caller frees right after, which counts as free already: octets and messages. A message that takes the
   * place of another is not refused for want of room that it gives back.
   * @defaultValue none
   * @see RFC 8508 section 3.1
   */
  readonly freed?: { readonly storage: number; readonly messages: number } | undefined;
}

export interface StoreFlagsOptions extends AbortOptions {
  /** Leaves alone what changed after this mod-sequence. @see RFC 7162 section 3.1.3 */
  readonly unchangedSince?: ModSeq | undefined;
}

export interface StoreFlagsResult {
  /** Messages that exist and were not refused, with the flags they have now, in ascending order of UID. */
  readonly stored: readonly MessageSummary[];
  /** UIDs left alone because of `unchangedSince`. */
  readonly modified: UidSet;
  /** UIDs asked for that do not exist. */
  readonly missing: UidSet;
  readonly highestModSeq: ModSeq;
}

export interface ExpungeOptions extends AbortOptions {
  /** Removes only messages with the flag `\Deleted`, tested in the same step. @defaultValue false */
  readonly onlyDeleted?: boolean | undefined;
}

export interface ExpungeResult {
  readonly expunged: UidSet;
  readonly highestModSeq: ModSeq;
}

/** One mailbox of an account. A handle stays valid until its account closes; a deleted mailbox answers `STORE_NONEXISTENT`. */
export interface Mailbox {
  readonly id: MailboxId;
  readonly uidValidity: UidValidity;
  readonly isReadOnly: boolean;
  /**
   * What changed since a cursor, or everything for `undefined`. Reading is cheap when nothing happened. A cursor that
   * this mailbox does not know, such as one of a deleted mailbox of the same name, gets a page that is not `complete`.
   */
  changes(since: Cursor | undefined, options?: AbortOptions): Promise<ChangePage>;
  /**
   * Optional: the UIDs of a set that were expunged after a mod-sequence, or undefined when that was forgotten; UIDs
   * that no message ever had are left out. Without it a caller takes every UID that does not exist as expunged.
   * @see RFC 7162 section 3.2.6
   */
  vanishedSince?(since: ModSeq, uids: UidSet, options?: AbortOptions): Promise<UidSet | undefined>;
  /** The keywords that have a meaning in this mailbox, for FLAGS and PERMANENTFLAGS. */
  keywords(options?: AbortOptions): Promise<readonly Flag[]>;
  /** Metadata of those of `uids` that exist, in ascending order. */
  scan<Field extends MetaField>(
    uids: UidSet,
    fields: readonly Field[],
    options?: AbortOptions,
  ): AsyncIterable<MessageMeta<Field>>;
  /** Opens a message, whole or in part. @throws {@link StoreError} `STORE_EXPUNGED` when there is no such UID. */
  read(uid: Uid, range?: ByteRange, options?: AbortOptions): Promise<BodyHandle>;
  /**
   * Adds messages, all or none. UIDs are given once all bodies are there; until then others read and write as ever.
   * A batch may come as it is made: the next message is asked for once the body of the one before was read, and what
   * the batch throws is passed on unchanged. It is closed when the append fails.
   * @throws {@link StoreError} `STORE_UID_TAKEN`, `STORE_OVER_QUOTA`, `STORE_READ_ONLY`, `STORE_LIMIT` when no UID is
   *   left; what a body throws, unchanged.
   */
  append(batch: readonly NewMessage[] | AsyncIterable<NewMessage>, options?: AppendOptions): Promise<AppendResult>;
  /** Changes the flags of messages. Unknown keywords are created. */
  store(
    uids: UidSet,
    operation: FlagOperation,
    flags: readonly Flag[],
    options?: StoreFlagsOptions,
  ): Promise<StoreFlagsResult>;
  /** Removes messages. UIDs that do not exist are ignored. */
  expunge(uids: UidSet, options?: ExpungeOptions): Promise<ExpungeResult>;
  /** Hands the messages nobody claimed yet, copied and moved ones too, to a session, which alone sees them as `\Recent`. */
  claimRecent(session: SessionId, options?: AbortOptions): Promise<UidSet>;
  /**
   * Optional: the messages nobody claimed yet, which stay unclaimed. Without it a session that may change nothing sees
   * none as `\Recent`. @see RFC 3501 section 6.3.2
   */
  recent?(options?: AbortOptions): Promise<UidSet>;
  /** Optional push-down of a search. A caller falls back to `scan` and `read`. */
  search?(query: SearchQuery, options?: AbortOptions): AsyncIterable<Uid>;
}
