import { type Flag, type FlagOperation, InvalidStateError, type Uid, type UidSet } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import { setOf } from '@posthorn/message-set';
import type { Annotation as MessageAnnotation } from '@posthorn/wire';
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
import { type PartReference, type ReadTextOptions, readPart, readText } from '../fetch/read-part.ts';
import { type MessagePreview, previewsHere, previewsOf } from '../fetch/read-previews.ts';
import { type MailboxReference, nameOf } from '../mailboxes/mailbox-reference.ts';
import { readStatus } from '../mailboxes/read-status.ts';
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
import { type FetchOptions, SearchableMailbox } from './searchable-mailbox.ts';
import { type CommandOptions, checkSelected, offers, requireExtension, type Selection } from './selection.ts';
import { type StoreOptions, type StoreResult, storeAnnotations, storeFlags, storeLabels } from './store-flags.ts';
import { MailboxWatch, type WatchOptions } from './watch-mailbox.ts';

export interface CloseMailboxOptions {
  /** Removes the messages flagged `\Deleted`. @defaultValue false */
  readonly expunge?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A mailbox that is open. It stays usable until the client selects another, or closes it. */
export class SelectedMailbox extends SearchableMailbox {
  readonly #selection: Selection;
  #watch: MailboxWatch | undefined;

  /** @internal Clients make them with `select`. */
  constructor(selection: Selection) {
    super(selection);
    this.#selection = selection;
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
    return previews(this.reader(), messages, signal);
  }

  /**
   * The octets of a part with its transfer encoding undone, as they arrive.
   * @param part - As `listAttachments` of `@posthorn/mime` finds them in a body structure.
   * @throws (in the loop) {@link ImapError} `IMAP_MESSAGE_GONE`, `IMAP_UNSUPPORTED` for an encoding that is not known
   */
  readPart(uid: Uid, part: PartReference, { signal }: CommandOptions = {}): AsyncIterable<Uint8Array> {
    return readPart(this.reader(), uid, part, signal);
  }

  /**
   * The text to read of a message, decoded; null when it has none. Of alternatives the one that is not HTML.
   * @throws LimitExceededError when it has more than `maxBytes`; {@link ImapError} `IMAP_MESSAGE_GONE`
   */
  readText(
    uid: Uid,
    options: ReadTextOptions = {},
  ): Promise<{ readonly text: string; readonly mediaType: string } | null> {
    return readText(this.reader(), uid, options);
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

  #nameOf(mailbox: MailboxReference): MailboxName {
    return nameOf(mailbox, this.#selection.connection.protocol.isUtf8);
  }
}
