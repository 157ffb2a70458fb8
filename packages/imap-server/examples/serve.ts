import { accountId, utf8Bytes } from '@posthorn/core';
import { serveImap } from '@posthorn/imap-server';
import { memoryStore } from '@posthorn/memory';

const store = memoryStore();
const account = await store.open(accountId('alice'));
const inbox = await account.mailbox(['INBOX']);
await inbox.append([{ body: [utf8Bytes('Subject: Hello\r\n\r\nHi!\r\n')] }]);

const server = await serveImap({
  store,
  authenticator: {
    checkPassword: async (user, password) => (password === 'secret' ? accountId(user) : undefined),
  },
  allowInsecureAuth: true, // this port is on the loopback; anywhere else, give `tls`
});
console.log(`serving IMAP on ${server.host}`);

await server.close();
await store.close();
