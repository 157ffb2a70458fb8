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
} from '@posthorn/core';
import { emptySet, intersection } from '@posthorn/message-set';
import { Breath } from '../disk/breath.ts';
import { isMissing } from '../disk/disk.ts';
import { guarded, storeFailure } from '../disk/store-failure.ts';
import { changesSince } from '../history/changes.ts';
import { bodyHandle, checkRange, openMessage } from './body.ts';
import { claimInPlace, claimRecent, hasRecent, hasRecentInNew, recentOf } from './claim-recent.ts';
import { expunge } from './expunge.ts';
import type { Folder } from './folder.ts';
import { knownMeta, metaPlan, readMeta } from './meta.ts';
import { type StagedMessage, stageBatch, unstage } from './stage.ts';
import { storeFlags } from './store-flags.ts';

/** One handle on a mailbox. */
export class MaildirMailbox implements Mailbox {
  readonly id: MailboxId;
  readonly uidValidity: UidValidity;
  readonly isReadOnly: boolean;
  readonly #folder: Folder;
  readonly #isClosed: () => boolean;

  constructor(folder: Folder, isClosed: () => boolean) {
    this.id = folder.guid as MailboxId;
    this.uidValidity = folder.uidValidity;
    this.isReadOnly = !folder.isWritable();
    this.#folder = folder;
    this.#isClosed = isClosed;
  }

  changes(since: Cursor | undefined, { signal }: AbortOptions = {}): Promise<ChangePage> {
    return guarded(async () => {
      await this.#refresh(signal);
      return changesSince(this.#folder, since);
    }, signal);
  }

  vanishedSince(since: ModSeq, uids: UidSet, { signal }: AbortOptions = {}): Promise<UidSet | undefined> {
    return guarded(async () => {
      await this.#refresh(signal);
      const vanished = this.#folder.messages.vanishedLog.allSince(Number(since));
      return vanished && intersection(vanished, uids);
    }, signal);
  }

  keywords({ signal }: AbortOptions = {}): Promise<readonly Flag[]> {
    return guarded(async () => {
      await this.#refresh(signal);
      return this.#folder.keywords.list();
    }, signal);
  }

  async *scan<Field extends MetaField>(
    uids: UidSet,
    fields: readonly Field[],
    { signal }: AbortOptions = {},
  ): AsyncIterable<MessageMeta<Field>> {
    await guarded(() => this.#refresh(signal), signal);
    const plan = metaPlan(fields);
    const breath = new Breath();
    for (const record of this.#folder.messages.select(uids)) {
      signal?.throwIfAborted();
      if (breath.isDue()) await breath.pause();
      let meta: MessageMeta<Field> | undefined;
      try {
        meta = knownMeta(this.#folder, record, plan) ?? (await readMeta(this.#folder, record, plan));
      } catch (error) {
        throw storeFailure(error);
      }
      if (meta !== undefined) yield meta;
    }
  }

  read(uid: Uid, range?: ByteRange, { signal }: AbortOptions = {}): Promise<BodyHandle> {
    return guarded(async () => {
      checkRange(range);
      this.#check();
      const { body } = await openMessage(this.#folder, uid);
      return bodyHandle(body, range);
    }, signal);
  }

  append(
    batch: readonly NewMessage[] | AsyncIterable<NewMessage>,
    { signal, freed }: AppendOptions = {},
  ): Promise<AppendResult> {
    return guarded(async () => {
      signal?.throwIfAborted();
      this.#check();
      const staged = await this.#stage(batch, signal);
      try {
        signal?.throwIfAborted();
        this.#check();
        const messages = staged.map(({ temporary, base, epochSeconds, flags, uid }) => ({
          temporary,
          base,
          epochSeconds,
          flags,
          uid,
          fields: '',
        }));
        return await this.#folder.appends.add({ messages, uidValidity: this.uidValidity, freed });
      } catch (error) {
        await unstage(this.#folder, staged);
        throw error;
      }
    }, signal);
  }

  store(
    uids: UidSet,
    operation: FlagOperation,
    flags: readonly Flag[],
    { signal, unchangedSince }: StoreFlagsOptions = {},
  ): Promise<StoreFlagsResult> {
    return this.#change(signal, () => storeFlags(this.#folder, uids, operation, flags, unchangedSince));
  }

  expunge(uids: UidSet, { signal, onlyDeleted = false }: ExpungeOptions = {}): Promise<ExpungeResult> {
    return this.#change(signal, () => expunge(this.#folder, uids, onlyDeleted));
  }

  claimRecent(_session: SessionId, { signal }: AbortOptions = {}): Promise<UidSet> {
    return guarded(async () => {
      await this.#refresh(signal);
      if (!hasRecent(this.#folder)) return emptySet<Uid>();
      if (!hasRecentInNew(this.#folder)) return claimInPlace(this.#folder);
      return this.#change(signal, () => claimRecent(this.#folder));
    }, signal);
  }

  recent({ signal }: AbortOptions = {}): Promise<UidSet> {
    return guarded(async () => {
      await this.#refresh(signal);
      return recentOf(this.#folder);
    }, signal);
  }

  /** Runs a change under the lock, on records that are up to date. */
  #change<Result>(signal: AbortSignal | undefined, step: () => Promise<Result>): Promise<Result> {
    return guarded(async () => {
      signal?.throwIfAborted();
      this.#check();
      return this.#folder.changes.add(async () => {
        this.#check();
        signal?.throwIfAborted();
        return step();
      }, signal);
    }, signal);
  }

  async #refresh(signal: AbortSignal | undefined): Promise<void> {
    this.#check();
    await this.#folder.refresh(signal);
    this.#check();
  }

  /** An append does not look for what others did; it only has to notice that the mailbox is gone. */
  async #stage(
    batch: readonly NewMessage[] | AsyncIterable<NewMessage>,
    signal: AbortSignal | undefined,
  ): Promise<readonly StagedMessage[]> {
    try {
      return await stageBatch(this.#folder, batch, signal);
    } catch (error) {
      if (isMissing(error)) await this.#folder.refreshIfGone();
      throw error;
    }
  }

  #check(): void {
    if (this.#isClosed()) throw new StoreError('STORE_CLOSED', 'the account was closed');
    if (this.#folder.isDeleted || this.#folder.uidValidity !== this.uidValidity) {
      throw new StoreError('STORE_NONEXISTENT', 'the mailbox was deleted');
    }
  }
}
