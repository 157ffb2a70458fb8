import { execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeCertificate } from '@posthorn/certificates';

const run = promisify(execFile);

export interface DovecotOptions {
  /** An empty folder for its configuration, sockets and log. Its path must be short: sockets live below it. */
  readonly folder: string;
  /** The Maildir of the one user. */
  readonly maildir: string;
  readonly user: string;
  readonly password: string;
  /** More lines for its configuration, such as plug-ins. */
  readonly settings?: string | undefined;
}

/** A private Dovecot. */
export interface Dovecot {
  /** Clear text and STARTTLS. */
  readonly imapPort: number;
  readonly imapsPort: number;
  /** What to trust. */
  readonly ca: string;
  /** Gives the Maildir to the user Dovecot reads it as, after somebody else wrote to it. */
  own(): Promise<void>;
  /** What it logged. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** Where Dovecot is installed, or undefined. */
export function findDovecot(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, 'dovecot')).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts a Dovecot on loopback and waits until it answers. As root it reads mail as the user `mail`. */
export async function startDovecot(options: DovecotOptions): Promise<Dovecot> {
  const binary = findDovecot();
  if (binary === undefined) throw new Error('dovecot is not installed');
  const { folder, maildir } = options;
  const [imapPort, imapsPort] = [await freePort(), await freePort()];
  const { cert, key, ca } = await makeCertificate({ hosts: ['localhost', '127.0.0.1'] });
  const owner = await mailOwner();
  await mkdir(join(folder, 'run'), { recursive: true });
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key, { mode: 0o600 });
  await writeFile(
    join(folder, 'users'),
    `${options.user}:{PLAIN}${options.password}:${owner.uid}:${owner.gid}::${maildir}\n`,
  );
  await writeFile(join(folder, 'dovecot.conf'), configuration(options, imapPort, imapsPort, owner));
  await chmod(folder, 0o755);
  const own = () => giveTo(maildir, owner);
  await own();
  const child = spawn(binary, ['-F', '-c', join(folder, 'dovecot.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const log = () => readFile(join(folder, 'log'), 'utf8').catch(() => complaints);
  for (let waited = 0; !(await greets(imapPort)); waited += 100) {
    if (child.exitCode !== null || waited > 20_000)
      throw new Error(`dovecot does not start: ${complaints}${await log()}`);
    await wait(100);
  }
  return {
    imapPort,
    imapsPort,
    ca,
    own,
    log,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Whom a Maildir has to belong to, so that Dovecot reads it. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
  readonly isRoot: boolean;
}

/** Dovecot refuses to read mail as root. */
export async function mailOwner(): Promise<Owner> {
  const { uid, gid } = userInfo();
  if (uid !== 0) return { uid, gid, isRoot: false };
  const [mailUid, mailGid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'mail'])));
  return { uid: Number(mailUid!.stdout), gid: Number(mailGid!.stdout), isRoot: true };
}

/** Gives a folder and all in it to somebody, as far as this user may. */
export async function giveTo(folder: string, owner: Owner): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (!owner.isRoot) return;
  await chown(folder, owner.uid, owner.gid);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    await chown(join(entry.parentPath, entry.name), owner.uid, owner.gid);
  }
}

function configuration(
  { folder, maildir, settings = '' }: DovecotOptions,
  imapPort: number,
  imapsPort: number,
  owner: Owner,
): string {
  // Without root nothing can change users or roots.
  const unprivileged = `
default_internal_user = ${userInfo().username}
default_login_user = ${userInfo().username}
default_internal_group =
service anvil {
  chroot =
}
service imap-login {
  chroot =
}
service stats {
  chroot =
}
`;
  return `base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/log
protocols = imap
listen = 127.0.0.1
mail_location = maildir:${maildir}
mail_uid = ${owner.uid}
mail_gid = ${owner.gid}
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
mail_max_userip_connections = 200
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = passwd-file
  args = ${folder}/users
}
namespace inbox {
  inbox = yes
  separator = /
}
service imap-login {
  inet_listener imap {
    port = ${imapPort}
  }
  inet_listener imaps {
    port = ${imapsPort}
    ssl = yes
  }
}
${settings}
${owner.isRoot ? '' : unprivileged}`;
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** Whether something on the port sends a greeting. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const answer = (greeted: boolean): void => {
      socket.destroy();
      resolve(greeted);
    };
    socket.setTimeout(2_000, () => answer(false));
    socket.once('error', () => answer(false));
    socket.once('data', () => answer(true));
  });
}
