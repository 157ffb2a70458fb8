import { accountId, utf8Bytes } from '@posthorn/core';
import { memoryStore } from '@posthorn/memory';
import { servePop3 } from '@posthorn/pop3-server';

const store = memoryStore();
const account = await store.open(accountId('alice'));
const inbox = await account.mailbox(['INBOX']);
await inbox.append([{ body: [utf8Bytes('Subject: Hello\r\n\r\nHi!\r\n')] }]);

const server = await servePop3({
  store,
  authenticator: {
    checkPassword: async (user, password) => (password === 'secret' ? accountId(user) : undefined),
  },
  allowInsecureAuth: true, // this port is on the loopback; anywhere else, give `tls`
});
console.log(`serving POP3 on ${server.host}`);

await server.close();
await store.close();
