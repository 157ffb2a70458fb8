import { assertNever } from '@posthorn/core';
import { baseSubject } from './base-subject.ts';
import { type Casemap, octetOrderKey, unicodeCasemap } from './casemap.ts';
import { displayName, type SortableMessage, sentSeconds } from './message.ts';

/** @see RFC 5256 section 3, RFC 5957 section 4 */
export type SortKey = 'ARRIVAL' | 'CC' | 'DATE' | 'DISPLAYFROM' | 'DISPLAYTO' | 'FROM' | 'SIZE' | 'SUBJECT' | 'TO';

export interface SortCriterion {
  readonly key: SortKey;
  /** Descending order. @defaultValue false */
  readonly isReverse?: boolean;
}

export interface CollationOptions {
  /** How texts are compared. @defaultValue {@link unicodeCasemap} */
  readonly casemap?: Casemap;
}

/**
 * Sorts messages as SORT does, in time n log n.
 *
 * @param messages - In the order they have in the mailbox, which decides between equals.
 * @param order - The first criterion weighs most.
 * @returns The same messages in a new array.
 * @see RFC 5256 section 3
 */
export function sortMessages<Message extends SortableMessage>(
  messages: readonly Message[],
  order: readonly SortCriterion[],
  { casemap = unicodeCasemap }: CollationOptions = {},
): Message[] {
  const columns = order.map(({ key }) => messages.map((message) => sortValue(message, key, casemap)));
  const signs = order.map(({ isReverse = false }) => (isReverse ? -1 : 1));
  const compare = (one: number, other: number): number => {
    for (const [place, column] of columns.entries()) {
      const [left, right] = [column[one]!, column[other]!];
      if (left < right) return -signs[place]!;
      if (left > right) return signs[place]!;
    }
    return one - other;
  };
  return Array.from(messages.keys())
    .sort(compare)
    .map((index) => messages[index]!);
}

function sortValue(message: SortableMessage, key: SortKey, casemap: Casemap): string | number {
  switch (key) {
    case 'ARRIVAL':
      return message.internalDate?.epochSeconds ?? 0;
    case 'DATE':
      return sentSeconds(message);
    case 'SIZE':
      return message.size ?? 0;
    case 'SUBJECT':
      return octetOrderKey(baseSubject(casemap(message.subject ?? '')).text);
    case 'FROM':
      return octetOrderKey(casemap(message.from?.mailbox ?? ''));
    case 'TO':
      return octetOrderKey(casemap(message.to?.mailbox ?? ''));
    case 'CC':
      return octetOrderKey(casemap(message.cc?.mailbox ?? ''));
    case 'DISPLAYFROM':
      return octetOrderKey(casemap(displayName(message.from)));
    case 'DISPLAYTO':
      return octetOrderKey(casemap(displayName(message.to)));
    default:
      return assertNever(key);
  }
}
