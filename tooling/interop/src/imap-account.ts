import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '@posthorn/certificates';
import { type Account, accountId, collectBytes, type MailboxPath, uid } from '@posthorn/core';
import { serveImap } from '@posthorn/imap-server';
import { openMaildir } from '@posthorn/maildir';
import { memoryStore } from '@posthorn/memory';
import { rangeSet } from '@posthorn/message-set';

/** An account of ours that other people's clients work on. */
export interface ImapAccount {
  readonly user: string;
  readonly password: string;
  /** Clear text and STARTTLS. */
  readonly port: number;
  /** TLS from the first octet. */
  readonly securePort: number;
  readonly account: Account;
  /** A folder for what the client writes. */
  readonly folder: string;
  /** What to trust, in PEM, as a file. */
  readonly caFile: string;
  readonly ca: string;
  /** Adds messages to a mailbox, which is made when it is missing. Octets are written as ISO 8859-1. */
  deliver(path: MailboxPath, ...messages: readonly string[]): Promise<void>;
  /** The messages of a mailbox in their order, with their flags. */
  messages(path: MailboxPath): Promise<readonly { readonly text: string; readonly flags: readonly string[] }[]>;
  stop(): Promise<void>;
}

/** Starts it over a store of a kind. */
export async function startImapAccount(kind: 'memory' | 'maildir'): Promise<ImapAccount> {
  const folder = await mkdtemp(join(tmpdir(), 'ph-imap-'));
  const [user, password] = ['alice', 'open-sesame'];
  const store = kind === 'memory' ? memoryStore() : openMaildir(join(folder, 'store'));
  const account = await store.open(accountId(user));
  const tls = await makeCertificate({ hosts: ['localhost', '127.0.0.1'] });
  const checkPassword = async (name: string, given: string) =>
    name === user && given === password ? accountId(user) : undefined;
  const options = { store, authenticator: { checkPassword }, tls, allowInsecureAuth: true };
  const plain = await serveImap(options);
  const secure = await serveImap({ ...options, implicitTls: true });
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, tls.ca);
  return {
    user,
    password,
    port: plain.port,
    securePort: secure.port,
    account,
    folder,
    caFile,
    ca: tls.ca,
    deliver: async (path, ...messages) => {
      const known = await account.list();
      if (!known.some((info) => info.path.join('/') === path.join('/'))) await account.create(path);
      const mailbox = await account.mailbox(path);
      await mailbox.append(messages.map((text) => ({ body: [Uint8Array.from(Buffer.from(text, 'latin1'))] })));
    },
    messages: (path) => messagesOf(account, path),
    stop: async () => {
      await plain.close();
      await secure.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function messagesOf(account: Account, path: MailboxPath) {
  const mailbox = await account.mailbox(path);
  const found: { readonly text: string; readonly flags: readonly string[] }[] = [];
  for await (const { uid: id, flags } of mailbox.scan(rangeSet(uid(1), uid(0xffff_ffff)), ['flags'])) {
    const body = await mailbox.read(id);
    found.push({ text: Buffer.from(await collectBytes(body.stream())).toString('latin1'), flags: flags.toSorted() });
    await body.release();
  }
  return found;
}
