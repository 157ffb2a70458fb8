/**
 * The mailboxes that NOTIFY and ESEARCH are about.
 * @see RFC 5465 section 6, RFC 7377 section 2.2
 * @module
 */
import type { MailboxName } from '@posthorn/mailbox-name';
import type { CommandWriter } from '../commands/command-writer.ts';
import { LPAREN } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { readMailbox } from '../values/read-mailbox.ts';

/** Which mailboxes are meant: by what they are, or by name. */
export type MailboxFilter =
  | { readonly type: 'selected' | 'selectedDelayed' | 'inboxes' | 'personal' | 'subscribed' }
  /** `subtree` is a mailbox and all below it, `subtreeOne` what lies directly below it, `mailboxes` just those named. */
  | { readonly type: 'subtree' | 'subtreeOne' | 'mailboxes'; readonly mailboxes: readonly MailboxName[] };

const WORDS = {
  selected: 'SELECTED',
  selectedDelayed: 'SELECTED-DELAYED',
  inboxes: 'INBOXES',
  personal: 'PERSONAL',
  subscribed: 'SUBSCRIBED',
  subtree: 'SUBTREE',
  subtreeOne: 'SUBTREE-ONE',
  mailboxes: 'MAILBOXES',
} as const;
const TYPES: ReadonlyMap<string, MailboxFilter['type']> = new Map(
  Object.entries(WORDS).map(([type, word]) => [word, type as MailboxFilter['type']]),
);

export function readMailboxFilter(reader: Reader): MailboxFilter {
  const start = reader.offset;
  const type = TYPES.get(reader.keyword());
  if (type === undefined) {
    reader.offset = start;
    return reader.fail('an unknown kind of mailboxes');
  }
  if (type !== 'subtree' && type !== 'subtreeOne' && type !== 'mailboxes') return { type };
  reader.space();
  return { type, mailboxes: readMailboxes(reader) };
}

function readMailboxes(reader: Reader): readonly MailboxName[] {
  if (reader.peek() !== LPAREN) return [readMailbox(reader)];
  const mailboxes: MailboxName[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) mailboxes.push(readMailbox(reader));
  if (mailboxes.length === 0) reader.fail('expected a mailbox');
  return mailboxes;
}

/** @throws RangeError for a filter that names no mailbox where it must. */
export function writeMailboxFilter(writer: CommandWriter, filter: MailboxFilter): void {
  const word = Object.hasOwn(WORDS, filter.type) ? WORDS[filter.type] : undefined;
  if (word === undefined) throw new RangeError('there is no such kind of mailboxes');
  writer.text(word);
  if (!('mailboxes' in filter)) return;
  const [first, ...others] = filter.mailboxes;
  if (first === undefined) throw new RangeError(`${word} needs a mailbox`);
  writer.text(' ');
  if (others.length === 0) writer.mailbox(first);
  else writer.list(filter.mailboxes, (mailbox) => writer.mailbox(mailbox));
}
