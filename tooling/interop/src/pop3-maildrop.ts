import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '@posthorn/certificates';
import { type Account, accountId, collectBytes, type Mailbox, uid } from '@posthorn/core';
import { generateMessages } from '@posthorn/corpus';
import { openMaildir } from '@posthorn/maildir';
import { memoryStore } from '@posthorn/memory';
import { rangeSet } from '@posthorn/message-set';
import { type Pop3Server, servePop3 } from '@posthorn/pop3-server';

/** A maildrop of ours that other people's clients work on. */
export interface Pop3Maildrop {
  readonly user: string;
  readonly password: string;
  /** Clear text, STLS and APOP. */
  readonly port: number;
  /** TLS from the first octet. */
  readonly securePort: number;
  readonly account: Account;
  readonly inbox: Mailbox;
  /** A folder for what the client writes. */
  readonly folder: string;
  /** What to trust, in PEM, as a file. */
  readonly caFile: string;
  readonly ca: string;
  /** Adds messages. Octets are written as ISO 8859-1. */
  deliver(...messages: readonly string[]): Promise<void>;
  /** The messages there are now, in their order. */
  messages(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface Pop3MaildropOptions {
  /** Whether APOP and CRAM-MD5 are offered. @defaultValue true */
  readonly apop?: boolean;
  /** Whether STLS is offered. @defaultValue true */
  readonly stls?: boolean;
}

/** Mail of all kinds: what every client has to bring over as it is. Lines end with CRLF. */
export function pop3Mail(): readonly string[] {
  const header = 'From: Fred <fred@example.com>\r\nTo: alice@example.org\r\nDate: Mon, 6 May 2024 10:00:00 +0000\r\n';
  const made = Array.from(generateMessages({ seed: 11, count: 25, size: 'small' }), ({ bytes }) =>
    Buffer.from(bytes).toString('latin1'),
  );
  return [
    `${header}Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n\r\n.\r\nend\r\n`,
    `${header}Subject: no body\r\n\r\n`,
    `${header}Subject: octets\r\n\r\n\xe9\xff\x80 and \x7f\r\n`,
    `${header}Subject: long\r\n\r\n${'x'.repeat(3_000)}\r\n`,
    `${header}Subject: no end\r\n\r\nthe last line has no end`,
    `${header}Subject: like an answer\r\n\r\n+OK\r\n-ERR no\r\n+OK 3 200\r\n.\r\n`,
    ...made,
  ];
}

/** Starts it over a store of a kind, with these messages. */
export async function startPop3Maildrop(
  kind: 'memory' | 'maildir',
  messages: readonly string[],
  { apop = true, stls = true }: Pop3MaildropOptions = {},
): Promise<Pop3Maildrop> {
  const folder = await mkdtemp(join(tmpdir(), 'ph-pop3-'));
  const [user, password] = ['alice', 'open sesame'];
  const store = kind === 'memory' ? memoryStore() : openMaildir(join(folder, 'store'));
  const account = await store.open(accountId(user));
  const inbox = await account.mailbox(['INBOX']);
  const tls = await makeCertificate({ hosts: ['localhost', '127.0.0.1'] });
  const options = {
    store,
    authenticator: {
      checkPassword: async (name: string, given: string) =>
        name === user && given === password ? accountId(user) : undefined,
    },
    passwordOf: apop ? async (name: string) => (name === user ? password : undefined) : undefined,
    tls,
    allowInsecureAuth: true,
  };
  const [plain, secure]: readonly Pop3Server[] = [
    await servePop3({ ...options, tls: stls ? tls : undefined }),
    await servePop3({ ...options, implicitTls: true }),
  ];
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, tls.ca);
  const deliver = async (...more: readonly string[]): Promise<void> => {
    await inbox.append(more.map((text) => ({ body: [Uint8Array.from(Buffer.from(text, 'latin1'))] })));
  };
  await deliver(...messages);
  return {
    user,
    password,
    port: plain!.port,
    securePort: secure!.port,
    account,
    inbox,
    folder,
    caFile,
    ca: tls.ca,
    deliver,
    messages: () => messagesOf(inbox),
    stop: async () => {
      await plain!.close();
      await secure!.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function messagesOf(inbox: Mailbox): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const message of inbox.scan(rangeSet(uid(1), uid(0xffff_ffff)), [])) {
    const body = await inbox.read(message.uid);
    texts.push(Buffer.from(await collectBytes(body.stream())).toString('latin1'));
    await body.release();
  }
  return texts;
}
