import { concatBytes, type SequenceNumber, type Uid } from '@posthorn/core';
import type {
  ExpungeData,
  FetchData,
  FetchedSection,
  FetchItems,
  InvalidResponse,
  LiteralData,
  LiteralEnd,
  LiteralStart,
} from '@posthorn/wire';
import type { UntaggedEvent } from '../connection/client-events.ts';
import type { Loan } from '../connection/loan.ts';
import type { IncompleteMessage } from '../errors.ts';
import type { PlannedFetch } from './fetch-plan.ts';
import { hasItems, missingItems, type PreparedQuery } from './fetch-query.ts';
import type { IncomingBody } from './fetched-body.ts';
import { type PartialAnswer, PartialAnswers } from './partial-answers.ts';

/** An answer with everything that was asked for. */
export interface CompleteAnswer {
  readonly uid: Uid;
  readonly sequenceNumber: SequenceNumber;
  readonly items: FetchItems;
  /** Null for a section that does not exist, undefined when none was asked for. */
  readonly body: IncomingBody | null | undefined;
}

/** Where answers go. */
export interface AnswerSink {
  /** Takes a complete answer, unless there is no room for it. */
  deliver(answer: CompleteAnswer): 'queued' | 'dropped';
  /** Whether a message was delivered before: what comes for it now is news, not an answer. */
  isKnown(uid: Uid): boolean;
  report(message: IncompleteMessage): void;
  /** Something that came with an answer and was not asked for. */
  news(data: FetchData): void;
  listed(uid: Uid): void;
  newBody(size: number, uid: Uid): IncomingBody;
  /** Octets of a body that nobody waits for. @returns whether there is no room for more */
  hold(octets: number): boolean;
}

/** A body that came before its message was known, or a section that is kept whole. */
interface Spool {
  readonly chunks: Uint8Array[];
  octets: number;
  readonly maxOctets: number;
  /** The section that it is, unless it is the body. */
  readonly section: LiteralStart | undefined;
}

/** An answer whose body is on its way. */
interface OpenAnswer {
  /** Where the octets go: to a body somebody reads, to memory because more must come first, or nowhere. */
  readonly target: IncomingBody | Spool | undefined;
  /** Whether the message was handed out, or is not wanted, so that the rest of the answer says nothing new. */
  readonly isSettled: boolean;
}

const MOST_SPOOLED_BYTES = 32 * 1024 * 1024;
const MOST_SECTION_BYTES = 1024 * 1024;
const MISSING = Symbol('missing');
const NOWHERE: OpenAnswer = { target: undefined, isSettled: true };

/** Puts answers to a fetch together, from responses that may come in parts, in any order, or broken. */
export class FetchAnswers {
  readonly #query: PreparedQuery;
  readonly #sink: AnswerSink;
  readonly #wantsFlags: boolean;
  readonly #partials = new PartialAnswers((answer) => this.#giveUp(answer));
  #open: OpenAnswer | undefined;
  /** Big sections of the response under way that are kept whole. */
  #spooled: FetchedSection[] = [];
  #expunge: ExpungeData | undefined;

  constructor(query: PreparedQuery, sink: AnswerSink) {
    this.#query = query;
    this.#sink = sink;
    this.#wantsFlags = query.names.includes('flags');
  }

  /** @returns whether the event belongs to this fetch */
  accept(event: UntaggedEvent, planned: PlannedFetch): boolean {
    switch (event.type) {
      case 'fetch':
        return this.#acceptData(event, planned);
      case 'literalStart':
        return this.#acceptLiteral(event, planned);
      case 'expunge':
        // Each command in progress is offered it.
        if (event !== this.#expunge) this.#partials.expunge(event.sequenceNumber);
        this.#expunge = event;
        return false;
      case 'invalid':
        return this.#acceptInvalid(event);
      default:
        return false;
    }
  }

  /** The octets of a literal that was accepted. */
  literal(event: LiteralData | LiteralEnd, loan: Loan | undefined): void {
    const target = this.#open?.target;
    if (target === undefined) return;
    if (isSpool(target)) {
      if (event.type === 'literalData') this.#spool(target, loan?.owned(event.bytes) ?? event.bytes);
      else if (target.section !== undefined) this.#keepSection(target, target.section);
    } else if (event.type === 'literalEnd') target.end();
    else if (this.#sink.hold(target.push(event.bytes, loan))) target.cut();
  }

  /** No more answers will come for what was asked so far. */
  flush(): void {
    this.#partials.flush();
  }

  #acceptData(data: FetchData, planned: PlannedFetch): boolean {
    const open = this.#open;
    this.#open = undefined;
    if (open?.isSettled) return this.#forgetSections(true);
    const { sequenceNumber } = data;
    const earlier = this.#partials.get(sequenceNumber);
    const items = joined(earlier?.items, this.#withSections(data.items));
    this.#forgetSections(true);
    const { uid } = items;
    if (uid !== undefined && (!planned.matches(uid, sequenceNumber) || this.#sink.isKnown(uid))) return false;
    if (uid !== undefined && planned.isListing) {
      this.#sink.listed(uid);
      if (data.items.flags !== undefined) this.#sink.news(data);
      return true;
    }
    const body = this.#bodyOf(items, open);
    if (uid === undefined || body === MISSING || !hasItems(this.#query, items))
      return this.#keep(data, uid, items, earlier);
    this.#partials.delete(sequenceNumber);
    if (items.flags !== undefined && !this.#wantsFlags) this.#sink.news(data);
    this.#sink.deliver({ uid, sequenceNumber, items, body });
    return true;
  }

  /** Waits for the rest of an answer. Flags alone may be news as well. */
  #keep(data: FetchData, uid: Uid | undefined, items: FetchItems, earlier: PartialAnswer | undefined): boolean {
    const isAnswer = this.#isAnswer(items);
    // Without its UID it may be about any message.
    if (uid === undefined && earlier === undefined && !isAnswer) return false;
    const { sequenceNumber, diagnostics = earlier?.diagnostics ?? [] } = data;
    this.#partials.set({ sequenceNumber, uid, items, diagnostics });
    return isAnswer;
  }

  /** Whether there is more than the flags that a server may mention at any time. */
  #isAnswer(items: FetchItems): boolean {
    const { body, sections, names } = this.#query;
    if (body?.find(items) !== undefined || sections.some((section) => section.find(items) !== undefined)) return true;
    if (items.sections?.some((section) => this.#isUncut(section))) return true;
    if (items.raw !== undefined) return true;
    return names.some((name) => name !== 'flags' && name !== 'modSeq' && items[name] !== undefined);
  }

  /** QUIRK: servers send a whole section when some of it was asked for (RFC 9051 section 6.4.5 has `<offset>` in the answer). */
  #isUncut(given: Pick<LiteralStart, 'item' | 'section' | 'origin'>): boolean {
    const { body, sections } = this.#query;
    return body?.isUncut(given) === true || sections.some((section) => section.isUncut(given));
  }

  /** The body in an answer: in memory, null when the section does not exist, undefined when none was asked for. */
  #bodyOf(items: FetchItems, open: OpenAnswer | undefined): CompleteAnswer['body'] | typeof MISSING {
    const { body, isBodyOptional } = this.#query;
    if (body === undefined) return undefined;
    const value = body.find(items)?.value;
    if (value === undefined || items.uid === undefined) return MISSING;
    if (value === null) return isBodyOptional ? null : MISSING;
    if (value.type === 'inline') return this.#wholeBody([value.bytes], value.bytes.length, items.uid);
    return isSpool(open?.target) ? this.#wholeBody(open.target.chunks, value.size, items.uid) : MISSING;
  }

  #wholeBody(chunks: readonly Uint8Array[], size: number, uid: Uid): IncomingBody {
    const body = this.#sink.newBody(size, uid);
    for (const chunk of chunks) if (chunk.length > 0) body.push(chunk);
    body.end();
    return body;
  }

  /** Something big begins. A body streams to the loop when everything else of its message is known. */
  #acceptLiteral(start: LiteralStart, planned: PlannedFetch): boolean {
    const { body: wanted, sections } = this.#query;
    const isSection = sections.some((section) => section.matches(start));
    const isUncut = this.#isUncut(start);
    if (!isSection && !isUncut && wanted?.matches(start) !== true) return false;
    const { sequenceNumber } = start;
    const earlier = this.#partials.get(sequenceNumber);
    const items = joined(earlier?.items, this.#withSections(start.items));
    const { uid } = items;
    if (uid !== undefined && (!planned.matches(uid, sequenceNumber) || this.#sink.isKnown(uid))) return false;
    if (planned.isListing) this.#open = NOWHERE;
    else if (isUncut) this.#open = { target: undefined, isSettled: false };
    else if (isSection) this.#open = { target: newSpool(MOST_SECTION_BYTES, start), isSettled: false };
    else if (uid === undefined || !hasItems(this.#query, items))
      this.#open = { target: newSpool(MOST_SPOOLED_BYTES), isSettled: false };
    else {
      this.#partials.delete(sequenceNumber);
      const body = this.#sink.newBody(start.size, uid);
      const outcome = this.#sink.deliver({ uid, sequenceNumber, items, body });
      this.#open = outcome === 'queued' ? { target: body, isSettled: true } : NOWHERE;
    }
    return true;
  }

  /** Keeps a body whose message is not known yet, up to a limit. */
  #spool(spool: Spool, bytes: Uint8Array): void {
    spool.octets += bytes.length;
    if (spool.octets <= spool.maxOctets) spool.chunks.push(bytes);
    else this.#open = { target: undefined, isSettled: false };
  }

  /** A big section is whole: the rest of its response is still to come. */
  #keepSection({ chunks }: Spool, { item, section, origin }: LiteralStart): void {
    const value = { type: 'inline', bytes: concatBytes(chunks) } as const;
    this.#spooled.push({ item, section, ...(origin !== undefined && { origin }), value });
    this.#open = undefined;
  }

  /** The items with the octets of the sections that flowed beside them. */
  #withSections(items: FetchItems): FetchItems {
    if (this.#spooled.length === 0) return items;
    const others = items.sections?.filter(({ value }) => value?.type !== 'streamed') ?? [];
    const streamed = items.sections?.filter(
      (section) => section.value?.type === 'streamed' && !this.#isSpooled(section),
    );
    return { ...items, sections: [...this.#spooled, ...others, ...(streamed ?? [])] };
  }

  #isSpooled(section: FetchedSection): boolean {
    const wanted = this.#query.sections.find((each) => each.matches(section));
    return wanted !== undefined && this.#spooled.some((each) => wanted.matches(each));
  }

  #forgetSections<Value>(value: Value): Value {
    if (this.#spooled.length > 0) this.#spooled = [];
    return value;
  }

  /** An answer that cannot be read must not look like a message that does not exist. */
  #acceptInvalid({ raw, diagnostics }: InvalidResponse): boolean {
    const open = this.#open;
    const hadSections = this.#spooled.length > 0;
    this.#open = undefined;
    this.#forgetSections(true);
    if (open?.isSettled) return true;
    if (open === undefined && !hadSections && !isFetch(raw)) return false;
    this.#sink.report({ uid: undefined, sequenceNumber: undefined, missing: [], diagnostics });
    return true;
  }

  #giveUp({ uid, sequenceNumber, items, diagnostics }: PartialAnswer): void {
    if (!this.#isAnswer(items) || (uid !== undefined && this.#sink.isKnown(uid))) return;
    const missing: string[] = [...missingItems(this.#query, items)];
    const { body } = this.#query;
    if (body !== undefined && body.find(items)?.value == null) missing.push('body');
    this.#sink.report({ uid, sequenceNumber, missing, diagnostics });
  }
}

function newSpool(maxOctets: number, section?: LiteralStart): Spool {
  return { chunks: [], octets: 0, maxOctets, section };
}

/** What came of a message so far. Sections add up; of everything else the latest counts. */
function joined(earlier: FetchItems | undefined, items: FetchItems): FetchItems {
  if (earlier === undefined) return items;
  const sections = [...(items.sections ?? []), ...(earlier.sections ?? [])];
  return { ...earlier, ...items, ...(sections.length > 0 && { sections }) };
}

function isSpool(target: IncomingBody | Spool | undefined): target is Spool {
  return target !== undefined && 'chunks' in target;
}

/** `* 12 FETCH …` in a frame that does not parse. */
function isFetch(raw: Uint8Array): boolean {
  return /^\* \d{1,10} FETCH\b/i.test(String.fromCharCode(...raw.subarray(0, 24)));
}
