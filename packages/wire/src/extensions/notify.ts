/**
 * What a server shall tell unasked.
 * @see RFC 5465
 * @module
 */
import type { FetchItem } from '../commands/command.ts';
import type { CommandWriter } from '../commands/command-writer.ts';
import { fetchItemText } from '../commands/fetch-item-text.ts';
import { readFetchItems } from '../commands/read-fetch-item.ts';
import { ATOM, LPAREN, RPAREN, SP } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { checkedAtom } from '../tokens/spelling.ts';
import { type MailboxFilter, readMailboxFilter, writeMailboxFilter } from './mailbox-filter.ts';

/** Something that happens to a message, a mailbox or the server. @see RFC 5465 section 5 */
export type NotifyEvent =
  /** `items` are answered for each new message of the selected mailbox. */
  | { readonly type: 'messageNew'; readonly items?: readonly FetchItem[] }
  | { readonly type: 'messageExpunge' | 'flagChange' | 'annotationChange' }
  | { readonly type: 'mailboxName' | 'subscriptionChange' | 'mailboxMetadataChange' | 'serverMetadataChange' }
  | { readonly type: 'other'; readonly name: string };

/** Events of some mailboxes. */
export interface NotifyGroup {
  readonly filter: MailboxFilter;
  /** None of them when empty. */
  readonly events: readonly NotifyEvent[];
}

/** Replaces all that was asked for before. */
export interface NotifyCommand {
  readonly name: 'NOTIFY';
  /** The first that fits a mailbox counts. Empty: nothing is told unasked any more. */
  readonly groups: readonly NotifyGroup[];
  /** Whether the STATUS of the mailboxes is told once at the start. */
  readonly tellsStatus?: boolean;
}

const NAMES = {
  messageNew: 'MessageNew',
  messageExpunge: 'MessageExpunge',
  flagChange: 'FlagChange',
  annotationChange: 'AnnotationChange',
  mailboxName: 'MailboxName',
  subscriptionChange: 'SubscriptionChange',
  mailboxMetadataChange: 'MailboxMetadataChange',
  serverMetadataChange: 'ServerMetadataChange',
} as const;
const TYPES: ReadonlyMap<string, keyof typeof NAMES> = new Map(
  Object.entries(NAMES).map(([type, name]) => [name.toUpperCase(), type as keyof typeof NAMES]),
);

/** Reads what follows `NOTIFY `. */
export function readNotify(reader: Reader): NotifyCommand {
  if (reader.acceptWord('NONE')) return { name: 'NOTIFY', groups: [] };
  if (!reader.acceptWord('SET')) reader.fail('expected SET or NONE');
  reader.space();
  const tellsStatus = reader.acceptWord('STATUS');
  if (tellsStatus) reader.space();
  const groups = [readGroup(reader)];
  while (reader.peek() === SP && reader.isFollowedBy(LPAREN)) {
    reader.space();
    groups.push(readGroup(reader));
  }
  return tellsStatus ? { name: 'NOTIFY', groups, tellsStatus } : { name: 'NOTIFY', groups };
}

function readGroup(reader: Reader): NotifyGroup {
  reader.openList();
  const filter = readMailboxFilter(reader);
  reader.space();
  const events = reader.acceptWord('NONE') ? [] : readEvents(reader);
  reader.closeList();
  return { filter, events };
}

/** Lenient: without parentheses, as the examples of RFC 5465 section 3.1 have them. */
function readEvents(reader: Reader): readonly NotifyEvent[] {
  const events: NotifyEvent[] = [];
  if (reader.peek() === LPAREN) {
    reader.openList();
    for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) events.push(readEvent(reader));
  } else {
    reader.quirk('QUIRK_EVENTS_WITHOUT_LIST', 'events stand without parentheses');
    events.push(readEvent(reader));
    while (reader.peek() === SP && !reader.isFollowedBy(RPAREN)) {
      reader.space();
      events.push(readEvent(reader));
    }
  }
  if (events.length === 0) reader.fail('expected an event');
  return events;
}

function readEvent(reader: Reader): NotifyEvent {
  const name = reader.atom();
  const type = TYPES.get(name.toUpperCase());
  if (type === undefined) return { type: 'other', name };
  if (type !== 'messageNew') return { type };
  if (reader.peek() !== SP || !reader.isFollowedBy(LPAREN)) return { type };
  reader.space();
  return { type, items: readFetchItems(reader) };
}

/** Writes what follows `NOTIFY `. */
export function writeNotify(writer: CommandWriter, { groups, tellsStatus }: NotifyCommand): void {
  if (groups.length === 0) {
    writer.text('NONE');
    return;
  }
  writer.text(tellsStatus === true ? 'SET STATUS' : 'SET');
  for (const { filter, events } of groups) {
    writer.text(' (');
    writeMailboxFilter(writer, filter);
    writer.text(events.length === 0 ? ' NONE' : ` (${events.map(eventText).join(' ')})`).text(')');
  }
}

function eventText(event: NotifyEvent): string {
  if (event.type === 'other') {
    const name = checkedAtom(event.name, ATOM, 'an event');
    if (name.toUpperCase() === 'NONE') throw new RangeError('NONE is no event');
    return name;
  }
  if (!Object.hasOwn(NAMES, event.type)) throw new RangeError('there is no such event');
  const name = NAMES[event.type];
  if (event.type !== 'messageNew' || event.items === undefined) return name;
  if (event.items.length === 0) throw new RangeError('MessageNew with an empty list of items');
  return `${name} (${event.items.map(fetchItemText).join(' ')})`;
}
