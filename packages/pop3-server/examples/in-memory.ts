import { accountId } from '@posthorn/core';
import { memoryStore } from '@posthorn/memory';
import { handleConnection } from '@posthorn/pop3-server';
import { memoryPair } from '@posthorn/transport';

const [client, connection] = memoryPair();
const serving = handleConnection(connection, {
  store: memoryStore(),
  authenticator: { checkPassword: async () => accountId('alice') },
  allowInsecureAuth: true,
});

const greeting = await client.read();
console.log(new TextDecoder().decode(greeting ?? undefined).trim());
await client.close();
await serving;
