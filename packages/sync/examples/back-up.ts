import { accountId } from '@posthorn/core';
import { connect } from '@posthorn/imap-client';
import { openMaildir } from '@posthorn/maildir';
import { fileState, imapSource, pull } from '@posthorn/sync';

const client = await connect({ host: 'imap.example.org', auth: { user: 'alice', password: 'secret' } });
const store = openMaildir('Mail');
const state = await fileState('Mail/posthorn-sync/alice.jsonl');
for await (const event of pull(imapSource(client, 'alice'), await store.open(accountId('alice')), { state })) {
  if (event.type === 'done') console.log(`${event.added} messages added`);
}
await state.close();
await store.close();
await client.close();
