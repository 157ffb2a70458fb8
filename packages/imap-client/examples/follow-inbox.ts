import { openAccount } from '@posthorn/imap-client';

/** Prints what happens in an INBOX, over as many connections as it takes. @returns where to go on the next time */
export async function followInbox(
  options: Parameters<typeof openAccount>[0],
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const account = await openAccount(options); // `auth` may be a function, asked for each connection
  const inbox = await account.mailbox('INBOX', { readOnly: true });
  let last = cursor;
  for await (const change of inbox.watch({ cursor, signal })) {
    if (change.type === 'message') console.log(change.uid, change.isNew ? 'is new' : 'changed', change.flags.join(' '));
    if (change.type === 'cursor') last = change.cursor; // keep it: everything before it was told
  }
  await account.close();
  return last;
}
