import { makeCertificate } from '@posthorn/certificates';
import { accountId } from '@posthorn/core';
import { serveImap } from '@posthorn/imap-server';
import { memoryStore } from '@posthorn/memory';
import type { ImapServer, PrivateServerOptions } from './private-server/server.ts';

/** Starts our own server over a store in memory, with everything it offers. */
export async function startOwnImap({ user, password }: PrivateServerOptions): Promise<ImapServer> {
  const tls = await makeCertificate({ hosts: ['localhost', '127.0.0.1'] });
  const store = memoryStore({ limits: { storage: 1_000_000_000 } });
  const authenticator = {
    checkPassword: async (name: string, given: string) =>
      name === user && given === password ? accountId(user) : undefined,
    checkToken: async (name: string, token: string) =>
      name === user && token === `token-of-${user}` ? accountId(user) : undefined,
  };
  const limits = { maxMessageBytes: 100_000_000 };
  const options = { store, authenticator, tls, limits, allowInsecureAuth: true };
  const plain = await serveImap(options);
  const secure = await serveImap({ ...options, implicitTls: true });
  return {
    imapPort: plain.port,
    imapsPort: secure.port,
    ca: tls.ca,
    stop: async () => {
      await plain.close();
      await secure.close();
      await store.close();
    },
  };
}
