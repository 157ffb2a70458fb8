import { connect } from '@posthorn/imap-client';

/** Tells what has changed in an INBOX. @returns where to go on the next time */
export async function changesOf(options: Parameters<typeof connect>[0], since?: string): Promise<string | undefined> {
  const client = await connect({ enable: ['QRESYNC'], ...options });
  const inbox = await client.select('INBOX', { readOnly: true });
  let cursor = since;
  for await (const change of inbox.changes(since)) {
    if (change.type === 'message') console.log(change.isNew ? 'new' : 'changed', change.uid, change.flags.join(' '));
    else if (change.type === 'cursor') cursor = change.cursor;
    else console.log(change.type);
  }
  await client.close();
  return cursor;
}
