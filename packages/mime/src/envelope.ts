import type { Address, Envelope } from '@posthorn/core';
import { parseAddressList } from './address-list.ts';
import { collapsedText, unfoldedText } from './field-text.ts';
import { type FieldBounds, isNamed } from './header.ts';

type TextField = 'date' | 'inReplyTo' | 'messageId';
type AddressField = 'from' | 'sender' | 'replyTo' | 'to' | 'cc' | 'bcc';
type Field = TextField | AddressField | 'subject' | 'references';

/** Names by their first letter in lower case, so that most fields of a header are passed over at a glance. */
const FIELDS: ReadonlyMap<number, readonly (readonly [name: string, field: Field])[]> = new Map([
  [0x62, [['bcc', 'bcc']]],
  [0x63, [['cc', 'cc']]],
  [0x64, [['date', 'date']]],
  [0x66, [['from', 'from']]],
  [0x69, [['in-reply-to', 'inReplyTo']]],
  [0x6d, [['message-id', 'messageId']]],
  [
    0x72,
    [
      ['reply-to', 'replyTo'],
      ['references', 'references'],
    ],
  ],
  [
    0x73,
    [
      ['subject', 'subject'],
      ['sender', 'sender'],
    ],
  ],
  [0x74, [['to', 'to']]],
]);

/**
 * Collects an envelope from the fields of a header. Repeated address fields are joined, so that nothing hides
 * behind the one a reader looks at; of other repeated fields the last counts.
 * @see RFC 9051 section 7.5.2
 */
export class EnvelopeBuilder {
  readonly #texts: Record<TextField | 'subject', string | null> = {
    date: null,
    subject: null,
    inReplyTo: null,
    messageId: null,
  };
  readonly #addresses: Record<AddressField, Address[]> = {
    from: [],
    sender: [],
    replyTo: [],
    to: [],
    cc: [],
    bcc: [],
  };

  /** The first References field, which is no part of the envelope. */
  references: string | undefined;

  /** Takes a field if it belongs to the envelope. */
  take(header: Uint8Array, bounds: FieldBounds): void {
    const candidates = FIELDS.get(header[bounds.start]! | 0x20);
    if (candidates === undefined) return;
    for (const [name, field] of candidates) {
      if (isNamed(header, bounds, name)) this.#set(field, header.subarray(bounds.bodyStart, bounds.bodyEnd));
    }
  }

  build(): Envelope {
    const { from, sender, replyTo, to, cc, bcc } = this.#addresses;
    const filled = (addresses: readonly Address[]): readonly Address[] => (addresses.length > 0 ? addresses : from);
    const { date, subject, inReplyTo, messageId } = this.#texts;
    return {
      date,
      subject,
      from,
      sender: filled(sender),
      replyTo: filled(replyTo),
      to,
      cc,
      bcc,
      inReplyTo,
      messageId,
    };
  }

  #set(field: Field, body: Uint8Array): void {
    switch (field) {
      case 'subject':
        this.#texts.subject = collapsedText(body);
        break;
      case 'references':
        this.references ??= unfoldedText(body);
        break;
      case 'date':
      case 'inReplyTo':
      case 'messageId':
        this.#texts[field] = unfoldedText(body);
        break;
      default:
        for (const address of parseAddressList(body)) this.#addresses[field].push(address);
    }
  }
}
