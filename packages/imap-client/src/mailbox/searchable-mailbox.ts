import type { ModSeq, SequenceNumber, SequenceNumberSet, Uid, UidSet } from '@posthorn/core';
import type { MessageId } from '@posthorn/message-set';
import type { PartialRange } from '@posthorn/wire';
import type { IncompleteMessage } from '../errors.ts';
import type { FetchedMessage, FetchQuery } from '../fetch/fetch-query.ts';
import type { MessageReader } from '../fetch/message-reader.ts';
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
import { MailboxFigures } from './mailbox-figures.ts';
import type { MessageReference } from './message-selection.ts';
import { type CommandOptions, checkSelected, requireExtension, type Selection } from './selection.ts';

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

/** A mailbox that is open, and what can be found in it. */
export abstract class SearchableMailbox extends MailboxFigures {
  readonly #selection: Selection;

  /** @internal */
  constructor(selection: Selection) {
    super(selection);
    this.#selection = selection;
  }

  abstract fetch<const Query extends FetchQuery>(
    messages: MessageReference,
    query: Query,
    options?: FetchOptions,
  ): AsyncIterable<FetchedMessage<Query>>;

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
    return sortAnswerOf(await sortFound(this.#selection, this.reader(criteria), criteria, request), question);
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
    return threadFound(this.#selection, this.reader(criteria), criteria, request);
  }

  /** @internal Reads what matches, for what is done here. */
  protected reader(criteria: SearchCriteria = { type: 'all' }): MessageReader {
    return {
      fetch: (messages, query, options) => this.fetch(messages, query, options),
      search: (signal) => this.search(criteria, { signal }),
    };
  }
}
