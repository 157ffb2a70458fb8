import {
  type Flag,
  type FlagOperation,
  InvalidStateError,
  type ModSeq,
  type SearchQuery,
  type SequenceNumber,
  type Uid,
  type UidSet,
  type UidValidity,
} from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import { emptySet, type SequenceSet, setOf } from '@posthorn/message-set';
import type { Command, MessageSelector, ResponseCode, StatusResponse } from '@posthorn/wire';
import type { Connection } from './connection.ts';
import { ImapError, type IncompleteMessage } from './errors.ts';
import { type FetchedMessage, type FetchQuery, prepareQuery } from './fetch-query.ts';
import { FetchRun } from './fetch-run.ts';
import { type MailboxReference, nameOf } from './mailbox-reference.ts';
import type { MailboxChange, MailboxView } from './mailbox-view.ts';
import { type MessageReference, type MessageSelection, selectMessages } from './message-selection.ts';
import { toSearchKey } from './search-key.ts';
import { searchMessages } from './search-messages.ts';
import type { Timers } from './timers.ts';
import { MailboxWatch, type WatchOptions } from './watch-mailbox.ts';

export interface FetchOptions {
  /** Rejects the loop with its reason. Answers on their way are read and dropped. */
  readonly signal?: AbortSignal | undefined;
  /** Only messages that changed after this. Needs CONDSTORE. */
  readonly changedSince?: ModSeq | undefined;
  /**
   * Gets messages for which the server did not send everything, or nothing readable. Without it the loop ends with a
   * {@link FetchIncompleteError} after all good messages, so that they never look like messages that do not exist.
   */
  readonly onIncomplete?: ((message: IncompleteMessage) => void) | undefined;
}

export interface StoreOptions {
  /** Asks the server not to repeat the new flags. @defaultValue false */
  readonly silent?: boolean;
  /** Leaves alone what changed after this. Needs CONDSTORE. */
  readonly unchangedSince?: ModSeq | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Flags that a message has after a store. */
export interface StoredFlags {
  readonly uid: Uid | undefined;
  readonly sequenceNumber: SequenceNumber;
  readonly flags: readonly Flag[] | undefined;
  readonly modSeq: ModSeq | undefined;
}

export interface StoreResult {
  /** What the server told, in its order; empty for a silent store. */
  readonly messages: readonly StoredFlags[];
  /** What was left alone because of `unchangedSince`: UIDs, or sequence numbers when these were given. */
  readonly modified: SequenceSet<Uid> | SequenceSet<SequenceNumber> | undefined;
}

/** Where copies are. `pairIds(from, to)` of `@posthorn/message-set` walks them pair by pair. */
export interface CopyResult {
  readonly uidValidity: UidValidity;
  readonly from: SequenceSet<Uid>;
  readonly to: SequenceSet<Uid>;
}

/** What became of moved messages. */
export interface MoveResult {
  /** Undefined when the server does not tell. */
  readonly copied: CopyResult | undefined;
  /**
   * False when the server can neither move nor expunge by UID: the messages were copied and are flagged `\Deleted` here,
   * because expunging would also remove what others flagged.
   */
  readonly isExpunged: boolean;
}

export interface CloseMailboxOptions {
  /** Removes the messages flagged `\Deleted`. @defaultValue false */
  readonly expunge?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface CommandOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What a selected mailbox shares with its client. */
export interface Selection {
  readonly connection: Connection;
  readonly view: MailboxView;
  readonly timers: Timers;
  readonly name: MailboxName;
  readonly isReadOnly: boolean;
  readonly uidValidity: UidValidity;
  isCurrent(): boolean;
  /** The mailbox is not selected any more. */
  leave(): void;
}

/** A mailbox that is open. It stays usable until the client selects another, or closes it. */
export class SelectedMailbox {
  readonly name: MailboxName;
  readonly uidValidity: UidValidity;
  readonly isReadOnly: boolean;
  readonly #selection: Selection;
  #watch: MailboxWatch | undefined;

  /** @internal Clients make them with `select`. */
  constructor(selection: Selection) {
    this.#selection = selection;
    this.name = selection.name;
    this.uidValidity = selection.uidValidity;
    this.isReadOnly = selection.isReadOnly;
  }

  /** How many messages there are, as far as the server has told. */
  get exists(): number {
    return this.#selection.view.exists;
  }

  /** The least UID that the next message will get, as the server last told it; undefined when it never did. */
  get uidNext(): number | undefined {
    return this.#selection.view.uidNext;
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

  /** Needs CONDSTORE. */
  get highestModSeq(): ModSeq | undefined {
    return this.#selection.view.highestModSeq;
  }

  /** Whether it is still the selected mailbox of its client. */
  get isSelected(): boolean {
    return this.#selection.isCurrent();
  }

  /**
   * Messages, one by one, with what the query asks for. Starts when the loop starts. A command inside the loop works;
   * leaving the loop drops what is on its way. Each message comes once; messages that do not exist do not come.
   * @throws (in the loop) {@link ServerRefusedError}, {@link FetchIncompleteError}, what ended the connection
   */
  fetch<const Query extends FetchQuery>(
    messages: MessageReference,
    query: Query,
    { signal, changedSince, onIncomplete }: FetchOptions = {},
  ): AsyncIterable<FetchedMessage<Query>> {
    const { connection, view } = this.#selection;
    const selection = selectMessages(messages);
    const prepared = prepareQuery(query);
    const checkSelected = (): void => this.#check();
    const start = (): AsyncIterator<unknown, undefined> => {
      this.#check();
      const isEmptyFetch = this.exists === 0;
      return new FetchRun({
        connection,
        selection: isEmptyFetch ? { ...selection, selectors: [] } : selection,
        query: prepared,
        changedSince,
        signal,
        onIncomplete,
        onNews: (data) => view.apply(data),
        checkSelected,
      });
    };
    return { [Symbol.asyncIterator]: () => start() as AsyncIterator<FetchedMessage<Query>, undefined> };
  }

  /** Changes flags. Messages that do not exist are ignored. */
  async store(
    messages: MessageReference,
    operation: FlagOperation,
    flags: readonly Flag[],
    { silent = false, unchangedSince, signal }: StoreOptions = {},
  ): Promise<StoreResult> {
    const selection = this.#choose(messages);
    const stored: StoredFlags[] = [];
    const responses = await this.#runAll(
      selection,
      (selector) => ({ name: 'STORE', messages: selector, operation, isSilent: silent, flags, unchangedSince }),
      {
        signal,
        accept: (event) => {
          if (event.type !== 'fetch') return false;
          const { uid, flags: now, modSeq } = event.items;
          const isOurs =
            uid === undefined
              ? isBySequence(selection) && selection.matches(0 as Uid, event.sequenceNumber)
              : selection.matches(uid, event.sequenceNumber);
          if (isOurs) stored.push({ uid, sequenceNumber: event.sequenceNumber, flags: now, modSeq });
          return isOurs;
        },
      },
    );
    return { messages: stored, modified: modifiedOf(responses) };
  }

  /** Removes the messages flagged `\Deleted`: all of them, or those among the given UIDs (needs UIDPLUS). */
  async expunge(uids?: UidSet | string, { signal }: CommandOptions = {}): Promise<void> {
    this.#check();
    if (uids === undefined) {
      await this.#selection.connection.run({ name: 'EXPUNGE' }, { signal });
      return;
    }
    if (!this.#has('UIDPLUS')) throw new ImapError('IMAP_UNSUPPORTED', 'the server cannot expunge by UID (UIDPLUS)');
    const expungeOf = (selector: MessageSelector): Command => ({
      name: 'EXPUNGE',
      uids: selector.type === 'saved' ? '$' : (selector.set as SequenceSet<Uid>),
    });
    await this.#runAll(this.#choose(uids), expungeOf, { signal });
  }

  /** Copies messages. @returns where the copies are, when the server tells (UIDPLUS) and one command was enough */
  async copy(
    messages: MessageReference,
    to: MailboxReference,
    { signal }: CommandOptions = {},
  ): Promise<CopyResult | undefined> {
    const mailbox = nameOf(to);
    const responses = await this.#runAll(
      this.#choose(messages),
      (selector) => ({ name: 'COPY', messages: selector, mailbox }),
      { signal },
    );
    return responses.length === 1 ? copiedOf(responses[0]!.code) : undefined;
  }

  /** Moves messages, with MOVE where there is one, else by copying, flagging and expunging them. */
  async move(messages: UidSet | string, to: MailboxReference, { signal }: CommandOptions = {}): Promise<MoveResult> {
    const selection = this.#choose(messages);
    if (selection.selectors.length === 0) return { copied: undefined, isExpunged: true };
    if (!this.#has('MOVE')) return this.#moveByCopy(messages, to, signal);
    const mailbox = nameOf(to);
    let copied: CopyResult | undefined;
    const responses = await this.#runAll(selection, (selector) => ({ name: 'MOVE', messages: selector, mailbox }), {
      signal,
      accept: (event) => {
        if (event.type !== 'status' || event.code?.type !== 'copyUid') return false;
        copied = copiedOf(event.code);
        return true;
      },
    });
    if (responses.length !== 1) return { copied: undefined, isExpunged: true };
    return { copied: copied ?? copiedOf(responses[0]!.code), isExpunged: true };
  }

  /**
   * What happens to the mailbox, from its selection on: nothing that the server told in the meantime is left out.
   * Uses IDLE where there is one. One watch at a time.
   */
  watch(options: WatchOptions = {}): AsyncIterable<MailboxChange> {
    this.#check();
    if (this.#watch !== undefined) throw new InvalidStateError('the mailbox is being watched already');
    const { connection, view, timers } = this.#selection;
    this.#watch = new MailboxWatch({
      ...options,
      connection,
      view,
      timers,
      checkSelected: () => this.#check(),
      onEnd: () => {
        this.#watch = undefined;
      },
    });
    return this.#watch;
  }

  /**
   * UIDs of the messages that match a query, or all of several queries. Strings are found without regard to case; a day
   * is compared without time and zone. Long sets of UIDs are asked for in several commands.
   * @throws {@link ServerRefusedError} such as with `badCharset`; {@link ImapError} `IMAP_UNSUPPORTED` when the query
   *   needs an extension that the server lacks (WITHIN, CONDSTORE, OBJECTID, SAVEDATE), `IMAP_PROTOCOL` when the answer
   *   cannot be read; RangeError for strings and dates that cannot be sent.
   * @see RFC 9051 section 6.4.4, RFC 4731
   */
  async search(criteria: SearchQuery | readonly SearchQuery[], { signal }: CommandOptions = {}): Promise<UidSet> {
    this.#check();
    signal?.throwIfAborted();
    const key = toSearchKey('type' in criteria ? criteria : { type: 'and', queries: criteria });
    if (key === 'nothing' || this.exists === 0) return emptySet();
    return searchMessages(this.#selection.connection, key, signal);
  }

  /** UIDs of the messages that are there, in ascending order. */
  async uids({ signal }: CommandOptions = {}): Promise<UidSet> {
    const found: Uid[] = [];
    for await (const { uid } of this.fetch('1:*', {}, { signal })) found.push(uid);
    return setOf(found);
  }

  /** Leaves the mailbox without selecting another. */
  async close({ expunge = false, signal }: CloseMailboxOptions = {}): Promise<void> {
    this.#check();
    const { connection, leave, isReadOnly } = this.#selection;
    leave();
    if (expunge || isReadOnly)
      await connection.run({ name: this.#has('UNSELECT') && !expunge ? 'UNSELECT' : 'CLOSE' }, { signal });
    else if (this.#has('UNSELECT')) await connection.run({ name: 'UNSELECT' }, { signal });
    else {
      // Without UNSELECT, CLOSE would expunge; in a mailbox opened read-only it does not.
      await connection.run({ name: 'EXAMINE', mailbox: this.name }, { signal });
      await connection.run({ name: 'CLOSE' }, { signal });
    }
  }

  async #moveByCopy(
    messages: UidSet | string,
    to: MailboxReference,
    signal: AbortSignal | undefined,
  ): Promise<MoveResult> {
    const copied = await this.copy(messages, to, { signal });
    await this.store(messages, 'add', ['\\Deleted'], { silent: true, signal });
    if (!this.#has('UIDPLUS')) return { copied, isExpunged: false };
    await this.expunge(messages, { signal });
    return { copied, isExpunged: true };
  }

  /** The messages meant, none when there are none to mean. */
  #choose(messages: MessageReference): MessageSelection {
    this.#check();
    return selectMessages(messages);
  }

  #runAll(
    { selectors }: MessageSelection,
    command: (selector: MessageSelector) => Command,
    options: Parameters<Connection['run']>[1],
  ): Promise<readonly StatusResponse[]> {
    return Promise.all(selectors.map((selector) => this.#selection.connection.run(command(selector), options)));
  }

  #has(capability: string): boolean {
    return this.#selection.connection.protocol.capabilities?.has(capability) === true;
  }

  #check(): void {
    if (!this.#selection.isCurrent())
      throw new InvalidStateError(`the mailbox "${this.name.text}" is not selected any more`);
  }
}

function isBySequence({ selectors }: MessageSelection): boolean {
  return selectors[0]?.type === 'sequenceNumbers';
}

function modifiedOf(responses: readonly StatusResponse[]): StoreResult['modified'] {
  const ranges = responses.flatMap(({ code }): SequenceSet<Uid>['ranges'] =>
    code?.type === 'modified' ? (code.set as SequenceSet<Uid>).ranges : [],
  );
  return ranges.length === 0 ? undefined : { ranges };
}

function copiedOf(code: ResponseCode | undefined): CopyResult | undefined {
  if (code?.type !== 'copyUid') return undefined;
  const { uidValidity, from, to } = code;
  return { uidValidity, from, to };
}
