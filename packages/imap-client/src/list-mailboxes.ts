import type { SpecialUse } from '@posthorn/core';
import {
  canonicalPath,
  isInbox,
  type MailboxName,
  mailboxName,
  mailboxNameFromWire,
  splitName,
} from '@posthorn/mailbox-name';
import type { CapabilitySet, Command, ListData, StatusItem, StatusItems } from '@posthorn/wire';
import type { UntaggedEvent } from './client-protocol.ts';
import type { Connection } from './connection.ts';
import { ServerRefusedError } from './errors.ts';
import type { ListedMailbox } from './mailbox-reference.ts';
import { knownItems, readStatus } from './read-status.ts';

export interface ListOptions {
  /** Where in the hierarchy to begin. @defaultValue '' */
  readonly reference?: string;
  /** Names with `*` for anything and `%` for anything within one level. @defaultValue ['*'] */
  readonly patterns?: readonly string[];
  /** @defaultValue false */
  readonly subscribedOnly?: boolean;
  /** Figures to fetch of every mailbox that can be selected, in the same round trip where the server can. */
  readonly statusItems?: readonly StatusItem[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

const SPECIAL_USES = new Map<string, SpecialUse>(
  (['\\All', '\\Archive', '\\Drafts', '\\Flagged', '\\Important', '\\Junk', '\\Sent', '\\Trash'] as const).map(
    (use) => [use.toLowerCase(), use],
  ),
);

/** Lists mailboxes with what the server offers for it: LIST-EXTENDED, SPECIAL-USE, LIST-STATUS, else LIST, LSUB and STATUS. */
export async function listMailboxes(
  connection: Connection,
  { reference = '', patterns = ['*'], subscribedOnly = false, statusItems, signal }: ListOptions,
): Promise<readonly ListedMailbox[]> {
  const capabilities = connection.protocol.capabilities;
  const { isUtf8: utf8 } = connection.protocol;
  const found = new Collector(utf8);
  const isExtended = capabilities?.has('LIST-EXTENDED') ?? false;
  const hasStatus = isExtended && capabilities!.has('LIST-STATUS');
  const named = (name: string): MailboxName => mailboxName(name, { utf8 });
  const names = { reference: named(reference), patterns: patterns.map(named) };
  const asked = statusItems && knownItems(connection, statusItems);
  const commands = isExtended
    ? [extendedList(names, capabilities!, subscribedOnly, hasStatus ? asked : undefined)]
    : plainLists(names, subscribedOnly);
  const accept = (event: UntaggedEvent): boolean => found.accept(event);
  await Promise.all(commands.map((command) => connection.run(command, { signal, accept })));
  const listed = found.mailboxes(isExtended, subscribedOnly);
  if (statusItems === undefined || hasStatus) return listed;
  return Promise.all(listed.map((mailbox) => withStatus(connection, mailbox, statusItems, signal)));
}

interface Names {
  readonly reference: MailboxName;
  readonly patterns: readonly MailboxName[];
}

function extendedList(
  { reference, patterns }: Names,
  capabilities: CapabilitySet,
  subscribedOnly: boolean,
  statusItems: readonly StatusItem[] | undefined,
): Command {
  const wanted = ['CHILDREN', 'SUBSCRIBED', ...(capabilities.has('SPECIAL-USE') ? ['SPECIAL-USE'] : [])];
  const select = subscribedOnly ? ['SUBSCRIBED'] : undefined;
  return { name: 'LIST', reference, patterns, select, return: wanted, statusItems };
}

function plainLists({ reference, patterns }: Names, subscribedOnly: boolean): readonly Command[] {
  if (subscribedOnly) return patterns.map((pattern) => ({ name: 'LSUB', reference, pattern }));
  return patterns.map((pattern) => ({ name: 'LIST', reference, patterns: [pattern] }));
}

/** Mailboxes by the spelling of their names on the wire, in the order in which they came. */
class Collector {
  readonly #lists = new Map<string, ListData>();
  readonly #status = new Map<string, StatusItems>();
  readonly #isUtf8: boolean;

  constructor(isUtf8: boolean) {
    this.#isUtf8 = isUtf8;
  }

  accept(event: UntaggedEvent): boolean {
    if (event.type === 'list' || event.type === 'lsub') this.#lists.set(keyOf(event.mailbox), event);
    else if (event.type === 'mailboxStatus') this.#status.set(keyOf(event.mailbox), event.items);
    else return false;
    return true;
  }

  mailboxes(knowsSubscription: boolean, subscribedOnly: boolean): readonly ListedMailbox[] {
    return [...this.#lists].map(([key, data]) => {
      const isSubscribed = subscribedOnly || (knowsSubscription ? hasAttribute(data, '\\subscribed') : undefined);
      const status = this.#status.get(key);
      return { ...listedMailbox(this.#isUtf8 ? inUtf8(data) : data, isSubscribed), ...(status && { status }) };
    });
  }
}

/** A mailbox that a server listed unasked. */
export function listedByServer(data: ListData, isUtf8: boolean): ListedMailbox {
  return listedMailbox(isUtf8 ? inUtf8(data) : data, hasAttribute(data, '\\subscribed') || undefined);
}

/** The name as it is meant where names are not in modified UTF-7. */
function inUtf8(data: ListData): ListData {
  return { ...data, mailbox: mailboxNameFromWire(data.mailbox.wire, { utf8: true }) };
}

function keyOf({ text, wire }: MailboxName): string {
  return isInbox(text) ? 'INBOX' : wire;
}

function listedMailbox(data: ListData, isSubscribed: boolean | undefined): ListedMailbox {
  const { mailbox: name, delimiter, attributes } = data;
  return {
    name,
    path: canonicalPath(splitName(name.text, delimiter)),
    delimiter,
    attributes,
    isSelectable: !hasAttribute(data, '\\noselect') && !hasAttribute(data, '\\nonexistent'),
    specialUse: attributes.flatMap((attribute) => SPECIAL_USES.get(attribute.toLowerCase()) ?? []),
    isSubscribed,
  };
}

function hasAttribute({ attributes }: ListData, attribute: string): boolean {
  return attributes.some((each) => each.toLowerCase() === attribute);
}

/** A mailbox whose STATUS is refused, because it is gone or not ours to open, is listed without. */
async function withStatus(
  connection: Connection,
  mailbox: ListedMailbox,
  items: readonly StatusItem[],
  signal: AbortSignal | undefined,
): Promise<ListedMailbox> {
  if (!mailbox.isSelectable) return mailbox;
  try {
    return { ...mailbox, status: await readStatus(connection, mailbox.name, items, signal) };
  } catch (error) {
    if (error instanceof ServerRefusedError) return mailbox;
    throw error;
  }
}
