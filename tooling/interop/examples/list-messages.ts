import { connect } from '@posthorn/imap-client';

const client = await connect({ host: 'imap.example.org', auth: { user: 'alice', password: 'secret' } });
const inbox = await client.select('INBOX');
for await (const message of inbox.fetch('1:*', { envelope: true, flags: true })) {
  console.log(message.uid, message.envelope.subject, message.flags);
}
await client.close();
