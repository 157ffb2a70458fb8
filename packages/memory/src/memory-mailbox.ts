import {
  type AbortOptions,
  type AppendOptions,
  type AppendResult,
  type BodyHandle,
  type ByteRange,
  type ChangePage,
  type Cursor,
  type ExpungeOptions,
  type ExpungeResult,
  type Flag,
  type FlagOperation,
  hasFlag,
  type Mailbox,
  type MailboxId,
  type MessageMeta,
  type MetaField,
  type ModSeq,
  type NewMessage,
  type SessionId,
  StoreError,
  type StoreFlagsOptions,
  type StoreFlagsResult,
  type Uid,
  type UidSet,
  type UidValidity,
  untilAborted,
} from '@posthorn/core';
import { intersection } from '@posthorn/message-set';
import { checkRoom } from './account-quota.ts';
import type { AccountState } from './account-state.ts';
import { appendStaged } from './append.ts';
import { openBody } from './body-handle.ts';
import { changesSince } from './changes.ts';
import type { MailboxState } from './mailbox-state.ts';
import type { MessageContent } from './message-content.ts';
import { metaOf } from './meta.ts';
import { stageBody } from './stage.ts';
import { storeFlags } from './store-flags.ts';

/** One handle on a mailbox. */
export class MemoryMailbox implements Mailbox {
  readonly id: MailboxId;
  readonly uidValidity: UidValidity;
  readonly isReadOnly = false;
  readonly #account: AccountState;
  readonly #state: MailboxState;
  readonly #isClosed: () => boolean;

  constructor(account: AccountState, state: MailboxState, isClosed: () => boolean) {
    this.id = state.id;
    this.uidValidity = state.uidValidity;
    this.#account = account;
    this.#state = state;
    this.#isClosed = isClosed;
  }

  async changes(since: Cursor | undefined, { signal }: AbortOptions = {}): Promise<ChangePage> {
    return changesSince(this.#open(signal), since);
  }

  async vanishedSince(since: ModSeq, uids: UidSet, { signal }: AbortOptions = {}): Promise<UidSet | undefined> {
    const state = this.#open(signal);
    const vanished = state.vanishedLog.since(Number(since), state.uidNext);
    return vanished && intersection(vanished, uids);
  }

  async keywords({ signal }: AbortOptions = {}): Promise<readonly Flag[]> {
    return this.#open(signal).keywords;
  }

  async *scan<Field extends MetaField>(
    uids: UidSet,
    fields: readonly Field[],
    { signal }: AbortOptions = {},
  ): AsyncIterable<MessageMeta<Field>> {
    for (const record of this.#open(signal).select(uids)) {
      signal?.throwIfAborted();
      yield metaOf(record, fields, this.#account.structures);
    }
  }

  async read(uid: Uid, range?: ByteRange, { signal }: AbortOptions = {}): Promise<BodyHandle> {
    const record = this.#open(signal).find(uid);
    if (record === undefined) throw new StoreError('STORE_EXPUNGED', 'there is no message with this UID');
    return openBody(record.content, range);
  }

  async append(
    batch: readonly NewMessage[] | AsyncIterable<NewMessage>,
    { signal, freed = { storage: 0, messages: 0 } }: AppendOptions = {},
  ): Promise<AppendResult> {
    this.#open(signal);
    const messages: NewMessage[] = [];
    const contents: MessageContent[] = [];
    for await (const message of untilAborted(batch, signal)) {
      contents.push(await stageBody(message, () => this.#account.newEmailId(), signal));
      messages.push(message);
    }
    return this.#change('append', signal, (state) => {
      const storage = contents.reduce((total, { size }) => total + size, 0);
      if (this.#account.counts(state))
        checkRoom(this.#account, { storage: storage - freed.storage, messages: contents.length - freed.messages });
      const uids = appendStaged(state, messages, contents, this.#account.settings.clock());
      if (uids.length > 0) this.#account.hub.notify(state.path);
      return { uidValidity: state.uidValidity, uids, modSeq: state.modSeq };
    });
  }

  async store(
    uids: UidSet,
    operation: FlagOperation,
    flags: readonly Flag[],
    { signal, unchangedSince }: StoreFlagsOptions = {},
  ): Promise<StoreFlagsResult> {
    return this.#change('store', signal, (state) => {
      const before = state.highestModSeq;
      const result = storeFlags(state, uids, operation, flags, unchangedSince);
      if (state.highestModSeq !== before) this.#account.hub.notify(state.path);
      return result;
    });
  }

  async expunge(uids: UidSet, { signal, onlyDeleted = false }: ExpungeOptions = {}): Promise<ExpungeResult> {
    return this.#change('expunge', signal, (state) => {
      const asked = state.select(uids);
      const gone = onlyDeleted ? asked.filter((record) => hasFlag(record.flags, '\\Deleted')) : asked;
      const expunged = state.remove(gone);
      if (gone.length > 0) this.#account.hub.notify(state.path);
      return { expunged, highestModSeq: state.modSeq };
    });
  }

  async claimRecent(_session: SessionId, { signal }: AbortOptions = {}): Promise<UidSet> {
    return this.#change('claimRecent', signal, (state) => state.claimRecent());
  }

  async recent({ signal }: AbortOptions = {}): Promise<UidSet> {
    return this.#open(signal).recent();
  }

  #change<Result>(
    point: 'append' | 'store' | 'expunge' | 'claimRecent',
    signal: AbortSignal | undefined,
    step: (state: MailboxState) => Result,
  ): Promise<Result> {
    this.#open(signal);
    return this.#account.change(point, signal, () => step(this.#open()));
  }

  #open(signal?: AbortSignal): MailboxState {
    signal?.throwIfAborted();
    if (this.#isClosed()) throw new StoreError('STORE_CLOSED', 'the account was closed');
    if (this.#state.isDeleted || this.#state.uidValidity !== this.uidValidity) {
      throw new StoreError('STORE_NONEXISTENT', 'the mailbox was deleted');
    }
    return this.#state;
  }
}
