import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '@posthorn/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { type ImapAccount, missingServer, pop3Mail, runProgram, startImapAccount } from '../src/index.ts';

const PACKAGES = {
  mbsync: 'isync',
  offlineimap: 'offlineimap3',
  getmail: 'getmail6',
  fetchmail: 'fetchmail',
  curl: 'curl',
  mutt: 'mutt',
} as const;

const programs = Object.fromEntries(
  Object.entries(PACKAGES).map(([name, packages]) => {
    const found = findProgram([name]);
    if (found === undefined) missingServer(name, packages);
    return [name, found];
  }),
) as Readonly<Record<keyof typeof PACKAGES, string | undefined>>;

let account: ImapAccount;
afterEach(() => account.stop());

// What programs that store one message as one file bring over as it is: whole lines, not too long.
const mail = pop3Mail().filter((text) => text.endsWith('\r\n') && !text.includes('xxx') && !/[\x80-\xff]/.test(text));
const INBOX = ['INBOX'] as const;
const WORK = ['Work', 'Entwürfe'] as const;

/** The messages below a folder, as text with CRLF, without what programs put on top of the header. */
async function mailIn(folder: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/\/(?:cur|new)$/.test(entry.parentPath)) continue;
    texts.push(await readFile(join(entry.parentPath, entry.name), 'latin1'));
  }
  return texts.map(asText).toSorted();
}

function asText(file: string): string {
  const text = file
    .replace(/\r?\n/g, '\r\n')
    .replace(
      /^(?:(?:Return-Path|X-TUID|X-OfflineIMAP|X-getmail-retrieved-from-mailbox|Delivered-To|Received):.*\r\n(?:[ \t].*\r\n)*)+/gim,
      '',
    );
  return text.replace(/(?:\r\n)*$/, '\r\n');
}

async function run(program: string, args: readonly string[], input = ''): Promise<string> {
  const { stdout, stderr, exitCode } = await runProgram(program, args, { input, env: { HOME: account.folder } });
  expect(exitCode, `${stdout}${stderr}`).toBe(0);
  return stdout;
}

async function makeMaildir(path: string): Promise<string> {
  for (const part of ['cur', 'new', 'tmp']) await mkdir(join(path, part), { recursive: true });
  return path;
}

function bodyOf(text: string): string {
  return text.slice(text.indexOf('\r\n\r\n'));
}

/** A program that writes the message on its standard input to a file of its own. */
async function deliveryScript(folder: string, target: string): Promise<string> {
  const script = join(folder, 'deliver.sh');
  await writeFile(script, `#!/bin/sh\nexec cat > "${target}/new/$$"\n`, { mode: 0o700 });
  return script;
}

const expected = (texts: readonly string[]): readonly string[] => texts.map(asText).toSorted();

describe.each(['memory', 'maildir'] as const)('over %s', (kind) => {
  it.skipIf(programs.mbsync === undefined)('mbsync keeps both sides in step', { timeout: 60_000 }, async () => {
    account = await startImapAccount(kind);
    await account.deliver(INBOX, ...mail);
    await account.deliver(WORK, mail[0]!);
    const { folder, port, user, password, caFile } = account;
    const local = join(folder, 'local');
    await mkdir(local);
    await writeFile(
      join(folder, 'mbsyncrc'),
      `IMAPStore far
Host localhost
Port ${port}
User ${user}
Pass ${password}
SSLType STARTTLS
CertificateFile ${caFile}

MaildirStore near
Path ${local}/
Inbox ${local}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
`,
    );
    const sync = () => run(programs.mbsync!, ['-c', join(folder, 'mbsyncrc'), 'all']);
    await sync();
    expect(await mailIn(local)).toEqual(expected([...mail, mail[0]!]));

    const inbox = join(local, 'INBOX');
    const [first] = (await readdir(join(inbox, 'new'))).toSorted();
    await rename(join(inbox, 'new', first!), join(inbox, 'cur', `${first!.split(':')[0]}:2,FS`));
    await writeFile(join(inbox, 'cur', '1700000000.M1P1.host:2,S'), 'Subject: from here\n\nbody\n');
    await sync();
    const there = await account.messages(INBOX);
    expect(there).toHaveLength(mail.length + 1);
    expect(there.at(-1)).toMatchObject({ flags: ['\\Seen'], text: expect.stringContaining('from here') });
    expect(there.filter(({ flags }) => flags.includes('\\Flagged'))).toHaveLength(1);

    const gone = (await readdir(join(inbox, 'cur'))).find((name) => name.startsWith(first!.split(',')[0]!))!;
    await rename(join(inbox, 'cur', gone), join(inbox, 'cur', `${gone}T`));
    await sync();
    expect(await account.messages(INBOX)).toHaveLength(mail.length);
  });

  it.skipIf(programs.offlineimap === undefined)(
    'offlineimap keeps both sides in step',
    { timeout: 90_000 },
    async () => {
      account = await startImapAccount(kind);
      await account.deliver(INBOX, ...mail);
      await account.deliver(['Work'], mail[0]!);
      const { folder, securePort, user, password, caFile } = account;
      await writeFile(
        join(folder, 'offlineimaprc'),
        `[general]
accounts = all
metadata = ${folder}/offlineimap
ui = quiet
[Account all]
localrepository = near
remoterepository = far
[Repository near]
type = Maildir
localfolders = ${folder}/local
[Repository far]
type = IMAP
remotehost = localhost
remoteport = ${securePort}
remoteuser = ${user}
remotepass = ${password}
ssl = yes
sslcacertfile = ${caFile}
`,
      );
      const sync = () => run(programs.offlineimap!, ['-o', '-c', join(folder, 'offlineimaprc')]);
      await sync();
      expect(await mailIn(join(folder, 'local'))).toEqual(expected([...mail, mail[0]!]));
      const fresh = join(folder, 'local', 'INBOX', 'new');
      const [first] = (await readdir(fresh)).toSorted();
      await rename(join(fresh, first!), join(fresh, '..', 'cur', `${first!.replace(/:.*$/, '')}:2,FS`));
      await writeFile(join(fresh, '1700000000.M1P1.host'), 'Subject: from here\n\nbody\n');
      await sync();
      const there = await account.messages(INBOX);
      expect(there).toHaveLength(mail.length + 1);
      expect(there.filter(({ flags }) => flags.includes('\\Flagged'))).toHaveLength(1);
    },
  );

  it.skipIf(programs.getmail === undefined)('getmail fetches and deletes', { timeout: 60_000, retry: 4 }, async () => {
    account = await startImapAccount(kind);
    await account.deliver(INBOX, ...mail);
    const { folder, securePort, user, password, caFile } = account;
    const target = await makeMaildir(join(folder, 'got'));
    const script = await deliveryScript(folder, target);
    await writeFile(
      join(folder, 'getmailrc'),
      `[retriever]
type = SimpleIMAPSSLRetriever
server = localhost
port = ${securePort}
username = ${user}
password = ${password}
ca_certs = ${caFile}
timeout = 5
mailboxes = ("INBOX",)
[destination]
type = MDA_external
path = ${script}
unixfrom = false
allow_root_commands = true
[options]
delete = true
delivered_to = false
received = false
verbose = 0
`,
    );
    await run(programs.getmail!, ['--getmaildir', folder, '--rcfile', join(folder, 'getmailrc')]);
    // It folds header fields anew.
    expect((await mailIn(target)).map(bodyOf).toSorted()).toEqual(expected(mail).map(bodyOf).toSorted());
    expect(await account.messages(INBOX)).toEqual([]);
  });

  it.skipIf(programs.fetchmail === undefined)('fetchmail fetches what is unseen', { timeout: 60_000 }, async () => {
    account = await startImapAccount(kind);
    await account.deliver(INBOX, ...mail);
    const { folder, port, user, password, caFile } = account;
    const target = await makeMaildir(join(folder, 'got'));
    const script = await deliveryScript(folder, target);
    await writeFile(
      join(folder, 'fetchmailrc'),
      `set invisible
set no bouncemail
poll localhost service ${port} proto imap
  user "${user}" password "${password}" sslproto 'auto' sslcertfile "${caFile}" sslcertck
  no rewrite stripcr mda "${script}" keep\n`,
      { mode: 0o600 },
    );
    const args = ['--nodetach', '--nosyslog', '-f', join(folder, 'fetchmailrc'), '--pidfile', join(folder, 'pid')];
    await run(programs.fetchmail!, args);
    expect(await mailIn(target)).toHaveLength(mail.length);
    expect((await account.messages(INBOX)).every(({ flags }) => flags.includes('\\Seen'))).toBe(true);
  });

  it.skipIf(programs.curl === undefined)('curl lists, fetches, searches and appends', { timeout: 60_000 }, async () => {
    account = await startImapAccount(kind);
    await account.deliver(INBOX, ...mail);
    const { securePort, port, user, password, caFile, folder } = account;
    const common = ['--silent', '--show-error', '--cacert', caFile, '--user', `${user}:${password}`];
    const curl = (url: string, ...more: string[]) => run(programs.curl!, [...common, ...more, url]);
    expect(await curl(`imaps://localhost:${securePort}/`)).toMatch(/^\* LIST \(.*\) "\/" INBOX\r\n$/);
    expect(await curl(`imaps://localhost:${securePort}/INBOX;UID=1`)).toBe(mail[0]);
    expect(await curl(`imap://localhost:${port}/INBOX;MAILINDEX=2`, '--ssl-reqd')).toBe(mail[1]);
    expect(await curl(`imaps://localhost:${securePort}/INBOX?SUBJECT%20dots`)).toBe('* SEARCH 1\r\n');
    await writeFile(join(folder, 'new.eml'), 'Subject: from curl\r\n\r\nbody\r\n');
    await curl(`imaps://localhost:${securePort}/INBOX`, '--upload-file', join(folder, 'new.eml'));
    expect((await account.messages(INBOX)).at(-1)?.text).toBe('Subject: from curl\r\n\r\nbody\r\n');
    await curl(`imaps://localhost:${securePort}/INBOX`, '--request', 'STORE 1 +FLAGS \\Deleted');
    await curl(`imaps://localhost:${securePort}/INBOX`, '--request', 'EXPUNGE');
    expect(await account.messages(INBOX)).toHaveLength(mail.length);
  });

  it.skipIf(programs.mutt === undefined)('mutt flags, copies and deletes', { timeout: 60_000 }, async () => {
    account = await startImapAccount(kind);
    await account.deliver(INBOX, ...mail);
    await account.deliver(['Work'], mail[0]!);
    const { securePort, user, password, caFile, folder } = account;
    const rc = join(folder, 'muttrc');
    await writeFile(
      rc,
      `set imap_user="${user}" imap_pass="${password}" certificate_file="${caFile}"
set ssl_verify_host=yes folder="imaps://localhost:${securePort}/" spoolfile="+INBOX"
set delete=yes quit=yes confirmappend=no confirmcreate=no mark_old=no header_cache="" wait_key=no copy=no beep=no
unset record
push "<first-entry><flag-message><first-entry><next-entry><copy-message><kill-line>=Work<enter><last-entry><delete-message><quit>"
`,
    );
    const program = `${programs.mutt!} -n -F ${rc}`;
    const { exitCode, stdout } = await runProgram('script', ['-qec', program, '/dev/null'], {
      env: { HOME: folder, TERM: 'xterm', LANG: 'C.UTF-8' },
    });
    expect(exitCode, stdout).toBe(0);
    const there = await account.messages(INBOX);
    expect(there).toHaveLength(mail.length - 1);
    expect(there.filter(({ flags }) => flags.includes('\\Flagged'))).toHaveLength(1);
    expect(await account.messages(['Work'])).toHaveLength(2);
  });
});
