import { isInbox, type MailboxName } from '@posthorn/mailbox-name';
import type { StatusItem, StatusItems } from '@posthorn/wire';
import type { Connection } from './connection.ts';
import { ImapError } from './errors.ts';

/** Asks for figures of a mailbox. Answers are matched by name. */
export async function readStatus(
  connection: Connection,
  mailbox: MailboxName,
  items: readonly StatusItem[],
  signal?: AbortSignal,
): Promise<StatusItems> {
  let found: StatusItems | undefined;
  await connection.run(
    { name: 'STATUS', mailbox, items },
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
