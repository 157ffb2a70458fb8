import {
  applyFlags,
  type Flag,
  type MessageMeta,
  type SequenceNumber,
  type SequenceNumberSet,
  type Uid,
} from '@posthorn/core';
import { count, ids, resolveSequenceSet, setOf, sliceSet } from '@posthorn/message-set';
import type { BinarySize, FetchedSection, FetchItem, FetchItems, PartialRange } from '@posthorn/wire';
import { emailIdOf } from '../fetch/email-id.ts';
import { type FetchPlan, MAX_SECTIONS, planFetch, withoutExtension } from '../fetch/fetch-plan.ts';
import { MessageSource } from '../fetch/message-source.ts';
import { decodedSize, openSections } from '../fetch/open-sections.ts';
import { previewOf } from '../fetch/preview.ts';
import { namesUids } from '../protocol/command-rules.ts';
import { storeErrorCode } from '../replies/error-replies.ts';
import { bad, type Completion, no, ok } from '../replies/replies.ts';
import type { SelectedMailbox } from '../selected/selected-mailbox.ts';
import type { Session } from '../session/session.ts';
import { mayChange } from '../sharing/rights.ts';
import type { CommandOf } from './command-of.ts';
import { enableCondstore } from './enable.ts';
import { tellVanished } from './resync.ts';

const SEEN: readonly Flag[] = ['\\Seen'];
/** Messages whose octets were sent before they are marked as seen together. */
const SEEN_BATCH = 64;

type Row = Partial<MessageMeta> & { readonly uid: Uid };

/** @see RFC 9051 section 6.4.5 */
export async function fetch(session: Session, command: CommandOf<'FETCH'>): Promise<Completion> {
  const { messages, items, changedSince, partial, vanished = false } = command;
  const isUid = namesUids(messages);
  // RFC 7162 section 3.1.4.1.
  const plan = planFetch(changedSince === undefined ? items : [...items, { type: 'modSeq' }], isUid);
  if (plan.mistake !== undefined) return bad(plan.mistake);
  const isOffered = (capability: string): boolean => session.protocol.isOffered(capability);
  if (![...plan.capabilities].every(isOffered)) return bad('That is not offered');
  if (plan.sections.length > MAX_SECTIONS) return no('Ask for fewer sections at once', 'LIMIT');
  const selected = session.openMailbox();
  const { view } = selected;
  if (plan.modSeq) {
    if (!selected.hasModSeq) return bad('The mailbox has no lasting mod-sequences');
    enableCondstore(session);
  }
  if (partial !== undefined && !(isUid && isOffered('PARTIAL'))) return bad('PARTIAL is for UID FETCH');
  if (vanished && !(isUid && changedSince !== undefined && session.modes.qresync)) {
    return bad('VANISHED is for UID FETCH with CHANGEDSINCE, once QRESYNC is enabled');
  }
  await selected.refresh(session.signal);
  await session.send(view.announce());
  const asked = selected.resolve(messages);
  if (asked === undefined) return bad('Invalid messageset: there is no message with that number');
  if (vanished && changedSince !== undefined) {
    // The last message there was may be the one that is gone.
    const lastEver = selected.uidNext > 1 ? ((selected.uidNext - 1) as Uid) : undefined;
    const uids = messages.type === 'uids' ? resolveSequenceSet(messages.set, lastEver) : selected.saved;
    await tellVanished(session, selected, uids, changedSince);
  }
  const within = partial === undefined ? asked : windowOfSet(asked, partial);
  const numbers = changedSince === undefined ? within : view.changedSince(view.uidsOf(within), changedSince);
  if (numbers.bounds.length === 0) return ok('There was nothing to fetch');

  const answered = await new Fetch(session, selected, plan).run(numbers);
  const isWhole = answered === count<SequenceNumber>(numbers);
  if (isWhole || isUid) return ok('Fetched');
  return no('Some of the messages no longer exist', 'EXPUNGEISSUED');
}

/** Answers items of some messages to a client that asked to be told of them. */
export async function answerItems(
  session: Session,
  selected: SelectedMailbox,
  items: readonly FetchItem[],
  numbers: SequenceNumberSet,
): Promise<void> {
  await new Fetch(session, selected, planFetch(items, true)).run(numbers);
}

/** The part of a set that a range names. @see RFC 9394 section 3.3 */
function windowOfSet(numbers: SequenceNumberSet, { first, last }: PartialRange): SequenceNumberSet {
  const [low, high] = first <= last ? [first, last] : [last, first];
  const total = count<SequenceNumber>(numbers);
  if (low > 0) return sliceSet<SequenceNumber>(numbers, Math.min(low - 1, total), Math.min(high, total));
  return sliceSet<SequenceNumber>(numbers, Math.max(0, total + low), Math.max(0, total + high + 1));
}

/** One FETCH under way. */
class Fetch {
  readonly #session: Session;
  readonly #selected: SelectedMailbox;
  readonly #plan: FetchPlan;
  readonly #marksSeen: boolean;
  readonly #tellsModSeq: boolean;
  #seen: Uid[] = [];

  constructor(session: Session, selected: SelectedMailbox, plan: FetchPlan) {
    this.#session = session;
    this.#selected = selected;
    this.#plan = plan;
    this.#tellsModSeq = session.modes.condstore && selected.hasModSeq;
    this.#marksSeen = plan.setsSeen && !selected.isReadOnly && mayChange(selected.rights, '\\Seen');
  }

  /** Answers for each message; tells for how many that was possible. */
  async run(numbers: SequenceNumberSet): Promise<number> {
    const { output } = this.#session;
    let answered = 0;
    try {
      for await (const row of this.#rows(numbers)) {
        if (await this.#answer(row)) answered++;
        if (output.isFull) await output.flush();
        if (this.#seen.length >= SEEN_BATCH) await this.#markSeen();
      }
    } finally {
      await this.#markSeen();
    }
    return answered;
  }

  /** The messages, with what the store must tell of them. Nothing but flags and UIDs needs no store. */
  #rows(numbers: SequenceNumberSet): AsyncIterable<Row> | Iterable<Row> {
    const { mailbox, view } = this.#selected;
    const { fields } = this.#plan;
    if (fields.length === 0) return rowsOf(view, numbers);
    return mailbox.scan(view.uidsOf(numbers), fields, { signal: this.#session.signal });
  }

  async #answer(row: Row): Promise<boolean> {
    const { view } = this.#selected;
    const number = view.numberOf(row.uid);
    if (number === undefined) return false;
    const { sections, binarySizes, preview } = this.#plan;
    if (sections.length > 0 || binarySizes.length > 0 || preview) return this.#answerSections(number, row);
    this.#session.output.send({ type: 'fetch', sequenceNumber: number, items: this.#items(number, row) });
    this.#answerBody(number, row);
    return true;
  }

  async #answerSections(number: SequenceNumber, row: Row): Promise<boolean> {
    const { output, signal } = this.#session;
    const { sections } = this.#plan;
    let opened: Awaited<ReturnType<typeof openSections>>;
    let read: FetchItems;
    try {
      read = await this.#readItems(row);
      opened = await openSections(this.#selected, row.uid, sections, signal);
    } catch (error) {
      if (storeErrorCode(error) === 'STORE_EXPUNGED') return false;
      throw error;
    }
    try {
      const isNews = this.#marksSeen && !this.#selected.view.flagsAt(number).includes('\\Seen');
      // With mod-sequences the news comes by itself, once there is one: RFC 7162 section 3.2.4.
      const items = {
        ...this.#items(number, row, isNews && !this.#tellsModSeq),
        ...read,
        ...sectionItems(opened.sections),
      };
      await output.sendStreaming({ type: 'fetch', sequenceNumber: number, items }, opened.open);
      this.#answerBody(number, row);
      if (isNews) this.#seen.push(row.uid);
    } finally {
      await opened.release();
    }
    return true;
  }

  /** What must be read from the message before anything is sent of it. */
  async #readItems({ uid }: Row): Promise<FetchItems> {
    const { binarySizes, preview } = this.#plan;
    const items: { -readonly [Item in keyof FetchItems]: FetchItems[Item] } = {};
    if (!preview && binarySizes.length === 0) return items;
    const { mailbox, structures } = this.#selected;
    const source = new MessageSource(mailbox, uid, structures, this.#session.signal);
    if (preview) items.preview = await previewOf(source);
    const sizes: BinarySize[] = [];
    for (const section of binarySizes) sizes.push({ ...section, size: (await decodedSize(source, section)) ?? 0 });
    if (sizes.length > 0) items.binarySizes = sizes;
    return items;
  }

  #items(number: SequenceNumber, row: Row, isNowSeen = false): FetchItems {
    const { view } = this.#selected;
    const plan = this.#plan;
    const items: { -readonly [Item in keyof FetchItems]: FetchItems[Item] } = {};
    if (plan.uid) items.uid = row.uid;
    if (plan.flags || isNowSeen) {
      const flags = view.flagsAt(number);
      items.flags = isNowSeen ? applyFlags(flags, 'add', SEEN) : flags;
      // A client that follows mod-sequences is told of a change with the new one.
      if (plan.modSeq || !this.#tellsModSeq) view.toldFlags(row.uid);
    }
    if (plan.emailId) items.emailId = row.emailId ?? emailIdOf(this.#selected.mailbox, row.uid);
    if (plan.threadId) items.threadId = row.threadId ?? null;
    if (plan.saveDate) items.saveDate = row.saveDate ?? null;
    if (plan.modSeq) items.modSeq = view.modSeqAt(number);
    if (plan.internalDate && row.internalDate !== undefined) items.internalDate = row.internalDate;
    if (plan.size && row.size !== undefined) items.size = row.size;
    if (plan.envelope && row.envelope !== undefined) items.envelope = row.envelope;
    if (plan.bodyStructure && row.bodyStructure !== undefined) items.bodyStructure = row.bodyStructure;
    else if (plan.body && row.bodyStructure !== undefined) items.bodyStructure = withoutExtension(row.bodyStructure);
    return items;
  }

  /** One response holds one structure: who asks for both forms gets a second response. */
  #answerBody(number: SequenceNumber, { uid, bodyStructure }: Row): void {
    const { body, bodyStructure: isExtendedAsked, uid: isUidAsked } = this.#plan;
    if (!body || !isExtendedAsked || bodyStructure === undefined) return;
    const items: FetchItems = { bodyStructure: withoutExtension(bodyStructure) };
    this.#session.output.send({ type: 'fetch', sequenceNumber: number, items: isUidAsked ? { uid, ...items } : items });
  }

  async #markSeen(): Promise<void> {
    if (this.#seen.length === 0) return;
    const { mailbox, view } = this.#selected;
    const uids = setOf(this.#seen);
    this.#seen = [];
    const { stored } = await mailbox.store(uids, 'add', SEEN, { signal: this.#session.signal });
    // A mod-sequence of ours is told only with all that came before it.
    this.#selected.isStale = this.#tellsModSeq;
    view.applyStored(stored, this.#tellsModSeq ? undefined : (before) => applyFlags(before, 'add', SEEN));
  }
}

function sectionItems(sections: readonly FetchedSection[]): FetchItems {
  return sections.length === 0 ? {} : { sections };
}

function* rowsOf(view: SelectedMailbox['view'], numbers: SequenceNumberSet): Iterable<Row> {
  for (const number of ids<SequenceNumber>(numbers)) yield { uid: view.uidAt(number) };
}
