import { type Account, accountId } from '@posthorn/core';
import { generateMailboxes } from '@posthorn/corpus';
import { type ImapServer, serveImap } from '@posthorn/imap-server';
import { memoryStore } from '@posthorn/memory';

/** An IMAP server of ours over generated mail in memory. */
export interface OwnServer {
  readonly server: ImapServer;
  readonly account: Account;
  readonly user: string;
  readonly password: string;
  stop(): Promise<void>;
}

export interface OwnServerOptions {
  readonly messages: number;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly implicitTls?: boolean;
}

/** Starts it on loopback. Logins in clear text are allowed. */
export async function startOwnServer({ messages, tls, implicitTls = false }: OwnServerOptions): Promise<OwnServer> {
  const [user, password] = ['alice', 'open sesame'];
  const store = memoryStore();
  const account = await store.open(accountId(user));
  for (const { path, messages: mail } of generateMailboxes({ seed: 5, messages })) {
    if (path.length > 1 || path[0] !== 'INBOX') await account.create(path);
    const mailbox = await account.mailbox(path);
    await mailbox.append(
      Array.from(mail, ({ bytes, flags, internalDate }) => ({ body: [bytes], flags, internalDate })),
    );
  }
  const server = await serveImap({
    store,
    authenticator: {
      checkPassword: async (name, given) => (name === user && given === password ? accountId(user) : undefined),
    },
    ...(tls === undefined ? {} : { tls }),
    implicitTls,
    allowInsecureAuth: true,
  });
  return {
    server,
    account,
    user,
    password,
    stop: async () => {
      await server.close();
      await store.close();
    },
  };
}
