import type { MailboxInfo } from '@posthorn/core';
import type { FetchItem } from '@posthorn/wire';
import type { NotifyCommand, NotifyEvent, NotifyGroup } from '@posthorn/wire/extensions';
import type { Spelling } from '../mailboxes/names.ts';
import { isMeant } from '../mailboxes/select-by-filter.ts';
import { bad, CommandRefused, no } from '../replies/replies.ts';

/** What a client wants to be told of its selected mailbox. */
export interface SelectedNotices {
  /** Whether expunges wait for a command that allows them. */
  readonly isDelayed: boolean;
  readonly tellsFlags: boolean;
  /** Fetched of each new message. */
  readonly items: readonly FetchItem[];
}

/** What a client asked for with NOTIFY. @see RFC 5465 section 3.1 */
export interface NotifyRequest {
  /** Undefined for nothing. */
  readonly selected: SelectedNotices | undefined;
  readonly groups: readonly NotifyGroup[];
}

type EventName = NotifyEvent['type'];

const MESSAGE_EVENTS: ReadonlySet<EventName> = new Set(['messageNew', 'messageExpunge', 'flagChange']);
/** @see RFC 5465 section 5 */
const OFFERED: ReadonlyMap<EventName, string> = new Map([
  ['messageNew', 'MessageNew'],
  ['messageExpunge', 'MessageExpunge'],
  ['flagChange', 'FlagChange'],
  ['mailboxName', 'MailboxName'],
  ['subscriptionChange', 'SubscriptionChange'],
  ['mailboxMetadataChange', 'MailboxMetadataChange'],
  ['serverMetadataChange', 'ServerMetadataChange'],
]);

/** @throws {@link CommandRefused} for events that are not offered, or do not go together. */
export function notifyRequest({ groups }: NotifyCommand): NotifyRequest {
  for (const { events } of groups) checkEvents(events);
  const about = groups.filter(({ filter }) => isSelected(filter));
  if (about.length > 1) throw new CommandRefused(bad('The selected mailbox is meant twice'));
  const [selected] = about;
  if (selected?.events.some(({ type }) => !MESSAGE_EVENTS.has(type)) === true) {
    throw new CommandRefused(bad('The selected mailbox has only events of messages'));
  }
  const others = groups.filter(({ filter }) => !isSelected(filter));
  return { selected: selected === undefined ? undefined : noticesOf(selected), groups: others };
}

/** The events that a mailbox is watched for. Several groups may be about it. @see RFC 5465 section 6 */
export function eventsOf({ groups }: NotifyRequest, info: MailboxInfo, spelling: Spelling): ReadonlySet<EventName> {
  const events = new Set<EventName>();
  for (const { filter, events: asked } of groups) {
    if (isMeant(filter, info, spelling)) for (const { type } of asked) events.add(type);
  }
  return events;
}

export function wantsServerMetadata({ groups }: NotifyRequest): boolean {
  return groups.some(({ events }) => events.some(({ type }) => type === 'serverMetadataChange'));
}

function isSelected({ type }: NotifyGroup['filter']): boolean {
  return type === 'selected' || type === 'selectedDelayed';
}

function noticesOf({ filter, events }: NotifyGroup): SelectedNotices | undefined {
  const fresh = events.find((event) => event.type === 'messageNew');
  if (fresh === undefined) return undefined;
  return {
    isDelayed: filter.type === 'selectedDelayed',
    tellsFlags: events.some(({ type }) => type === 'flagChange'),
    items: (fresh.type === 'messageNew' ? fresh.items : undefined) ?? [],
  };
}

function checkEvents(events: readonly NotifyEvent[]): void {
  const types = new Set(events.map(({ type }) => type));
  if ([...types].some((type) => !OFFERED.has(type))) {
    throw new CommandRefused(no('That event is not offered', { type: 'badEvent', events: [...OFFERED.values()] }));
  }
  const hasNew = types.has('messageNew');
  if (hasNew !== types.has('messageExpunge') || (types.has('flagChange') && !hasNew)) {
    throw new CommandRefused(bad('MessageNew and MessageExpunge go together, and with FlagChange'));
  }
}
