import {
  type ChangePage,
  type Cursor,
  type Flag,
  type MessageSummary,
  type ModSeq,
  type SequenceNumber,
  type SequenceNumberSet,
  SYSTEM_FLAGS,
  sameFlags,
  type Uid,
  type UidSet,
} from '@posthorn/core';
import { contains, emptySet, IdSetBuilder, rangeSet, resolveSequenceSet, setOf, union } from '@posthorn/message-set';
import type { FetchItems, MessageSelector, Response } from '@posthorn/wire';
import { type ClientModes, NO_MODES } from '../session/client-modes.ts';
import { LateSet } from './late-set.ts';
import { sharedFlags } from './shared-flags.ts';

export interface MailboxViewOptions {
  /** Whether the client may change flags and make keywords, for PERMANENTFLAGS. @defaultValue true */
  readonly allowsNewFlags?: boolean | undefined;
  /** Whether the client may change a flag, where it may change some. @defaultValue all */
  readonly mayChange?: ((flag: Flag) => boolean) | undefined;
  /** What the client has switched on, asked whenever something is told. @defaultValue nothing */
  readonly modes?: (() => ClientModes) | undefined;
}

/**
 * What one session knows of its selected mailbox: which UID stands at which sequence number, and flags.
 *
 * Changes are folded in as the store reports them, and told to the client when the protocol allows it: new messages
 * get numbers only when {@link announce} tells of them, and a vanished message keeps its number until
 * {@link report} tells of that. Lookups take logarithmic time; folding takes time linear in what changed, and a
 * removal moves what lies behind it.
 * @see RFC 9051 section 5.2 and section 7.5.1
 */
export class MailboxView {
  /** Ascending UIDs: those the client knows, then those it was not told of yet. */
  #uids: Uint32Array = new Uint32Array(0);
  #modSeqs: BigUint64Array = new BigUint64Array(0);
  #flags: (readonly Flag[])[] = [];
  #length = 0;
  #told = 0;
  #toldRecent = 0;
  #cursor: Cursor | undefined;
  #recent: UidSet = emptySet();
  /** UIDs the client knows that are gone. */
  readonly #vanished = new LateSet<Uid>();
  /** UIDs whose flags changed since the client was told of them. */
  readonly #changed = new LateSet<Uid>();
  /** UIDs that are new or changed, for searches that are kept up to date; undefined when there is none. */
  #touched: Set<Uid> | undefined;
  readonly #keywords = new Map<string, Flag>();
  #hasNewKeywords = false;
  readonly #allowsNewFlags: boolean;
  readonly #mayChange: (flag: Flag) => boolean;
  readonly #modes: () => ClientModes;
  #highestModSeq = 0n as ModSeq;
  /** Up to where the client was told of everything. */
  #toldModSeq = 0n as ModSeq;

  constructor({ allowsNewFlags = true, mayChange = () => true, modes = () => NO_MODES }: MailboxViewOptions = {}) {
    this.#allowsNewFlags = allowsNewFlags;
    this.#mayChange = mayChange;
    this.#modes = modes;
  }

  /** Where to go on asking the store from. */
  get cursor(): Cursor | undefined {
    return this.#cursor;
  }

  /** How many messages the client knows of, those included that are gone but not told. */
  get exists(): number {
    return this.#told;
  }

  /** Whether messages were folded in that the client was not told of. */
  get hasArrivals(): boolean {
    return this.#length > this.#told;
  }

  /** The highest UID there is, told or not. */
  get lastUid(): Uid | undefined {
    return this.#length === 0 ? undefined : (this.#uids[this.#length - 1] as Uid);
  }

  /** The mailbox's mod-sequence when it was last looked at. */
  get highestModSeq(): ModSeq {
    return this.#highestModSeq;
  }

  /** The mod-sequence up to which the client knows everything: what it may come back with. */
  get toldModSeq(): ModSeq {
    return this.#toldModSeq;
  }

  /** Whether expunges wait until they may be told. */
  get holdsVanished(): boolean {
    return this.#vanished.size > 0;
  }

  /** UIDs the client knows that are gone, and was not told of. */
  get vanishedUids(): UidSet {
    return setOf(this.#vanished);
  }

  /** Remembers from here on what is new or changed. */
  watchTouched(): void {
    this.#touched ??= new Set();
  }

  /** The messages that are new or changed since the last call, as far as the client knows them. */
  takeTouched(): readonly Uid[] {
    const touched = this.#touched;
    if (touched === undefined || touched.size === 0) return [];
    const known = setToArray(touched).filter((uid) => this.numberOf(uid) !== undefined);
    for (const uid of known) touched.delete(uid);
    return known;
  }

  /** UIDs that are \Recent in this session. */
  get recent(): UidSet {
    return this.#recent;
  }

  /** Takes in what happened in the store. */
  fold(page: ChangePage): void {
    const { added, complete } = page;
    if (!complete && this.#cursor !== undefined) this.#vanishAllBut(added);
    else if (page.vanished.bounds.length > 0) this.#vanish(page.vanished);
    this.#reserve(added.length);
    for (const message of added) this.#fold(message);
    for (const message of page.changed) this.#fold(message);
    this.#cursor = page.cursor;
    this.#highestModSeq = page.highestModSeq;
  }

  /** Takes messages that are this session's to call \Recent. */
  claim(uids: UidSet): void {
    this.#recent = union(this.#recent, uids);
  }

  /** Makes keywords known that no message has. */
  addKeywords(keywords: readonly Flag[]): void {
    for (const keyword of keywords) if (!keyword.startsWith('\\')) this.#know(keyword);
  }

  /** FLAGS and PERMANENTFLAGS. */
  flagResponses(): readonly Response[] {
    this.#hasNewKeywords = false;
    const flags = [...SYSTEM_FLAGS, ...this.#keywords.values()];
    const permanent = this.#allowsNewFlags ? flags.filter(this.#mayChange) : [];
    // Any keyword stands for all of them.
    const allowsNewKeywords = this.#allowsNewFlags && this.#mayChange('$new' as Flag);
    return [
      { type: 'flags', flags },
      {
        type: 'status',
        tag: undefined,
        status: 'OK',
        code: { type: 'permanentFlags', flags: permanent, allowsNewKeywords },
        text: this.#allowsNewFlags ? 'Flags that are kept' : 'No flags can be changed',
      },
    ];
  }

  /** Tells of keywords that the client was not told of. Needed before they stand in a FETCH. */
  announceKeywords(): readonly Response[] {
    return this.#hasNewKeywords ? this.flagResponses() : [];
  }

  /** Gives numbers to new messages, and tells of them and of new keywords. Allowed at any time. */
  announce(): Response[] {
    const responses: Response[] = [...this.announceKeywords()];
    const hasArrivals = this.hasArrivals;
    this.#told = this.#length;
    if (hasArrivals) responses.push({ type: 'exists', count: this.#told });
    const recent = this.recentCount();
    if (!this.#modes().imap4rev2 && (hasArrivals || recent !== this.#toldRecent))
      responses.push({ type: 'recent', count: recent });
    this.#toldRecent = recent;
    return responses;
  }

  /** Everything the client was not told yet: expunges unless they are held back, arrivals, flags. */
  report({
    holdExpunges = false,
    holdFlags = false,
  }: {
    readonly holdExpunges?: boolean;
    readonly holdFlags?: boolean;
  } = {}): Response[] {
    const responses: Response[] = holdExpunges ? [] : this.#expunge();
    responses.push(...this.announce());
    if (holdFlags) return responses;
    for (const uid of setToArray(this.#changed)) {
      const index = this.#indexOf(uid);
      if (index < 0 || this.#vanished.has(uid)) continue;
      const sequenceNumber = (index + 1) as SequenceNumber;
      responses.push({ type: 'fetch', sequenceNumber, items: this.newsOf(sequenceNumber) });
    }
    this.#changed.clear();
    if (this.#vanished.size === 0) this.#toldModSeq = this.#highestModSeq;
    return responses;
  }

  /** What a client is told of a message whose flags changed. @see RFC 7162 section 3.2.4 */
  newsOf(number: SequenceNumber): FetchItems {
    const news = { uid: this.uidAt(number), flags: this.flagsAt(number) };
    return this.#modes().condstore ? { ...news, modSeq: this.modSeqAt(number) } : news;
  }

  /** How many messages the client knows that are \Recent in this session. */
  recentCount(): number {
    const { bounds } = this.#recent;
    let total = 0;
    for (let range = 0; range < bounds.length; range += 2) {
      total += this.#lowerBound(bounds[range + 1]! + 1, this.#told) - this.#lowerBound(bounds[range]!, this.#told);
    }
    return total;
  }

  /** The number of the first message without \Seen, for SELECT. */
  firstUnseen(): SequenceNumber | undefined {
    for (let index = 0; index < this.#told; index++) {
      if (!this.#flags[index]!.includes('\\Seen')) return (index + 1) as SequenceNumber;
    }
    return undefined;
  }

  /**
   * The numbers of the messages a client means, as far as they exist; undefined when it names a number that no
   * message has, which RFC 9051 section 9 (`seq-number`) has answered with BAD.
   */
  resolve(selector: Exclude<MessageSelector, { readonly type: 'saved' }>): SequenceNumberSet | undefined {
    if (selector.type === 'uids') return this.numbersOf(resolveSequenceSet(selector.set, this.#lastTold()));
    const last = this.#told === 0 ? undefined : (this.#told as SequenceNumber);
    const usesStar = selector.set.ranges.some(({ first, last: end }) => first === '*' || end === '*');
    if (usesStar && last === undefined) return undefined;
    const numbers = resolveSequenceSet(selector.set, last);
    return (numbers.bounds.at(-1) ?? 0) > this.#told ? undefined : numbers;
  }

  /** The numbers of those of `uids` that the client knows. */
  numbersOf({ bounds }: UidSet): SequenceNumberSet {
    const builder = new IdSetBuilder<SequenceNumber>();
    for (let range = 0; range < bounds.length; range += 2) {
      const start = this.#lowerBound(bounds[range]!, this.#told);
      const end = this.#lowerBound(bounds[range + 1]! + 1, this.#told);
      if (start < end) builder.addRange((start + 1) as SequenceNumber, end as SequenceNumber);
    }
    return builder.build();
  }

  /** The UIDs at some numbers, which must exist. */
  uidsOf({ bounds }: SequenceNumberSet): UidSet {
    const builder = new IdSetBuilder<Uid>();
    for (let range = 0; range < bounds.length; range += 2) {
      for (let number = bounds[range]!; number <= bounds[range + 1]!; number++)
        builder.add(this.#uids[number - 1] as Uid);
    }
    return builder.build();
  }

  uidAt(number: SequenceNumber): Uid {
    return this.#uids[number - 1] as Uid;
  }

  /** The number of a message the client knows. */
  numberOf(uid: Uid): SequenceNumber | undefined {
    const index = this.#indexOf(uid);
    return index < 0 || index >= this.#told ? undefined : ((index + 1) as SequenceNumber);
  }

  /** Flags of a message, with \Recent before its keywords. */
  flagsAt(number: SequenceNumber): readonly Flag[] {
    const flags = this.#flags[number - 1]!;
    const isRecent =
      this.#recent.bounds.length > 0 && !this.#modes().imap4rev2 && contains(this.#recent, this.uidAt(number));
    if (!isRecent) return flags;
    const keyword = flags.findIndex((flag) => !flag.startsWith('\\'));
    return keyword < 0 ? [...flags, '\\Recent'] : [...flags.slice(0, keyword), '\\Recent', ...flags.slice(keyword)];
  }

  /** Flags of a message, without \Recent. */
  keptFlagsAt(number: SequenceNumber): readonly Flag[] {
    return this.#flags[number - 1]!;
  }

  modSeqAt(number: SequenceNumber): ModSeq {
    return this.#modSeqs[number - 1] as ModSeq;
  }

  /** Whether the client still knows one of `uids` that is gone. */
  hasVanishedIn(uids: UidSet): boolean {
    for (const uid of this.#vanished) if (contains(uids, uid)) return true;
    return false;
  }

  /** Those of `uids` that the client knows and whose mod-sequence is above `modSeq`. */
  changedSince(uids: UidSet, modSeq: ModSeq): SequenceNumberSet {
    const builder = new IdSetBuilder<SequenceNumber>();
    const { bounds } = this.numbersOf(uids);
    for (let range = 0; range < bounds.length; range += 2) {
      for (let number = bounds[range]!; number <= bounds[range + 1]!; number++)
        if (this.#modSeqs[number - 1]! > modSeq) builder.add(number as SequenceNumber);
    }
    return builder.build();
  }

  /** All UIDs the client knows, those included that are gone but not told. */
  get toldUids(): UidSet {
    return this.uidsOf(this.#told === 0 ? emptySet() : rangeSet(1 as SequenceNumber, this.#told as SequenceNumber));
  }

  /** The client was just told the flags of a message. */
  toldFlags(uid: Uid): void {
    this.#changed.delete(uid);
  }

  /**
   * Takes in the outcome of the session's own STORE.
   * @param expected - The flags the client takes a message to have now, from those it had; a message that came out
   *   different is told of. Without it, all are told of.
   */
  applyStored(stored: readonly MessageSummary[], expected?: (before: readonly Flag[]) => readonly Flag[]): void {
    for (const message of stored) {
      const index = this.#indexOf(message.uid);
      if (index < 0) continue;
      const believed = expected?.(this.#flags[index]!);
      this.#set(index, message);
      if (believed === undefined || !sameFlags(believed, message.flags)) this.#changed.add(message.uid);
    }
  }

  #lastTold(): Uid | undefined {
    return this.#told === 0 ? undefined : (this.#uids[this.#told - 1] as Uid);
  }

  #fold(message: MessageSummary): void {
    const { uid, flags } = message;
    if (this.#length > 0 && uid <= this.#uids[this.#length - 1]!) {
      const index = this.#indexOf(uid);
      if (index < 0) return;
      const isTouched = this.#modes().condstore && this.#modSeqs[index] !== message.modSeq;
      const isChanged = isTouched || !sameFlags(this.#flags[index]!, flags);
      this.#set(index, message);
      if (isChanged && index < this.#told) this.#changed.add(uid);
      return;
    }
    this.#reserve(1);
    this.#uids[this.#length] = uid;
    this.#set(this.#length, message);
    this.#length++;
  }

  #set(index: number, { uid, flags, modSeq }: MessageSummary): void {
    this.#touched?.add(uid);
    this.#flags[index] = this.#shared(flags);
    this.#modSeqs[index] = modSeq;
  }

  /** The same list for the same flags, so that a hundred thousand messages do not hold a hundred thousand lists. */
  #shared(flags: readonly Flag[]): readonly Flag[] {
    const shared = sharedFlags(flags);
    for (const keyword of shared.keywords) this.#know(keyword);
    return shared.flags;
  }

  #know(flag: Flag): void {
    const key = flag.toLowerCase();
    if (this.#keywords.has(key)) return;
    this.#keywords.set(key, flag);
    this.#hasNewKeywords = true;
  }

  #vanish(uids: UidSet): void {
    const { bounds } = uids;
    const untold: number[] = [];
    for (let range = 0; range < bounds.length; range += 2) {
      for (let index = this.#lowerBound(bounds[range]!, this.#length); index < this.#length; index++) {
        if (this.#uids[index]! > bounds[range + 1]!) break;
        if (index < this.#told) this.#vanished.add(this.#uids[index] as Uid);
        else untold.push(index);
      }
    }
    this.#remove(untold);
  }

  #vanishAllBut(messages: readonly MessageSummary[]): void {
    const gone: Uid[] = [];
    let next = 0;
    for (let index = 0; index < this.#length; index++) {
      const uid = this.#uids[index] as Uid;
      while (next < messages.length && messages[next]!.uid < uid) next++;
      if (messages[next]?.uid !== uid) gone.push(uid);
    }
    this.#vanish(setOf(gone));
  }

  /** VANISHED, or EXPUNGE for every vanished message, the last first, so that no number changes before it is used. */
  #expunge(): Response[] {
    if (this.#vanished.size === 0) return [];
    const indexes: number[] = [];
    for (const uid of setToArray(this.#vanished)) indexes.push(this.#indexOf(uid));
    this.#remove(indexes);
    const gone = setOf(this.#vanished);
    for (const uid of this.#vanished) {
      this.#changed.delete(uid);
      this.#touched?.delete(uid);
    }
    this.#vanished.clear();
    if (this.#modes().qresync || this.#modes().uidOnly) return [{ type: 'vanished', isEarlier: false, uids: gone }];
    // They were counted when the client was told of them, so it takes them off the count by itself.
    const responses: Response[] = [];
    for (let last = indexes.length - 1; last >= 0; last--) {
      responses.push({ type: 'expunge', sequenceNumber: (indexes[last]! + 1) as SequenceNumber });
    }
    return responses;
  }

  /** Takes out messages, given by ascending index. */
  #remove(indexes: readonly number[]): void {
    const [first] = indexes;
    if (first === undefined) return;
    let next = 0;
    let kept = first;
    let told = 0;
    for (let index = first; index < this.#length; index++) {
      if (index === indexes[next]) {
        next++;
        if (index < this.#told) told++;
        continue;
      }
      this.#uids[kept] = this.#uids[index]!;
      this.#modSeqs[kept] = this.#modSeqs[index]!;
      this.#flags[kept] = this.#flags[index]!;
      kept++;
    }
    this.#length = kept;
    this.#flags.length = kept;
    this.#told -= told;
  }

  #indexOf(uid: Uid): number {
    const index = this.#lowerBound(uid, this.#length);
    return index < this.#length && this.#uids[index] === uid ? index : -1;
  }

  /** Index of the first UID not below `uid` among the first `length`. */
  #lowerBound(uid: number, length: number): number {
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#uids[middle]! < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#uids.length) return;
    const capacity = Math.max(needed, this.#uids.length * 2);
    const uids = new Uint32Array(capacity);
    uids.set(this.#uids.subarray(0, this.#length));
    const modSeqs = new BigUint64Array(capacity);
    modSeqs.set(this.#modSeqs.subarray(0, this.#length));
    this.#uids = uids;
    this.#modSeqs = modSeqs;
  }
}

/** The UIDs of a set in ascending order. */
function setToArray(uids: Iterable<Uid>): Uid[] {
  return [...uids].sort((left, right) => left - right);
}
