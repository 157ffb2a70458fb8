import {
  type Flag,
  type InternalDate,
  type ModSeq,
  modSeq,
  type SequenceNumber,
  sequenceNumber,
  type Uid,
  type UidValidity,
  uid,
  uidValidity,
} from '@posthorn/core';
import { type MailboxName, mailboxName } from '@posthorn/mailbox-name';
import type { MessageRange, SequenceSet } from '@posthorn/message-set';
import { type Section, type SectionText, WHOLE_MESSAGE } from '@posthorn/wire';
import type { Random } from './random.ts';

const TEXTS = [
  '',
  'x',
  'NIL',
  'nil',
  'INBOX',
  'a b',
  '"',
  '\\',
  '\\"',
  '()',
  '{5}',
  'x {5}',
  'x {5+}',
  '~{1}',
  '*',
  '%',
  '[ALERT] x',
  ']',
  '\t',
  '\u007f',
  '\u0001',
  '\r\n* BYE x',
  'a\rb',
  'a\nb',
  '\r\n',
  '=?utf-8?Q?=C3=A9?=',
  'é',
  'Grüße aus Köln',
  '€',
  '📮',
  '\ufeffx',
  '&',
  '&-',
  'A'.repeat(255),
  'A'.repeat(1001),
  'é'.repeat(600),
  'x"'.repeat(300),
];
/** What no string of IMAP can hold, and half a character. */
const UNSENDABLE_TEXTS = ['\u0000', 'a\u0000b', '\ud800', 'x\udc00'];
const ATOMS = ['a', 'Foo', 'X-TEST', 'a.b', 'A1', '1', 'x_y', "it's", 'A=B', '$x', '~', 'a/b', '#n', '!'];

/** Makes the values that commands and responses consist of. */
export class Values {
  readonly random: Random;
  /** Whether texts may hold what cannot be sent. */
  readonly #isHostile: boolean;

  constructor(random: Random, isHostile: boolean) {
    this.random = random;
    this.#isHostile = isHostile;
  }

  text(): string {
    const { random } = this;
    if (this.#isHostile && random.once(6)) return random.pick(UNSENDABLE_TEXTS);
    return random.once(3) ? random.pick(TEXTS) + random.pick(TEXTS) : random.pick(TEXTS);
  }

  nText(): string | null {
    return this.random.once(4) ? null : this.text();
  }

  /** Anything where an atom belongs, when hostile. */
  atom(): string {
    return this.#isHostile && this.random.once(8) ? this.text() : this.random.pick(ATOMS);
  }

  maybe<Value>(make: () => Value): Value | undefined {
    return this.random.once(2) ? undefined : make();
  }

  some<Value>(make: () => Value, least = 0): Value[] {
    return this.random.some(4, make, least);
  }

  id(): number {
    return Math.max(1, this.random.number(32));
  }

  uid(): Uid {
    return uid(this.id());
  }

  sequenceNumber(): SequenceNumber {
    return sequenceNumber(this.id());
  }

  uidValidity(): UidValidity {
    return uidValidity(this.id());
  }

  modSeq(): ModSeq {
    return modSeq((BigInt(this.random.number(31)) << 32n) | BigInt(this.random.number(32)));
  }

  size(): number {
    return this.random.number(53);
  }

  internalDate(): InternalDate {
    const { random } = this;
    const seconds = random.number(37);
    return {
      epochSeconds: random.once(8) ? 0 - (seconds % 1e9) : seconds % 2.5e11,
      offsetMinutes: random.below(1681) - 840,
    };
  }

  flag(): Flag {
    return this.random.once(2)
      ? this.random.pick(['\\Seen', '\\Deleted', '\\Answered', '\\Draft', '\\X'])
      : this.atom();
  }

  mailbox(): MailboxName {
    return mailboxName(this.random.once(4) ? 'INBOX' : this.text());
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.random.some(40, () => this.random.below(256)));
  }

  sequenceSet<Id extends Uid | SequenceNumber>(hasStar: boolean): SequenceSet<Id> {
    return { ranges: this.some(() => this.#range<Id>(hasStar), 1) };
  }

  section(): Section {
    const { random } = this;
    const part = this.some(() => 1 + random.below(20));
    if (random.once(4)) return part.length === 0 ? WHOLE_MESSAGE : { part };
    const text: SectionText = random.pick(['HEADER', 'TEXT', 'HEADER.FIELDS', 'HEADER.FIELDS.NOT', 'MIME']);
    if (text === 'MIME') return { part: [1, ...part], text };
    if (text === 'HEADER' || text === 'TEXT') return { part, text };
    return { part, text, fields: this.some(() => this.atom(), 1) };
  }

  #range<Id extends Uid | SequenceNumber>(hasStar: boolean): MessageRange<Id> {
    const first = this.id() as Id;
    if (hasStar && this.random.once(3)) return { first: this.random.once(3) ? '*' : first, last: '*' };
    const last = Math.min(4_294_967_295, first + this.random.number(8)) as Id;
    return { first, last };
  }
}

/** Leaves out what is undefined, as values that come from a decoder do. */
export function compact<Value extends object>(value: { [Key in keyof Value]: Value[Key] | undefined }): Value {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value;
}
