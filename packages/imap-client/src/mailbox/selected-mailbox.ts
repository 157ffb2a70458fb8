import {
  type Flag,
  type FlagOperation,
  InvalidStateError,
  type ModSeq,
  type SequenceNumber,
  type SequenceNumberSet,
  type Uid,
  type UidSet,
  type UidValidity,
} from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import { type MessageId, setOf } from '@posthorn/message-set';
import type { Annotation as MessageAnnotation, PartialRange } from '@posthorn/wire';
import type { IncompleteMessage } from '../errors.ts';
import {
  type Conversion,
  type ConvertedMessage,
  type ConvertOptions,
  type ConvertQuery,
  convertMessages,
  readConverted,
} from '../extensions/convert.ts';
import { type FetchedMessage, type FetchQuery, prepareQuery } from '../fetch/fetch-query.ts';
import { FetchRun } from '../fetch/fetch-run.ts';
import type { MessageReader } from '../fetch/message-reader.ts';
import { type PartReference, type ReadTextOptions, readPart, readText } from '../fetch/read-part.ts';
import { type MessagePreview, previewsHere, previewsOf } from '../fetch/read-previews.ts';
import { type MailboxReference, nameOf } from '../mailboxes/mailbox-reference.ts';
import { readStatus } from '../mailboxes/read-status.ts';
import {
  followFound,
  followSorted,
  type SearchCriteria,
  searchFound,
  sortFound,
  threadFound,
} from '../search/find-messages.ts';
import type { SearchUpdate } from '../search/follow-search.ts';
import type { SortUpdate } from '../search/follow-sort.ts';
import { answerOf, type SearchAnswer, type SearchQuestion } from '../search/search-answer.ts';
import { type SortAnswer, type SortQuestion, sortAnswerOf } from '../search/sort-answer.ts';
import type { MessageThread, SortOrder } from '../search/sort-messages.ts';
import { type BatchRange, readUidBatches } from '../search/uid-batches.ts';
import type { OutgoingMessage } from './append-message.ts';
import { type CopyResult, copyMessages, type MoveResult, moveByCopy, moveMessages } from './copy-messages.ts';
import { type ExpungeResult, expungeMessages } from './expunge-messages.ts';
import {
  type ChangesOptions,
  type ComparedMailbox,
  type MailboxDifference,
  mailboxChanges,
} from './mailbox-changes.ts';
import type { MailboxChange } from './mailbox-view.ts';
import { type MessageReference, type MessageSelection, selectMessages } from './message-selection.ts';
import { type ReplaceResult, replaceMessage } from './replace-message.ts';
import type { ResyncResult } from './resync.ts';
import { type CommandOptions, checkSelected, offers, requireExtension, type Selection } from './selection.ts';
import { type StoreOptions, type StoreResult, storeAnnotations, storeFlags, storeLabels } from './store-flags.ts';
import { MailboxWatch, type WatchOptions } from './watch-mailbox.ts';

export interface FetchOptions {
  /** Rejects the loop with its reason. Answers on their way are read and dropped. */
  readonly signal?: AbortSignal | undefined;
  /** Only messages that changed after this. Needs CONDSTORE. */
  readonly changedSince?: ModSeq | undefined;
  /** Only so many of the messages meant, counted from 1, or from the end when negative. Needs PARTIAL. @see RFC 9394 */
  readonly partial?: PartialRange | undefined;
  /**
   * Gets messages for which the server did not send everything, or nothing readable. Without it the loop ends with a
   * {@link FetchIncompleteError} after all good messages, so that they never look like messages that do not exist.
   */
  readonly onIncomplete?: ((message: IncompleteMessage) => void) | undefined;
}

/** In which numbers a search, a sort or a thread answers. */
export interface BySequence {
  readonly by: 'sequenceNumbers';
}

/** The same, left out: UIDs. */
export interface ByUid {
  readonly by?: 'uids' | undefined;
}

export interface CloseMailboxOptions {
  /** Removes the messages flagged `\Deleted`. @defaultValue false */
  readonly expunge?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A mailbox that is open. It stays usable until the client selects another, or closes it. */
export class SelectedMailbox {
  readonly name: MailboxName;
  readonly uidValidity: UidValidity;
  /** What has changed since the point that `select` was given. @see RFC 7162 section 3.2.5 */
  readonly resync: ResyncResult | undefined;
  readonly #selection: Selection;
  #watch: MailboxWatch | undefined;

  /** @internal Clients make them with `select`. */
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

  /** Whether it cannot be changed. The server may change its mind: see the change `mode` of {@link watch}. */
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

  /**
   * Messages, one by one, with what the query asks for. Starts when the loop starts. A command inside the loop works;
   * leaving the loop drops what is on its way. Each message comes once; messages that do not exist do not come.
   * @throws (in the loop) {@link ServerRefusedError}, {@link FetchIncompleteError}, what ended the connection
   */
  fetch<const Query extends FetchQuery>(
    messages: MessageReference,
    query: Query,
    options: FetchOptions = {},
  ): AsyncIterable<FetchedMessage<Query>> {
    return this.#fetch(messages, query, options);
  }

  /** Changes flags. Messages that do not exist are ignored. */
  async store(
    messages: MessageReference,
    operation: FlagOperation,
    flags: readonly Flag[],
    options: StoreOptions = {},
  ): Promise<StoreResult> {
    return storeFlags(this.#selection, this.#choose(messages), { operation, flags }, options);
  }

  /**
   * Changes the labels of Gmail, which are mailboxes that the messages are in besides this one. Needs X-GM-EXT-1.
   * @returns what was left alone because of `unchangedSince`
   */
  async storeLabels(
    messages: MessageReference,
    operation: FlagOperation,
    labels: readonly MailboxReference[],
    options: StoreOptions = {},
  ): Promise<StoreResult['modified']> {
    const names = labels.map((label) => this.#nameOf(label));
    return storeLabels(this.#selection, this.#choose(messages), { operation, labels: names }, options);
  }

  /**
   * Changes annotations of messages; null removes a value. Needs ANNOTATE (`ANNOTATE-EXPERIMENT-1`).
   * @returns what was left alone because of `unchangedSince`
   * @see RFC 5257 section 4.5
   */
  async storeAnnotations(
    messages: MessageReference,
    annotations: readonly MessageAnnotation[],
    options: Pick<StoreOptions, 'unchangedSince' | 'signal'> = {},
  ): Promise<StoreResult['modified']> {
    return storeAnnotations(this.#selection, this.#choose(messages), annotations, options);
  }

  /**
   * Removes the messages flagged `\Deleted`: all of them, or those among the given UIDs (needs UIDPLUS).
   * @returns what the server told to have gone meanwhile
   */
  async expunge(uids?: UidSet | string, options: CommandOptions = {}): Promise<ExpungeResult> {
    checkSelected(this.#selection);
    return expungeMessages(this.#selection, uids === undefined ? undefined : selectMessages(uids), options);
  }

  /** Copies messages. @returns where the copies are, when the server tells (UIDPLUS) and one command was enough */
  async copy(
    messages: MessageReference,
    to: MailboxReference,
    options: CommandOptions = {},
  ): Promise<CopyResult | undefined> {
    return copyMessages(this.#selection, this.#choose(messages), this.#nameOf(to), options);
  }

  /** Moves messages, with MOVE where there is one, else by copying, flagging and expunging them. */
  async move(messages: MessageReference, to: MailboxReference, options: CommandOptions = {}): Promise<MoveResult> {
    const selection = this.#choose(messages);
    if (selection.selectors.length === 0) return { copied: undefined, isExpunged: true };
    const move = offers(this.#selection, 'MOVE') ? moveMessages : moveByCopy;
    return move(this.#selection, selection, this.#nameOf(to), options);
  }

  /**
   * Puts a message in the place of another, here or in another mailbox: in one step with REPLACE, else by adding,
   * flagging and expunging.
   * @see RFC 8508
   */
  async replace(
    uid: Uid,
    message: OutgoingMessage,
    { to = this.name, ...options }: CommandOptions & { readonly to?: MailboxReference | undefined } = {},
  ): Promise<ReplaceResult> {
    checkSelected(this.#selection);
    return replaceMessage(this.#selection, uid, this.#nameOf(to), message, options);
  }

  /**
   * The result of a search, kept up to date by the server for as long as the loop goes on and this mailbox is selected.
   * Commands, or a watch, make the server tell. Needs CONTEXT=SEARCH.
   * @see RFC 5267 section 4
   */
  follow(criteria: SearchCriteria, { signal }: CommandOptions = {}): AsyncIterable<SearchUpdate> {
    checkSelected(this.#selection);
    requireExtension(this.#selection, 'CONTEXT=SEARCH', 'keep a search up to date');
    return followFound(this.#selection, criteria, signal);
  }

  /**
   * The messages that match, in order, and how they change as long as the mailbox is selected. Otherwise as
   * {@link follow}. Needs CONTEXT=SORT.
   * @throws {@link ImapError} `IMAP_UNSUPPORTED`; in the loop `IMAP_PROTOCOL` for an update that does not fit
   * @see RFC 5267 section 4.3
   */
  followSorted(
    order: readonly SortOrder[],
    criteria: SearchCriteria,
    { signal }: CommandOptions = {},
  ): AsyncIterable<SortUpdate> {
    checkSelected(this.#selection);
    requireExtension(this.#selection, 'CONTEXT=SORT', 'keep a sort up to date');
    return followSorted(this.#selection, criteria, { order, signal });
  }

  /**
   * What happens to the mailbox, from its selection on: nothing that the server told in the meantime is left out.
   * Uses IDLE where there is one. One watch at a time.
   */
  watch(options: WatchOptions = {}): AsyncIterable<MailboxChange> {
    checkSelected(this.#selection);
    if (this.#watch !== undefined) throw new InvalidStateError('the mailbox is being watched already');
    const { connection, view, timers } = this.#selection;
    this.#watch = new MailboxWatch({
      ...options,
      connection,
      view,
      timers,
      checkSelected: () => checkSelected(this.#selection),
      onEnd: () => {
        this.#watch = undefined;
      },
    });
    return this.#watch;
  }

  /**
   * UIDs (or, when asked for, sequence numbers) of the messages that match a query, or all of several queries. Strings
   * are found without regard to case; a day is compared without time and zone. Long sets of UIDs are asked for in
   * several commands.
   * @throws {@link ServerRefusedError} such as with `badCharset`; {@link ImapError} `IMAP_UNSUPPORTED` when the query
   *   needs an extension that the server lacks (such as WITHIN, CONDSTORE, OBJECTID, SAVEDATE), `IMAP_PROTOCOL` when the
   *   answer cannot be read; RangeError for strings and dates that cannot be sent.
   * @see RFC 9051 section 6.4.4, RFC 4731
   */
  async search(criteria: SearchCriteria, options: CommandOptions & BySequence): Promise<SequenceNumberSet>;
  async search(criteria: SearchCriteria, options?: CommandOptions & ByUid): Promise<UidSet>;
  async search(
    criteria: SearchCriteria,
    options: CommandOptions & (BySequence | ByUid) = {},
  ): Promise<UidSet | SequenceNumberSet> {
    // The compiler cannot see that both kinds of sets are made alike.
    const { all } = await this.searchFor(criteria, { all: true }, options as CommandOptions & ByUid);
    return all;
  }

  /** Searches for figures about what is found, such as how many there are. Otherwise as {@link search}. */
  async searchFor<const Question extends SearchQuestion>(
    criteria: SearchCriteria,
    question: Question,
    options: CommandOptions & BySequence,
  ): Promise<SearchAnswer<SequenceNumber, Question>>;
  async searchFor<const Question extends SearchQuestion>(
    criteria: SearchCriteria,
    question: Question,
    options?: CommandOptions & ByUid,
  ): Promise<SearchAnswer<Uid, Question>>;
  async searchFor<const Question extends SearchQuestion>(
    criteria: SearchCriteria,
    question: Question,
    { by, signal }: CommandOptions & (BySequence | ByUid) = {},
  ): Promise<SearchAnswer<MessageId, Question>> {
    checkSelected(this.#selection);
    const request = { question, isUid: by !== 'sequenceNumbers', signal };
    return answerOf(await searchFound(this.#selection, criteria, request), question);
  }

  /**
   * The messages that match, in order. Where the server cannot sort they are sorted here, which costs their envelopes.
   * @throws {@link ImapError} `IMAP_UNSUPPORTED` when neither side can sort by these keys
   * @see RFC 5256 section 3
   */
  async sort(
    order: readonly SortOrder[],
    criteria: SearchCriteria,
    options: CommandOptions & BySequence,
  ): Promise<readonly SequenceNumber[]>;
  async sort(
    order: readonly SortOrder[],
    criteria: SearchCriteria,
    options?: CommandOptions & ByUid,
  ): Promise<readonly Uid[]>;
  async sort(
    order: readonly SortOrder[],
    criteria: SearchCriteria,
    options: CommandOptions & (BySequence | ByUid) = {},
  ): Promise<readonly MessageId[]> {
    return (await this.sortFor(order, criteria, { all: true }, options as CommandOptions & ByUid)).all;
  }

  /**
   * Sorts for figures about what is found, such as the first hundred in order: with ESORT and CONTEXT=SORT the server
   * tells no more than that. Otherwise as {@link sort}.
   * @see RFC 5267
   */
  async sortFor<const Question extends SortQuestion>(
    order: readonly SortOrder[],
    criteria: SearchCriteria,
    question: Question,
    options: CommandOptions & BySequence,
  ): Promise<SortAnswer<SequenceNumber, Question>>;
  async sortFor<const Question extends SortQuestion>(
    order: readonly SortOrder[],
    criteria: SearchCriteria,
    question: Question,
    options?: CommandOptions & ByUid,
  ): Promise<SortAnswer<Uid, Question>>;
  async sortFor<const Question extends SortQuestion>(
    order: readonly SortOrder[],
    criteria: SearchCriteria,
    question: Question,
    { by, signal }: CommandOptions & (BySequence | ByUid) = {},
  ): Promise<SortAnswer<MessageId, Question>> {
    checkSelected(this.#selection);
    const request = { order, question, isUid: by !== 'sequenceNumbers', signal };
    return sortAnswerOf(await sortFound(this.#selection, this.#reader(criteria), criteria, request), question);
  }

  /**
   * The messages that match, each with the answers to it.
   * Where the server does not know the algorithm they are threaded here, which costs their envelopes.
   * @param algorithm - `REFERENCES`, `ORDEREDSUBJECT`, `REFS` or what else the server offers.
   * @throws {@link ImapError} `IMAP_UNSUPPORTED` when neither side knows the algorithm
   * @see RFC 5256 section 3
   */
  async thread(
    algorithm: string,
    criteria: SearchCriteria,
    options: CommandOptions & BySequence,
  ): Promise<readonly MessageThread<SequenceNumber>[]>;
  async thread(
    algorithm: string,
    criteria: SearchCriteria,
    options?: CommandOptions & ByUid,
  ): Promise<readonly MessageThread<Uid>[]>;
  async thread(
    algorithm: string,
    criteria: SearchCriteria,
    { by, signal }: CommandOptions & (BySequence | ByUid) = {},
  ): Promise<readonly MessageThread<MessageId>[]> {
    checkSelected(this.#selection);
    const request = { algorithm, isUid: by !== 'sequenceNumbers', signal };
    return threadFound(this.#selection, this.#reader(criteria), criteria, request);
  }

  /**
   * What differs from what a cursor knows, and at the end the cursor to go on from the next time. Without a cursor,
   * everything there is. What other commands tell meanwhile is not lost: it is still newer than the cursor.
   *
   * With QRESYNC switched on it costs what has changed; with CONDSTORE that and a list of UIDs when messages are gone;
   * else the flags of all messages, which the cursor then holds.
   * @param since - A cursor of the same mailbox. It is printable, and may be old.
   * @throws RangeError for text that is no cursor; otherwise as {@link fetch}
   * @see RFC 7162 section 6, RFC 4549
   */
  changes(since?: string, options: ChangesOptions = {}): AsyncIterable<MailboxDifference> {
    checkSelected(this.#selection);
    const { connection, view } = this.#selection;
    const compared: ComparedMailbox = {
      uidValidity: this.uidValidity,
      exists: this.exists,
      highestModSeq: view.selectedModSeq,
      tellsVanished: connection.protocol.isEnabled('QRESYNC') && !view.hasNoModSeq,
      fetch: (query, changedSince, onVanished, fetchOptions) =>
        this.#fetch('1:*', query, { ...fetchOptions, changedSince, onVanished }),
      uids: (signal) => this.search({ type: 'all' }, { signal }),
    };
    return mailboxChanges(compared, since, options);
  }

  /** UIDs of the messages that are there, in ascending order. */
  async uids({ signal }: CommandOptions = {}): Promise<UidSet> {
    const found: Uid[] = [];
    for await (const { uid } of this.fetch('1:*', {}, { signal })) found.push(uid);
    return setOf(found);
  }

  /**
   * Ranges of UIDs that hold `size` messages each, the newest first: all of them, or from one to another. For going
   * through a big mailbox piece by piece. Needs UIDBATCHES.
   * @see draft-ietf-mailmaint-imap-uidbatches
   */
  uidBatches(
    size: number,
    { range, signal }: CommandOptions & { readonly range?: BatchRange | undefined } = {},
  ): Promise<readonly UidSet[]> {
    return readUidBatches(this.#selection, size, range, signal);
  }

  /** The first words of messages: those of the server (PREVIEW), else made here of the first octets of each text. */
  previews(messages: MessageReference, { signal }: CommandOptions = {}): AsyncIterable<MessagePreview> {
    const previews = offers(this.#selection, 'PREVIEW') ? previewsOf : previewsHere;
    return previews(this.#reader(), messages, signal);
  }

  /**
   * The octets of a part with its transfer encoding undone, as they arrive.
   * @param part - As `listAttachments` of `@posthorn/mime` finds them in a body structure.
   * @throws (in the loop) {@link ImapError} `IMAP_MESSAGE_GONE`, `IMAP_UNSUPPORTED` for an encoding that is not known
   */
  readPart(uid: Uid, part: PartReference, { signal }: CommandOptions = {}): AsyncIterable<Uint8Array> {
    return readPart(this.#reader(), uid, part, signal);
  }

  /**
   * The text to read of a message, decoded; null when it has none. Of alternatives the one that is not HTML.
   * @throws LimitExceededError when it has more than `maxBytes`; {@link ImapError} `IMAP_MESSAGE_GONE`
   */
  readText(
    uid: Uid,
    options: ReadTextOptions = {},
  ): Promise<{ readonly text: string; readonly mediaType: string } | null> {
    return readText(this.#reader(), uid, options);
  }

  /**
   * Has the server convert messages or parts of them, such as a picture to a smaller one, or a text to UTF-8. What could
   * not be converted says why, each part for itself. At most 10,000 messages at a time. Needs CONVERT.
   * @param parts - What is wanted of which parts; the results have the same order.
   * @returns messages that the server told of; those that do not exist do not come
   * @throws {@link ServerRefusedError} such as with `maxConvertMessages`, or `TEMPFAIL`; LimitExceededError when the
   *   answers have more than `maxBytes`; RangeError for what cannot be asked for
   * @see RFC 5259 section 6
   */
  async convert(
    messages: MessageReference,
    conversion: Conversion,
    parts: readonly ConvertQuery[],
    options: ConvertOptions = {},
  ): Promise<readonly ConvertedMessage[]> {
    return convertMessages(this.#selection, this.#choose(messages), conversion, parts, options);
  }

  /**
   * The octets of a converted part, of any size: 64 KiB at a time are in memory. Needs CONVERT.
   * @throws (in the loop) {@link ConversionFailedError}; {@link ImapError} `IMAP_MESSAGE_GONE`; otherwise as
   *   {@link convert}
   */
  readConverted(
    uid: Uid,
    part: readonly number[],
    conversion: Conversion,
    options: CommandOptions = {},
  ): AsyncIterable<Uint8Array> {
    return readConverted(this.#selection, uid, part, conversion, options);
  }

  /** Octets of all messages together. Without STATUS=SIZE it costs the size of every message. @see RFC 8438 */
  async totalSize({ signal }: CommandOptions = {}): Promise<number> {
    checkSelected(this.#selection);
    const { connection } = this.#selection;
    const { size } = offers(this.#selection, 'STATUS=SIZE')
      ? await readStatus(connection, this.name, ['SIZE'], signal)
      : { size: undefined };
    if (size !== undefined) return size;
    let total = 0;
    for await (const message of this.fetch('1:*', { size: true }, { signal })) total += message.size;
    return total;
  }

  /** Asks the server to write down what it may still hold in memory. In IMAP4rev2 it is NOOP that does. */
  async check({ signal }: CommandOptions = {}): Promise<void> {
    checkSelected(this.#selection);
    const { connection } = this.#selection;
    await connection.run({ name: connection.protocol.isEnabled('IMAP4rev2') ? 'NOOP' : 'CHECK' }, { signal });
  }

  /** Leaves the mailbox without selecting another. */
  async close({ expunge = false, signal }: CloseMailboxOptions = {}): Promise<void> {
    checkSelected(this.#selection);
    const { connection, leave } = this.#selection;
    const { isReadOnly } = this;
    leave();
    const hasUnselect = offers(this.#selection, 'UNSELECT');
    if (expunge || isReadOnly)
      await connection.run({ name: hasUnselect && !expunge ? 'UNSELECT' : 'CLOSE' }, { signal });
    else if (hasUnselect) await connection.run({ name: 'UNSELECT' }, { signal });
    else {
      // Without UNSELECT, CLOSE would expunge; in a mailbox opened read-only it does not. QUIRK: servers on Twisted may
      // open it for writing all the same, and say so.
      const { code } = await connection.run({ name: 'EXAMINE', mailbox: this.name }, { signal });
      const isWritable = code?.type === 'atom' && code.name === 'READ-WRITE';
      if (!isWritable) await connection.run({ name: 'CLOSE' }, { signal });
    }
  }

  #fetch<const Query extends FetchQuery>(
    messages: MessageReference,
    query: Query,
    options: FetchOptions & { readonly onVanished?: ((uids: UidSet) => void) | undefined },
  ): AsyncIterable<FetchedMessage<Query>> {
    const { connection, view } = this.#selection;
    const selection = selectMessages(messages);
    const prepared = prepareQuery(query);
    const start = (): AsyncIterator<unknown, undefined> => {
      checkSelected(this.#selection);
      for (const capability of prepared.capabilities) requireExtension(this.#selection, capability, 'fetch this');
      if (options.partial !== undefined) requireExtension(this.#selection, 'PARTIAL', 'fetch a window');
      const isEmptyFetch = this.exists === 0;
      return new FetchRun({
        changedSince: options.changedSince,
        partial: options.partial,
        onVanished: options.onVanished,
        signal: options.signal,
        onIncomplete: options.onIncomplete,
        connection,
        selection: isEmptyFetch ? { ...selection, selectors: [] } : selection,
        query: prepared,
        onNews: (data) => view.apply(data),
        onUid: (uid, sequenceNumber) => view.uids.set(sequenceNumber, uid),
        checkSelected: () => checkSelected(this.#selection),
      });
    };
    return { [Symbol.asyncIterator]: () => start() as AsyncIterator<FetchedMessage<Query>, undefined> };
  }

  /** The messages meant, none when there are none to mean. */
  #choose(messages: MessageReference): MessageSelection {
    checkSelected(this.#selection);
    return selectMessages(messages);
  }

  #reader(criteria: SearchCriteria = { type: 'all' }): MessageReader {
    return {
      fetch: (messages, query, options) => this.fetch(messages, query, options),
      search: (signal) => this.search(criteria, { signal }),
    };
  }

  #nameOf(mailbox: MailboxReference): MailboxName {
    return nameOf(mailbox, this.#selection.connection.protocol.isUtf8);
  }
}
