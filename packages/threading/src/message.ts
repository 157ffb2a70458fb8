import { type Address, addressSpec, type Envelope, type InternalDate } from '@posthorn/core';
import { parseMessageDate } from '@posthorn/date';
import { parseMessageId, parseMessageIds } from './message-id.ts';

/** A moment; an `InternalDate` of `@posthorn/core` is one. */
export interface Moment {
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly epochSeconds: number;
}

/**
 * What sorting and threading look at. Texts are decoded: no encoded words are left in them. What the criteria or the
 * algorithm asked for do not need can be left out; what a message lacks counts as the empty string.
 */
export interface SortableMessage {
  /** What a thread names the message by: its UID or its sequence number. */
  readonly number: number;
  /** When it arrived. It stands in for the sent date of a message without. */
  readonly internalDate?: Moment | undefined;
  /** What its Date field says. */
  readonly sentDate?: Moment | undefined;
  /** Octets. */
  readonly size?: number | undefined;
  readonly subject?: string | undefined;
  /** The first address of these fields; a group is its start marker. */
  readonly from?: Address | undefined;
  readonly to?: Address | undefined;
  readonly cc?: Address | undefined;
  /** Message identifiers in the form that {@link parseMessageIds} gives. */
  readonly messageId?: string | undefined;
  readonly references?: readonly string[] | undefined;
  readonly inReplyTo?: string | undefined;
}

/** The sent date that SORT and THREAD compare, in seconds since 1970. @see RFC 5256 section 2.2 */
export function sentSeconds({ sentDate, internalDate }: SortableMessage): number {
  return (sentDate ?? internalDate)?.epochSeconds ?? 0;
}

/** What a server knows of a message, or a client after a FETCH. */
export interface MessageFields {
  readonly number: number;
  /** As IMAP sends it, encoded words and all. */
  readonly envelope: Envelope;
  readonly internalDate?: InternalDate | undefined;
  readonly size?: number | undefined;
  /** The body of the References field, which an envelope does not hold. */
  readonly references?: string | undefined;
}

/**
 * Makes a sortable message of an envelope.
 * @param decodeWords - Decodes encoded words (RFC 2047), as `decodeWords` of `@posthorn/mime` does.
 */
export function sortableMessage(
  { number, envelope, internalDate, size, references }: MessageFields,
  decodeWords: (text: string) => string,
): SortableMessage {
  const { date, subject, from, to, cc, messageId, inReplyTo } = envelope;
  const decoded = ([first]: readonly Address[]): Address | undefined =>
    first?.name == null ? first : { ...first, name: decodeWords(first.name) };
  return {
    number,
    internalDate,
    sentDate: date === null ? undefined : parseMessageDate(date),
    size,
    subject: subject === null ? undefined : decodeWords(subject),
    from: decoded(from),
    to: decoded(to),
    cc: decoded(cc),
    messageId: messageId === null ? undefined : parseMessageId(messageId),
    references: references === undefined ? undefined : parseMessageIds(references),
    inReplyTo: inReplyTo === null ? undefined : parseMessageId(inReplyTo),
  };
}

/** What DISPLAYFROM and DISPLAYTO compare. @see RFC 5957 section 3 */
export function displayName(address: Address | undefined): string {
  if (address === undefined) return '';
  return address.name || (addressSpec(address) ?? address.mailbox ?? '');
}
