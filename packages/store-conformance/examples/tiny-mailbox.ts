import {
  type AbortOptions,
  type AppendOptions,
  type AppendResult,
  applyFlags,
  type BodyHandle,
  type ByteRange,
  type ChangePage,
  type Cursor,
  canonicalFlag,
  concatBytes,
  type EmailId,
  type ExpungeOptions,
  type ExpungeResult,
  emailId,
  type Flag,
  type FlagOperation,
  hasFlag,
  type InternalDate,
  InvalidStateError,
  MAX_ID,
  type Mailbox,
  type MailboxId,
  type MailboxPath,
  type MailboxStatus,
  type MessageMeta,
  type MessageSummary,
  type MetaField,
  type ModSeq,
  modSeq,
  type NewMessage,
  type SessionId,
  StoreError,
  type StoreFlagsOptions,
  type StoreFlagsResult,
  sameFlags,
  type Uid,
  type UidSet,
  type UidValidity,
  uid,
  untilAborted,
} from '@posthorn/core';
import { contains, difference, setOf } from '@posthorn/message-set';
import { scanMessage } from '@posthorn/mime';

/** One message. Its octets never change. */
export interface Message {
  readonly uid: Uid;
  readonly bytes: Uint8Array;
  readonly internalDate: InternalDate;
  readonly saveDate: InternalDate;
  readonly emailId: EmailId;
  readonly addedAt: ModSeq;
  changedAt: ModSeq;
  flags: readonly Flag[];
}

/** What all handles on a mailbox share. Every change of it is one synchronous step, so nobody sees half of one. */
export class Content {
  readonly id: MailboxId;
  path: MailboxPath;
  uidValidity: UidValidity;
  uidNext = 1;
  modSeq: ModSeq = modSeq(1n);
  /** In ascending order of UID. */
  messages: Message[] = [];
  /** Those that are gone, with the mod-sequences of their coming and going. */
  readonly gone: { readonly uid: Uid; readonly addedAt: ModSeq; readonly goneAt: ModSeq }[] = [];
  readonly unclaimed = new Set<Uid>();
  readonly keywords = new Map<string, Flag>();
  isDeleted = false;

  constructor(id: MailboxId, path: MailboxPath, uidValidity: UidValidity) {
    this.id = id;
    this.path = path;
    this.uidValidity = uidValidity;
  }

  next(): ModSeq {
    this.modSeq = modSeq(this.modSeq + 1n);
    return this.modSeq;
  }

  /** Flags with the spelling that a keyword had first. */
  known(flags: readonly Flag[]): readonly Flag[] {
    return applyFlags([], 'add', flags).map((flag) => {
      if (flag.startsWith('\\')) return canonicalFlag(flag);
      const key = flag.toLowerCase();
      if (!this.keywords.has(key)) this.keywords.set(key, flag);
      return this.keywords.get(key)!;
    });
  }

  /** The messages of a set, in ascending order. */
  select(uids: UidSet): readonly Message[] {
    return this.messages.filter((message) => contains(uids, message.uid));
  }

  add(messages: readonly Omit<Message, 'addedAt' | 'changedAt'>[]): ModSeq {
    if (messages.length === 0) return this.modSeq;
    const now = this.next();
    for (const message of messages) {
      this.messages.push({ ...message, flags: this.known(message.flags), addedAt: now, changedAt: now });
      this.unclaimed.add(message.uid);
      this.uidNext = message.uid + 1;
    }
    return now;
  }

  remove(messages: readonly Message[]): void {
    if (messages.length === 0) return;
    const goneAt = this.next();
    const removed = new Set(messages);
    this.messages = this.messages.filter((message) => !removed.has(message));
    for (const { uid, addedAt } of messages) {
      this.unclaimed.delete(uid);
      this.gone.push({ uid, addedAt, goneAt });
    }
  }

  status(): MailboxStatus {
    const count = (flag: Flag): number => this.messages.filter(({ flags }) => hasFlag(flags, flag)).length;
    return {
      id: this.id,
      uidValidity: this.uidValidity,
      uidNext: this.uidNext,
      highestModSeq: this.modSeq,
      messages: this.messages.length,
      recent: this.unclaimed.size,
      unseen: this.messages.length - count('\\Seen'),
      deleted: count('\\Deleted'),
      size: this.messages.reduce((total, { bytes }) => total + bytes.length, 0),
    };
  }
}

/** One handle on a mailbox. */
export class TinyMailbox implements Mailbox {
  readonly id: MailboxId;
  readonly uidValidity: UidValidity;
  readonly isReadOnly = false;
  readonly #content: Content;
  /** Throws when the account was closed. */
  readonly #assertOpen: () => void;
  readonly #notify: (path: MailboxPath) => void;

  constructor(content: Content, assertOpen: () => void, notify: (path: MailboxPath) => void) {
    this.id = content.id;
    this.uidValidity = content.uidValidity;
    this.#content = content;
    this.#assertOpen = assertOpen;
    this.#notify = notify;
  }

  async changes(since: Cursor | undefined, { signal }: AbortOptions = {}): Promise<ChangePage> {
    const content = this.#open(signal);
    const [, known] = since?.startsWith(`${this.#name}:`) ? since.split(':') : [];
    const start = known === undefined ? 0n : BigInt(known);
    const messages = start === content.modSeq ? [] : content.messages;
    const gone = start === content.modSeq ? [] : content.gone;
    return {
      complete: since === undefined || known !== undefined,
      added: messages.filter(({ addedAt }) => addedAt > start).map(summaryOf),
      changed: messages.filter(({ addedAt, changedAt }) => addedAt <= start && changedAt > start).map(summaryOf),
      vanished: setOf(gone.filter(({ addedAt, goneAt }) => addedAt <= start && goneAt > start).map((each) => each.uid)),
      cursor: `${this.#name}:${content.modSeq}` as Cursor,
      highestModSeq: content.modSeq,
      uidNext: content.uidNext,
    };
  }

  async keywords({ signal }: AbortOptions = {}): Promise<readonly Flag[]> {
    return [...this.#open(signal).keywords.values()];
  }

  async *scan<Field extends MetaField>(
    uids: UidSet,
    fields: readonly Field[],
    { signal }: AbortOptions = {},
  ): AsyncIterable<MessageMeta<Field>> {
    for (const message of this.#open(signal).select(uids)) {
      signal?.throwIfAborted();
      const all = metaOf(message);
      const asked = Object.fromEntries(fields.map((field) => [field, all[field]()]));
      yield { uid: message.uid, modSeq: message.changedAt, ...asked } as MessageMeta<Field>;
    }
  }

  async read(asked: Uid, range?: ByteRange, { signal }: AbortOptions = {}): Promise<BodyHandle> {
    if (range !== undefined && !(Number.isSafeInteger(range.start) && range.start >= 0 && range.end >= range.start))
      throw new RangeError('a byte range ascends from 0');
    const message = this.#open(signal).messages.find((each) => each.uid === asked);
    if (message === undefined) throw new StoreError('STORE_EXPUNGED', 'there is no message with this UID');
    return bodyOf(message.bytes, range);
  }

  async append(
    batch: readonly NewMessage[] | AsyncIterable<NewMessage>,
    { signal }: AppendOptions = {},
  ): Promise<AppendResult> {
    this.#open(signal);
    const staged: { readonly message: NewMessage; readonly bytes: Uint8Array }[] = [];
    for await (const message of untilAborted(batch, signal)) {
      const chunks: Uint8Array[] = [];
      // Copied, as the caller may fill the chunk anew.
      for await (const chunk of untilAborted(message.body, signal)) chunks.push(chunk.slice());
      staged.push({ message, bytes: concatBytes(chunks) });
    }
    // Nothing is awaited from here on: all of it happens, or nothing.
    const content = this.#open(signal);
    const now = secondsNow();
    let next = content.uidNext;
    const fresh = staged.map(({ message, bytes }) => {
      if (next > MAX_ID) throw new StoreError('STORE_LIMIT', 'no UID is left in the mailbox');
      const given = message.uid ?? uid(next);
      if (given < next) throw new StoreError('STORE_UID_TAKEN', `UID ${given} is below the next UID, ${next}`);
      next = given + 1;
      const internalDate = message.internalDate ?? now;
      return { uid: given, bytes, internalDate, saveDate: now, emailId: emailId(newId()), flags: message.flags ?? [] };
    });
    const at = content.add(fresh);
    if (fresh.length > 0) this.#notify(content.path);
    return { uidValidity: content.uidValidity, uids: fresh.map((message) => message.uid), modSeq: at };
  }

  async store(
    uids: UidSet,
    operation: FlagOperation,
    flags: readonly Flag[],
    { signal, unchangedSince }: StoreFlagsOptions = {},
  ): Promise<StoreFlagsResult> {
    const content = this.#open(signal);
    const chosen = content.select(uids);
    const modified = chosen.filter(({ changedAt }) => unchangedSince !== undefined && changedAt > unchangedSince);
    const wanted = chosen.filter((message) => !modified.includes(message));
    const asked = content.known(flags.filter((flag) => flag.toLowerCase() !== '\\recent'));
    const changed = wanted.filter((each) => !sameFlags(each.flags, applyFlags(each.flags, operation, asked)));
    if (changed.length > 0) {
      const changedAt = content.next();
      for (const message of changed)
        Object.assign(message, { flags: applyFlags(message.flags, operation, asked), changedAt });
      this.#notify(content.path);
    }
    return {
      stored: wanted.map(summaryOf),
      modified: setOf(modified.map((message) => message.uid)),
      missing: difference(uids, setOf(chosen.map((message) => message.uid))),
      highestModSeq: content.modSeq,
    };
  }

  async expunge(uids: UidSet, { signal, onlyDeleted = false }: ExpungeOptions = {}): Promise<ExpungeResult> {
    const content = this.#open(signal);
    const chosen = content.select(uids).filter(({ flags }) => !onlyDeleted || hasFlag(flags, '\\Deleted'));
    content.remove(chosen);
    if (chosen.length > 0) this.#notify(content.path);
    return { expunged: setOf(chosen.map((message) => message.uid)), highestModSeq: content.modSeq };
  }

  async claimRecent(_session: SessionId, { signal }: AbortOptions = {}): Promise<UidSet> {
    const { unclaimed } = this.#open(signal);
    const claimed = setOf([...unclaimed]);
    unclaimed.clear();
    return claimed;
  }

  /** Tells the cursors of this mailbox from those of others. */
  get #name(): string {
    return `${this.id}.${this.uidValidity}`;
  }

  #open(signal: AbortSignal | undefined): Content {
    signal?.throwIfAborted();
    this.#assertOpen();
    const content = this.#content;
    if (content.isDeleted || content.uidValidity !== this.uidValidity)
      throw new StoreError('STORE_NONEXISTENT', 'the mailbox was deleted');
    return content;
  }
}

export function newId(): string {
  return crypto.randomUUID();
}

export function secondsNow(): InternalDate {
  return { epochSeconds: Math.floor(Date.now() / 1_000), offsetMinutes: 0 };
}

function summaryOf({ uid, changedAt, flags }: Message): MessageSummary {
  return { uid, modSeq: changedAt, flags };
}

/** Each field is made when it is asked for. */
function metaOf(message: Message): { readonly [Field in MetaField]: () => MessageMeta<MetaField>[Field] } {
  return {
    flags: () => message.flags,
    internalDate: () => message.internalDate,
    size: () => message.bytes.length,
    envelope: () => scanMessage(message.bytes).envelope,
    bodyStructure: () => scanMessage(message.bytes).bodyStructure,
    references: () => scanMessage(message.bytes).references,
    emailId: () => message.emailId,
    threadId: () => undefined,
    saveDate: () => message.saveDate,
    pop3UniqueId: () => undefined,
  };
}

function bodyOf(bytes: Uint8Array, { start, end }: ByteRange = { start: 0, end: bytes.length }): BodyHandle {
  let isReleased = false;
  return {
    size: bytes.length,
    async *stream() {
      if (isReleased) throw new InvalidStateError('the body was released');
      // A copy: the reader may write to it.
      if (end > start) yield bytes.slice(start, end);
    },
    release: async () => {
      isReleased = true;
    },
  };
}
