import { connect } from '@posthorn/imap-client';

/** Marks unread mail from an address as read. @returns how many messages that were */
export async function markRead(options: Parameters<typeof connect>[0], address: string): Promise<number> {
  const client = await connect(options);
  const inbox = await client.select('INBOX');
  const found = await inbox.search([
    { type: 'not', query: { type: 'flag', flag: '\\Seen' } },
    { type: 'header', name: 'From', value: address },
  ]);
  const { messages } = await inbox.store(found, 'add', ['\\Seen']);
  await client.close();
  return messages.length;
}
