import type {
  AbortOptions,
  AppendOptions,
  AppendResult,
  BodyHandle,
  ByteRange,
  ChangePage,
  Cursor,
  ExpungeOptions,
  ExpungeResult,
  Flag,
  FlagOperation,
  Mailbox,
  MailboxId,
  MessageMeta,
  MetaField,
  NewMessage,
  SearchQuery,
  SessionId,
  StoreFlagsOptions,
  StoreFlagsResult,
  Uid,
  UidSet,
  UidValidity,
} from '@posthorn/core';
import { emptySet } from '@posthorn/message-set';
import { nonexistent, refused } from './refusals.ts';
import { mayChange, permitted } from './rights.ts';

/** Asks what the user may do with the mailbox now. @throws {@link StoreError} `STORE_NONEXISTENT` when nothing */
export type AskRights = (options?: AbortOptions) => Promise<string>;

/**
 * A mailbox of somebody else, which does what the user has a right to and refuses the rest. Rights are asked for again
 * before each change and with each look for news; what is read is read with those of the last look.
 * @see RFC 4314 section 4
 */
export class SharedMailbox implements Mailbox {
  readonly id: MailboxId;
  readonly uidValidity: UidValidity;
  readonly isReadOnly: boolean;
  readonly vanishedSince?: NonNullable<Mailbox['vanishedSince']>;
  readonly search?: NonNullable<Mailbox['search']>;
  readonly recent?: NonNullable<Mailbox['recent']>;
  readonly #mailbox: Mailbox;
  readonly #askRights: AskRights;
  #rights: string;
  #wasReadable: boolean;

  /** @param rights - What {@link AskRights} just answered. */
  constructor(mailbox: Mailbox, rights: string, askRights: AskRights) {
    this.id = mailbox.id;
    this.uidValidity = mailbox.uidValidity;
    this.isReadOnly = mailbox.isReadOnly;
    this.#mailbox = mailbox;
    this.#askRights = askRights;
    this.#rights = rights;
    this.#wasReadable = rights.includes('r');
    if (mailbox.vanishedSince !== undefined)
      this.vanishedSince = (since, uids, options) => this.#vanishedSince(since, uids, options);
    if (mailbox.recent !== undefined) this.recent = async (options) => this.#readable().recent?.(options) ?? emptySet();
    if (mailbox.search !== undefined) this.search = (query, options) => this.#search(query, options);
  }

  async changes(since: Cursor | undefined, options?: AbortOptions): Promise<ChangePage> {
    this.#rights = await this.#askRights(options);
    // To who could read it and may no more, it is gone: a session that has it selected ends.
    if (this.#wasReadable && !this.#rights.includes('r')) throw nonexistent();
    this.#readable();
    return this.#mailbox.changes(since, options);
  }

  async keywords(options?: AbortOptions): Promise<readonly Flag[]> {
    return this.#readable().keywords(options);
  }

  scan<Field extends MetaField>(
    uids: UidSet,
    fields: readonly Field[],
    options?: AbortOptions,
  ): AsyncIterable<MessageMeta<Field>> {
    return this.#readable().scan(uids, fields, options);
  }

  async read(uid: Uid, range?: ByteRange, options?: AbortOptions): Promise<BodyHandle> {
    return this.#readable().read(uid, range, options);
  }

  async append(
    batch: readonly NewMessage[] | AsyncIterable<NewMessage>,
    options?: AppendOptions,
  ): Promise<AppendResult> {
    const rights = await this.#demand(['i'], options);
    return this.#mailbox.append(withPermittedFlags(batch, rights), options);
  }

  async store(
    uids: UidSet,
    operation: FlagOperation,
    flags: readonly Flag[],
    options?: StoreFlagsOptions,
  ): Promise<StoreFlagsResult> {
    const rights = await this.#demand(operation === 'replace' ? ['r', 's', 'w', 't'] : ['r'], options);
    if (!flags.every((flag) => mayChange(rights, flag))) throw refused();
    return this.#mailbox.store(uids, operation, flags, options);
  }

  async expunge(uids: UidSet, options?: ExpungeOptions): Promise<ExpungeResult> {
    await this.#demand(['e'], options);
    return this.#mailbox.expunge(uids, options);
  }

  async claimRecent(session: SessionId, options?: AbortOptions): Promise<UidSet> {
    return this.#readable().claimRecent(session, options);
  }

  async #vanishedSince(...asked: Parameters<NonNullable<Mailbox['vanishedSince']>>): Promise<UidSet | undefined> {
    return this.#readable().vanishedSince?.(...asked);
  }

  async *#search(query: SearchQuery, options?: AbortOptions): AsyncIterable<Uid> {
    yield* this.#readable().search?.(query, options) ?? [];
  }

  #readable(): Mailbox {
    if (!this.#rights.includes('r')) throw refused();
    return this.#mailbox;
  }

  async #demand(needed: readonly string[], options?: AbortOptions): Promise<string> {
    this.#rights = await this.#askRights({ signal: options?.signal });
    if (!needed.every((right) => this.#rights.includes(right))) throw refused();
    return this.#rights;
  }
}

/** Messages with the flags that somebody may give them; no message is refused for a flag. @see RFC 4314 section 4 */
export async function* withPermittedFlags(
  batch: readonly NewMessage[] | AsyncIterable<NewMessage>,
  rights: string,
): AsyncGenerator<NewMessage, void, undefined> {
  for await (const message of batch) yield { ...message, flags: permitted(rights, message.flags ?? []) };
}
