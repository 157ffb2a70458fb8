import type { SpecialUse } from '@posthorn/core';
import {
  canonicalPath,
  isInbox,
  type MailboxName,
  mailboxName,
  mailboxNameFromWire,
  splitName,
} from '@posthorn/mailbox-name';
import type { Command, ListData, StatusItem, StatusItems, UnknownData } from '@posthorn/wire';
import { extensionCommand, readExtension } from '@posthorn/wire/extensions';
import type { UntaggedEvent } from '../connection/client-events.ts';
import type { Connection } from '../connection/connection.ts';
import { runExtension } from '../connection/run-extension.ts';
import { ServerRefusedError } from '../errors.ts';
import { requireExtension } from '../mailbox/selection.ts';
import type { ListedMailbox } from './mailbox-reference.ts';
import { knownItems, readStatus } from './read-status.ts';

export interface ListOptions {
  /** Where in the hierarchy to begin. @defaultValue '' */
  readonly reference?: string;
  /** Names with `*` for anything and `%` for anything within one level. @defaultValue ['*'] */
  readonly patterns?: readonly string[];
  /** @defaultValue false */
  readonly subscribedOnly?: boolean;
  /**
   * Also mailboxes on other servers: to open one is refused, and {@link referralsOf} the refusal tells where it is. Needs
   * LIST-EXTENDED or MAILBOX-REFERRALS. @defaultValue false @see RFC 5258 section 3.1, RFC 2193 section 4
   */
  readonly remote?: boolean | undefined;
  /** Figures to fetch of every mailbox that can be selected, in the same round trip where the server can. */
  readonly statusItems?: readonly StatusItem[] | undefined;
  /** The rights to every mailbox. Needs ACL. @defaultValue false @see RFC 8440 */
  readonly myRights?: boolean | undefined;
  /** Notes about every mailbox, such as `/shared/comment`. Needs METADATA. @see RFC 9590 */
  readonly metadataEntries?: readonly [string, ...string[]] | undefined;
  readonly signal?: AbortSignal | undefined;
}

const SPECIAL_USES = new Map<string, SpecialUse>([
  ...(['\\All', '\\Archive', '\\Drafts', '\\Flagged', '\\Important', '\\Junk', '\\Sent', '\\Trash'] as const).map(
    (use): [string, SpecialUse] => [use.toLowerCase(), use],
  ),
  // As XLIST has them.
  ['\\allmail', '\\All'],
  ['\\spam', '\\Junk'],
  ['\\starred', '\\Flagged'],
]);

/**
 * Lists mailboxes with what the server offers for it: LIST-EXTENDED and what adds to it, else XLIST or LIST, LSUB, and a
 * command for each mailbox.
 */
export async function listMailboxes(connection: Connection, options: ListOptions): Promise<readonly ListedMailbox[]> {
  const { reference = '', patterns = ['*'], subscribedOnly = false, signal } = options;
  const has = (capability: string): boolean => connection.protocol.capabilities?.has(capability) === true;
  const { isUtf8: utf8 } = connection.protocol;
  const isExtended = has('LIST-EXTENDED');
  const named = (name: string): MailboxName => mailboxName(name, { utf8 });
  const names = { reference: named(reference), patterns: patterns.map(named) };
  const together = isExtended ? withinList(connection, options) : {};
  const commands = commandsOf(connection, names, options, together);
  const found = new Collector(utf8, together);
  const accept = (event: UntaggedEvent): boolean => found.accept(event);
  await Promise.all(commands.map((command) => connection.run(command, { signal, accept })));
  const listed = found.mailboxes(isExtended, subscribedOnly);
  const rest = beyondList(options, together);
  if (Object.values(rest).every((each) => each === undefined)) return listed;
  return Promise.all(listed.map((mailbox) => withRest(connection, mailbox, rest, signal)));
}

type Extras = Pick<ListOptions, 'statusItems' | 'myRights' | 'metadataEntries'>;

/** What the server can tell together with the list. */
function withinList(connection: Connection, { statusItems, myRights, metadataEntries }: Extras): Extras {
  const has = (capability: string): boolean => connection.protocol.capabilities?.has(capability) === true;
  return {
    ...(statusItems && has('LIST-STATUS') && { statusItems: knownItems(connection, statusItems) }),
    ...(myRights && has('LIST-MYRIGHTS') && { myRights }),
    ...(metadataEntries && has('LIST-METADATA') && { metadataEntries }),
  };
}

/** What must be asked for mailbox by mailbox. */
function beyondList(options: Extras, together: Extras): Extras {
  return {
    statusItems: together.statusItems ? undefined : options.statusItems,
    myRights: together.myRights || options.myRights !== true ? undefined : true,
    metadataEntries: together.metadataEntries ? undefined : options.metadataEntries,
  };
}

interface Names {
  readonly reference: MailboxName;
  readonly patterns: readonly MailboxName[];
}

/** @throws ImapError `IMAP_UNSUPPORTED` when mailboxes of other servers are asked for, of which the server knows nothing */
function commandsOf(connection: Connection, names: Names, options: ListOptions, together: Extras): readonly Command[] {
  const { subscribedOnly = false, remote = false } = options;
  const has = (capability: string): boolean => connection.protocol.capabilities?.has(capability) === true;
  if (has('LIST-EXTENDED')) {
    const select = [...(subscribedOnly ? ['SUBSCRIBED'] : []), ...(remote ? ['REMOTE'] : [])];
    return [extendedList(names, has('SPECIAL-USE'), select, together)];
  }
  if (!remote) return plainLists(names, subscribedOnly, has('XLIST') && !has('SPECIAL-USE'));
  requireExtension({ connection }, 'MAILBOX-REFERRALS', 'tell of mailboxes on other servers');
  const { reference, patterns } = names;
  const name = subscribedOnly ? 'RLSUB' : 'RLIST';
  return patterns.map((pattern) => extensionCommand({ name, reference, pattern }));
}

function extendedList(
  { reference, patterns }: Names,
  hasSpecialUse: boolean,
  select: readonly string[],
  { statusItems, myRights, metadataEntries }: Extras,
): Command {
  const wanted = [
    'CHILDREN',
    'SUBSCRIBED',
    ...(hasSpecialUse ? ['SPECIAL-USE'] : []),
    ...(myRights ? ['MYRIGHTS'] : []),
  ];
  const selection = select.length === 0 ? {} : { select };
  return { name: 'LIST', reference, patterns, ...selection, return: wanted, statusItems, metadataEntries };
}

function plainLists({ reference, patterns }: Names, subscribedOnly: boolean, isXlist: boolean): readonly Command[] {
  if (subscribedOnly) return patterns.map((pattern) => ({ name: 'LSUB', reference, pattern }));
  if (isXlist) return patterns.map((pattern) => extensionCommand({ name: 'XLIST', reference, pattern }));
  return patterns.map((pattern) => ({ name: 'LIST', reference, patterns: [pattern] }));
}

/** Mailboxes by the spelling of their names on the wire, in the order in which they came. */
class Collector {
  readonly #lists = new Map<string, ListData>();
  readonly #status = new Map<string, StatusItems>();
  readonly #rights = new Map<string, string>();
  readonly #metadata = new Map<string, ReadonlyMap<string, string | null>>();
  readonly #isUtf8: boolean;

  readonly #extras: Extras;

  constructor(isUtf8: boolean, extras: Extras) {
    this.#isUtf8 = isUtf8;
    this.#extras = extras;
  }

  accept(event: UntaggedEvent): boolean {
    if (event.type === 'list' || event.type === 'lsub') this.#lists.set(keyOf(event.mailbox), event);
    else if (event.type === 'mailboxStatus') this.#status.set(keyOf(event.mailbox), event.items);
    else return event.type === 'unknown' && this.#acceptExtra(event);
    return true;
  }

  #acceptExtra(event: UnknownData): boolean {
    const { myRights, metadataEntries } = this.#extras;
    const data = myRights || metadataEntries ? readExtension(event) : undefined;
    if (data?.type === 'myRights') this.#rights.set(keyOf(data.mailbox), data.rights);
    else if (data?.type === 'metadata' && data.values !== undefined) {
      const key = keyOf(data.mailbox);
      this.#metadata.set(key, new Map([...(this.#metadata.get(key) ?? []), ...data.values]));
    } else return false;
    return true;
  }

  mailboxes(knowsSubscription: boolean, subscribedOnly: boolean): readonly ListedMailbox[] {
    return [...this.#lists].map(([key, data]) => {
      const isSubscribed = subscribedOnly || (knowsSubscription ? hasAttribute(data, '\\subscribed') : undefined);
      const status = this.#status.get(key);
      const myRights = this.#rights.get(key);
      const metadata = this.#metadata.get(key);
      return {
        ...listedMailbox(this.#isUtf8 ? inUtf8(data) : data, isSubscribed),
        ...(status && { status }),
        ...(myRights !== undefined && { myRights }),
        ...(metadata && { metadata }),
      };
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

/** What a server tells of one mailbox. What it refuses, because it is gone or not ours to open, is left out. */
async function withRest(
  connection: Connection,
  mailbox: ListedMailbox,
  { statusItems, myRights, metadataEntries }: Extras,
  signal: AbortSignal | undefined,
): Promise<ListedMailbox> {
  if (!mailbox.isSelectable) return mailbox;
  const { name } = mailbox;
  const has = (capability: string): boolean => connection.protocol.capabilities?.has(capability) === true;
  const [status, rights, metadata] = await Promise.all([
    statusItems && orRefused(readStatus(connection, name, statusItems, signal)),
    myRights && has('ACL')
      ? orRefused(runExtension(connection, { name: 'MYRIGHTS', mailbox: name }, ['myRights'], signal))
      : undefined,
    metadataEntries && has('METADATA')
      ? orRefused(
          runExtension(
            connection,
            { name: 'GETMETADATA', mailbox: name, entries: metadataEntries },
            ['metadata'],
            signal,
          ),
        )
      : undefined,
  ]);
  const told = rights?.at(-1)?.rights;
  return {
    ...mailbox,
    ...(status && { status }),
    ...(told !== undefined && { myRights: told }),
    ...(metadata && { metadata: new Map(metadata.flatMap(({ values }) => [...(values ?? [])])) }),
  };
}

async function orRefused<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ServerRefusedError) return undefined;
    throw error;
  }
}
