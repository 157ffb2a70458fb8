import { connect } from '@posthorn/imap-client';

/** Prints the unread messages of an INBOX, and saves the text of each. */
export async function readInbox(options: Parameters<typeof connect>[0]): Promise<void> {
  const client = await connect(options); // TLS, port 993
  const inbox = await client.select('INBOX');
  for await (const message of inbox.fetch('1:*', { envelope: true, flags: true, body: true })) {
    if (message.flags.includes('\\Seen')) continue;
    console.log(message.uid, message.envelope.subject, message.body.size);
    const text = await message.body.bytes(); // or stream it: for await (const chunk of message.body.stream())
    if (text.length > 0) await inbox.store(`${message.uid}`, 'add', ['\\Seen'], { silent: true });
  }
  await client.close();
}
