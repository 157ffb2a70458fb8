import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8Bytes } from '@posthorn/core';
import { type ConnectOptions, connect, type ImapClient, type SelectedMailbox } from '@posthorn/imap-client';
import { formatSet } from '@posthorn/message-set';
import type { ImapServer, PrivateServerOptions } from '../private-server/server.ts';

const [USER, PASSWORD] = ['alice', 'correct horse'];

/** A server under trial, and those who are logged in to it. */
export interface ImapTrial {
  readonly server: ImapServer;
  readonly user: string;
  readonly password: string;
  /** Over TLS, unless told otherwise. */
  login(options?: Partial<ConnectOptions>): Promise<ImapClient>;
  /** A name of one's own mailboxes, as the server wants it. */
  named(client: ImapClient, ...path: readonly string[]): Promise<string>;
  /** A new mailbox with messages of these subjects. */
  filled(client: ImapClient, name: string, subjects: readonly string[]): Promise<SelectedMailbox>;
  /** Logs everybody out. */
  leave(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server, and gives it a folder. */
export async function startTrial(start: (options: PrivateServerOptions) => Promise<ImapServer>): Promise<ImapTrial> {
  const folder = await mkdtemp(join(tmpdir(), 'ph-'));
  const server = await start({ folder, user: USER, password: PASSWORD });
  const clients: ImapClient[] = [];
  const trial: ImapTrial = {
    server,
    user: USER,
    password: PASSWORD,
    login: async (options = {}) => {
      const { security = 'tls' } = options;
      const client = await connect({
        host: '127.0.0.1',
        port: security === 'tls' ? server.imapsPort : server.imapPort,
        allowInsecureAuth: security === 'none',
        tls: { ca: server.ca },
        auth: { user: USER, password: PASSWORD },
        ...options,
      });
      clients.push(client);
      return client;
    },
    named: async (client, ...path) => {
      const [home] = (await client.namespaces()).personal;
      return (home?.prefix.text ?? '') + path.join(home?.delimiter ?? '/');
    },
    filled: async (client, name, subjects) => {
      const mailbox = await trial.named(client, name);
      await client.create(mailbox);
      await client.appendAll(
        mailbox,
        subjects.map((subject, index) => ({ body: numbered(subject, index) })),
      );
      return client.select(mailbox);
    },
    leave: async () => {
      for (const client of clients.splice(0)) await client.close();
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return trial;
}

/** A message with a subject; the higher its index, the later it was sent. */
export function numbered(subject: string, index: number): Uint8Array {
  const inReplyTo = subject.startsWith('Re: ') ? ['In-Reply-To: <0@example.org>', 'References: <0@example.org>'] : [];
  return utf8Bytes(
    [
      `Date: Tue, 0${index + 1} Jan 2030 10:00:00 +0000`,
      `From: Fred <fred${index}@example.com>`,
      `Subject: ${subject}`,
      `Message-ID: <${index}@example.org>`,
      ...inReplyTo,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Gr=C3=BC=C3=9Fe',
      '',
    ].join('\r\n'),
  );
}

/** What differs since a cursor, in short, and the cursor to go on from. */
export async function told(
  mailbox: SelectedMailbox,
  since?: string,
): Promise<{ readonly rows: readonly string[]; readonly cursor: string }> {
  const rows: string[] = [];
  let cursor = '';
  for await (const change of mailbox.changes(since)) {
    if (change.type === 'message') {
      const flags = change.flags.filter((flag) => flag !== '\\Recent');
      rows.push([change.isNew ? 'new' : 'changed', change.uid, ...flags].join(' '));
    } else if (change.type === 'vanished') rows.push(`vanished ${formatSet(change.uids)}`);
    else if (change.type === 'cursor') cursor = change.cursor;
  }
  return { rows, cursor };
}
