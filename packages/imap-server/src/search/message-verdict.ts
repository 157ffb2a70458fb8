import {
  assertNever,
  decodeText,
  type Flag,
  hasFlag,
  type ImapDate,
  type InternalDate,
  type MessageMeta,
  type ModSeq,
  type SequenceNumber,
  type Uid,
  utf8Bytes,
} from '@posthorn/core';
import { compareImapDates, imapDateOf, parseMessageDate } from '@posthorn/date';
import { contains } from '@posthorn/message-set';
import { type HeaderField, parseHeader } from '@posthorn/mime';
import type { SearchLeaf, SearchPlan, TextLeaf } from './search-plan.ts';
import { addressText, fieldText, headerText } from './searchable-field.ts';
import { holdsText } from './text-finder.ts';

/** What is known of a message without asking anybody. */
export interface KnownMessage {
  readonly uid: Uid;
  readonly number: SequenceNumber;
  readonly flags: readonly Flag[];
  readonly modSeq: ModSeq;
}

/** What is known of a message so far. */
export interface MessageFacts {
  readonly known: KnownMessage;
  readonly meta?: Partial<MessageMeta> | undefined;
  /** The EMAILID of a message that the store has none for. */
  readonly fallbackId?: (() => string) | undefined;
  readonly header?: HeaderFacts | undefined;
  /** Whether a string is in the message; undefined while that is open. */
  readonly texts?: ((leaf: TextLeaf) => boolean | undefined) | undefined;
}

/** Whether a message is what one leaf asks for; undefined when more must be known. */
export function verdictOn(leaf: SearchLeaf, facts: MessageFacts, nowSeconds: number): boolean | undefined {
  const { known, meta, header, texts } = facts;
  switch (leaf.type) {
    case 'all':
      return true;
    case 'flag':
      return hasFlag(known.flags, leaf.flag);
    case 'uid':
      return contains(leaf.uids, known.uid);
    case 'sequence':
      return contains(leaf.numbers, known.number);
    case 'modSeq':
      return known.modSeq >= leaf.atLeast;
    case 'size':
      if (meta?.size === undefined) return undefined;
      return leaf.compare === 'larger' ? meta.size > leaf.octets : meta.size < leaf.octets;
    case 'age': {
      if (meta?.internalDate === undefined) return undefined;
      const target = nowSeconds - leaf.seconds;
      const { epochSeconds } = meta.internalDate;
      return leaf.compare === 'older' ? epochSeconds <= target : epochSeconds >= target;
    }
    case 'date':
      if (leaf.which === 'sent') return header?.wasSent(leaf);
      if (meta?.internalDate === undefined) return undefined;
      // RFC 8514 section 4.3: where no date of saving is kept, that of arrival stands in.
      return isDated(dayOf((leaf.which === 'saved' ? meta.saveDate : undefined) ?? meta.internalDate), leaf);
    case 'header':
      return header?.holds(leaf);
    case 'text':
      return texts?.(leaf);
    case 'emailId':
      return meta === undefined ? undefined : (meta.emailId ?? facts.fallbackId?.()) === leaf.id;
    case 'threadId':
      return meta === undefined ? undefined : meta.threadId === leaf.id;
    default:
      return assertNever(leaf);
  }
}

/** The header of one message. Each question is answered once. */
export class HeaderFacts {
  readonly #plan: SearchPlan;
  readonly #fields: readonly HeaderField[];
  readonly #answers = new Map<TextLeaf, boolean>();
  #sent: ImapDate | undefined;
  #isSentKnown = false;

  constructor(plan: SearchPlan, header: Uint8Array) {
    this.#plan = plan;
    this.#fields = parseHeader(header);
  }

  /** Whether a field holds a string. An empty one is in every field of that name. */
  holds(leaf: Extract<TextLeaf, { readonly type: 'header' }>): boolean {
    const known = this.#answers.get(leaf);
    if (known !== undefined) return known;
    const name = leaf.name.toLowerCase();
    const pattern = this.#plan.patterns.get(leaf)!;
    const holds = (text: string | undefined): boolean => text !== undefined && holdsText(utf8Bytes(text), pattern);
    const answer = this.#fields.some(
      (field) => field.name.toLowerCase() === name && (holds(fieldText(field)) || holds(addressText(field))),
    );
    this.#answers.set(leaf, answer);
    return answer;
  }

  /** All fields, as they are searched. */
  text(): string {
    return headerText(this.#fields);
  }

  has(name: string): boolean {
    return this.#fields.some((field) => field.name.toLowerCase() === name);
  }

  /** Compares the day of the Date field. A message without one was sent on no day. */
  wasSent(leaf: Extract<SearchLeaf, { readonly type: 'date' }>): boolean {
    if (!this.#isSentKnown) {
      this.#isSentKnown = true;
      const field = this.#fields.find(({ name }) => name.toLowerCase() === 'date');
      const date = field === undefined ? undefined : parseMessageDate(decodeText(field.body));
      this.#sent = date === undefined ? undefined : dayOf(date);
    }
    return isDated(this.#sent, leaf);
  }
}

function isDated(
  day: ImapDate | undefined,
  { compare, date }: Extract<SearchLeaf, { readonly type: 'date' }>,
): boolean {
  if (day === undefined) return false;
  const order = compareImapDates(day, date);
  return compare === 'before' ? order < 0 : compare === 'on' ? order === 0 : order >= 0;
}

function dayOf(date: InternalDate): ImapDate | undefined {
  try {
    return imapDateOf(date);
  } catch {
    // A year or a zone that no calendar has.
    return undefined;
  }
}
