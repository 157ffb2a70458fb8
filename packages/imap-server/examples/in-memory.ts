import { accountId } from '@posthorn/core';
import { handleConnection } from '@posthorn/imap-server';
import { memoryStore } from '@posthorn/memory';
import { memoryPair } from '@posthorn/transport';

const [client, connection] = memoryPair();
const serving = handleConnection(connection, {
  store: memoryStore(),
  authenticator: { checkPassword: async () => accountId('alice') },
  allowInsecureAuth: true,
});

const greeting = await client.read();
console.log(new TextDecoder().decode(greeting ?? undefined).startsWith('* OK [CAPABILITY IMAP4rev1'));
await client.close();
await serving;
