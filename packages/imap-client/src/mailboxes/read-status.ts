import { isInbox, type MailboxName } from '@posthorn/mailbox-name';
import type { StatusItem, StatusItems } from '@posthorn/wire';
import type { Connection } from '../connection/connection.ts';
import { ImapError } from '../errors.ts';

/** What a server must offer to know an item. Others it knows in any case. */
const NEEDED: ReadonlyMap<StatusItem, readonly string[]> = new Map<StatusItem, readonly string[]>([
  ['SIZE', ['STATUS=SIZE']],
  ['DELETED', ['IMAP4rev2', 'QUOTA=RES-MESSAGE']],
  ['HIGHESTMODSEQ', ['CONDSTORE']],
  ['MAILBOXID', ['OBJECTID']],
]);

/** The items that the server knows; at least one, because it must be asked for something. */
export function knownItems({ protocol }: Connection, items: readonly StatusItem[]): readonly StatusItem[] {
  const known = items.filter((item) => {
    const needed = NEEDED.get(item);
    if (item === 'RECENT') return !protocol.isEnabled('IMAP4rev2');
    if (item === 'APPENDLIMIT')
      return protocol.capabilities?.names.some((name) => /^APPENDLIMIT\b/i.test(name)) === true;
    return needed === undefined || needed.some((capability) => protocol.capabilities?.has(capability) === true);
  });
  return known.length > 0 || items.length === 0 ? known : ['MESSAGES'];
}

/** Asks for figures of a mailbox. Answers are matched by name. */
export async function readStatus(
  connection: Connection,
  mailbox: MailboxName,
  items: readonly StatusItem[],
  signal?: AbortSignal,
): Promise<StatusItems> {
  let found: StatusItems | undefined;
  await connection.run(
    { name: 'STATUS', mailbox, items: knownItems(connection, items) },
    {
      signal,
      accept: (event) => {
        if (event.type !== 'mailboxStatus' || !isSame(event.mailbox, mailbox)) return false;
        found = { ...found, ...event.items };
        return true;
      },
    },
  );
  if (found === undefined) throw new ImapError('IMAP_PROTOCOL', 'the server answered STATUS without figures');
  return found;
}

/** Servers may spell a name in another way than we did; what it means is the same. */
function isSame(left: MailboxName, right: MailboxName): boolean {
  return left.wire === right.wire || left.text === right.text || (isInbox(left.text) && isInbox(right.text));
}
