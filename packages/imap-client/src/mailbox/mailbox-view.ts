import type { Flag, ModSeq, SequenceNumber, Uid, UidSet, UidValidity } from '@posthorn/core';
import { count } from '@posthorn/message-set';
import type { FetchData, ResponseCode } from '@posthorn/wire';
import type { UntaggedEvent } from '../connection/client-events.ts';
import { KnownUids } from './known-uids.ts';
import type { Resync } from './resync.ts';

/** Something that happened to the selected mailbox, in the order in which the server told it. */
export type MailboxChange =
  /** Messages arrived: there are `exists` now. */
  | { readonly type: 'exists'; readonly exists: number }
  /** The message with this number is gone, and those behind it move up. */
  | {
      readonly type: 'expunged';
      readonly sequenceNumber: SequenceNumber;
      /** Undefined when no answer has told it since the selection. */
      readonly uid: Uid | undefined;
      readonly exists: number;
    }
  /** Messages are gone, from servers that tell by UID. */
  | { readonly type: 'vanished'; readonly uids: UidSet; readonly exists: number }
  | {
      readonly type: 'flags';
      /** Undefined where messages have UIDs alone (UIDONLY). */
      readonly sequenceNumber: SequenceNumber | undefined;
      /** Undefined when the server did not say. */
      readonly uid: Uid | undefined;
      readonly flags: readonly Flag[];
      readonly modSeq: ModSeq | undefined;
    }
  /** The server has taken the right to change the mailbox away, or given it. */
  | { readonly type: 'mode'; readonly isReadOnly: boolean }
  /** More happened than was kept while nobody looked: compare with the mailbox itself. */
  | { readonly type: 'overflow'; readonly exists: number };

/** Changes kept for a watcher to come. */
const MOST_CHANGES = 4096;

/** What the server has told of the selected mailbox. */
export class MailboxView {
  exists = 0;
  /** Whether EXISTS came at all. */
  hasExists = false;
  /** Messages with `\Recent`; undefined when the server does not count them. */
  recent: number | undefined;
  /** Sequence number of the first unread message at the selection. */
  firstUnseen: SequenceNumber | undefined;
  isReadOnly = false;
  /** Messages have no sequence numbers. @see RFC 9586 */
  isUidOnly = false;
  /** The mailbox keeps no mod-sequences. */
  hasNoModSeq = false;
  mailboxId: string | undefined;
  readonly uids: KnownUids = new KnownUids();
  flags: readonly Flag[] = [];
  permanentFlags: readonly Flag[] | undefined;
  allowsNewKeywords = false;
  uidValidity: UidValidity | undefined;
  uidNext: number | undefined;
  highestModSeq: ModSeq | undefined;
  /** Where the mailbox stood when it was selected. Answers in the meantime may have told of later changes before earlier ones. */
  selectedModSeq: ModSeq | undefined;
  /** What SELECT with QRESYNC told, until it is done. */
  readonly #resync: Resync | undefined;
  #changes: MailboxChange[] = [];
  #onChange: (() => void) | undefined;
  #isSettled = false;

  /** @param resync - Where to put what SELECT with QRESYNC tells. */
  constructor(resync?: Resync) {
    this.#resync = resync;
  }

  /** Takes the answers to SELECT. @returns false for what is not about the mailbox */
  select(event: UntaggedEvent): boolean {
    switch (event.type) {
      case 'exists':
      case 'flags':
      case 'recent':
        this.apply(event);
        return true;
      case 'status':
        return event.status === 'OK' && event.code !== undefined && this.#applyCode(event.code);
      case 'fetch':
      case 'vanished':
        return this.#resync?.accept(event) ?? false;
      default:
        return false;
    }
  }

  /** SELECT is done: from here on changes count. */
  settle(): void {
    this.#isSettled = true;
    if (this.hasNoModSeq) this.highestModSeq = undefined;
    this.selectedModSeq = this.highestModSeq;
  }

  /** Takes news. */
  apply(event: UntaggedEvent): void {
    switch (event.type) {
      case 'exists':
        this.#applyExists(event.count);
        break;
      case 'expunge':
        if (event.sequenceNumber > this.exists) return;
        this.exists--;
        this.#push({
          type: 'expunged',
          sequenceNumber: event.sequenceNumber,
          uid: this.uids.expunge(event.sequenceNumber),
          exists: this.exists,
        });
        break;
      case 'vanished':
        // Those of the past were not counted. RFC 7162 section 3.2.10.
        if (!event.isEarlier) {
          this.exists = Math.max(0, this.exists - count(event.uids));
          this.uids.vanish(event.uids);
        }
        this.#push({ type: 'vanished', uids: event.uids, exists: this.exists });
        break;
      case 'recent':
        this.recent = event.count;
        return;
      case 'flags':
        this.flags = event.flags;
        return;
      case 'fetch':
        this.#applyFetch(event);
        break;
      case 'status':
        if (event.code !== undefined) this.#applyCode(event.code);
        return;
      default:
    }
  }

  /** The oldest change nobody took yet. */
  take(): MailboxChange | undefined {
    return this.#changes.shift();
  }

  /** Calls back once, at the next change. */
  onChange(callback: (() => void) | undefined): void {
    this.#onChange = callback;
  }

  #applyExists(total: number): void {
    const isSame = total === this.exists;
    this.hasExists = true;
    this.exists = total;
    if (isSame) return;
    if (this.#changes.at(-1)?.type === 'exists') this.#changes.pop();
    this.#push({ type: 'exists', exists: total });
  }

  #applyFetch({ sequenceNumber: number, items: { uid, flags, modSeq } }: FetchData): void {
    const sequenceNumber = this.isUidOnly ? undefined : number;
    if (uid !== undefined && sequenceNumber !== undefined && sequenceNumber <= this.exists)
      this.uids.set(sequenceNumber, uid);
    if (modSeq !== undefined && modSeq > (this.highestModSeq ?? 0n)) this.highestModSeq = modSeq;
    if (flags !== undefined)
      this.#push({
        type: 'flags',
        sequenceNumber,
        uid: uid ?? (sequenceNumber === undefined ? undefined : this.uids.at(sequenceNumber)),
        flags,
        modSeq,
      });
  }

  #applyCode(code: ResponseCode): boolean {
    switch (code.type) {
      case 'permanentFlags':
        this.permanentFlags = code.flags;
        this.allowsNewKeywords = code.allowsNewKeywords;
        return true;
      case 'uidNext':
        this.uidNext = code.uidNext;
        return true;
      case 'uidValidity':
        this.uidValidity = code.uidValidity;
        return true;
      case 'highestModSeq':
        this.highestModSeq = code.modSeq;
        return true;
      case 'unseen':
        this.firstUnseen = code.first;
        return true;
      case 'mailboxId':
        this.mailboxId = code.mailboxId;
        return true;
      case 'atom':
        return this.#applyWord(code.name);
      default:
        return false;
    }
  }

  #applyWord(name: string): boolean {
    switch (name) {
      case 'READ-ONLY':
      case 'READ-WRITE':
        if (this.isReadOnly === (name === 'READ-ONLY')) return true;
        this.isReadOnly = name === 'READ-ONLY';
        this.#push({ type: 'mode', isReadOnly: this.isReadOnly });
        return true;
      case 'NOMODSEQ':
        this.hasNoModSeq = true;
        return true;
      default:
        return false;
    }
  }

  #push(change: MailboxChange): void {
    if (!this.#isSettled) return;
    if (this.#changes.length >= MOST_CHANGES) this.#changes = [{ type: 'overflow', exists: this.exists }];
    else if (this.#changes[0]?.type === 'overflow' && this.#changes.length === 1) {
      this.#changes = [{ type: 'overflow', exists: this.exists }];
    } else this.#changes.push(change);
    const onChange = this.#onChange;
    this.#onChange = undefined;
    onChange?.();
  }
}
