import { chown, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findDovecotPop3 } from './dovecot-maildrop.ts';
import { giveTo, mailOwner } from './mail-owner.ts';
import { type DovecotSetup, findDovecot, type RunningDovecot, runDovecot } from './run-dovecot.ts';

export interface DovecotPop3Options extends Pick<DovecotSetup, 'folder' | 'user' | 'password'> {
  /** The octets of the messages of the maildrop. */
  readonly messages: readonly Uint8Array[];
  /** Lines of configuration of one's own. */
  readonly more?: string;
}

/** A Dovecot that serves POP3, and nothing else. */
export interface DovecotPop3 extends Pick<RunningDovecot, 'ca' | 'log' | 'stop'> {
  /** Clear text and STLS. */
  readonly pop3Port: number;
  readonly pop3sPort: number;
  /** Adds a message behind the server's back. */
  deliver(octets: Uint8Array): Promise<void>;
}

/** Whether Dovecot is installed with its POP3 server. */
export async function hasDovecotPop3(): Promise<boolean> {
  return findDovecot() !== undefined && findDovecotPop3() !== undefined;
}

/** Starts a Dovecot on loopback and waits until it answers. As root it reads mail as the user `mail`. */
export async function startDovecotPop3(options: DovecotPop3Options): Promise<DovecotPop3> {
  const { folder, user, password, messages, more = '' } = options;
  const maildir = join(folder, 'maildir');
  const owner = await mailOwner();
  for (const part of ['cur', 'new', 'tmp']) await mkdir(join(maildir, part), { recursive: true });
  await giveTo(maildir, owner);
  let delivered = 0;
  const deliver = async (octets: Uint8Array): Promise<void> => {
    const name = `${1_700_000_000 + ++delivered}.M${delivered}.example`;
    const unfinished = join(maildir, 'tmp', name);
    await writeFile(unfinished, octets);
    if (owner.isRoot) await chown(unfinished, owner.uid, owner.gid);
    await rename(unfinished, join(maildir, 'new', name));
  };
  for (const octets of messages) await deliver(octets);
  const settings = `pop3_lock_session = yes\n${more}`;
  const mechanisms = 'plain login cram-md5 scram-sha-1 scram-sha-256 apop';
  const setup = { folder, maildir, user, password, mechanisms, settings };
  const { port, tlsPort, ...server } = await runDovecot({ ...setup, protocol: 'pop3' });
  return { ...server, pop3Port: port, pop3sPort: tlsPort, deliver };
}

/** The files of the maildrop, whichever folder they are in by now. */
export async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await Promise.all(['cur', 'new'].map((part) => readdir(join(folder, 'maildir', part))));
  return entries.flat();
}
