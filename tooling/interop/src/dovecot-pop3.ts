import { execFile, spawn } from 'node:child_process';
import { access, chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeCertificate } from '@posthorn/certificates';
import { findDovecot } from './dovecot.ts';

const run = promisify(execFile);

export interface DovecotPop3Options {
  /** An empty folder with a short path, for everything it needs. */
  readonly folder: string;
  readonly user: string;
  readonly password: string;
  /** The octets of the messages of the maildrop. */
  readonly messages: readonly Uint8Array[];
  /** Lines of configuration of one's own. */
  readonly more?: string;
}

/** A Dovecot that serves POP3, and nothing else. */
export interface DovecotPop3 {
  /** Clear text and STLS. */
  readonly pop3Port: number;
  readonly pop3sPort: number;
  /** What to trust. */
  readonly ca: string;
  /** Adds a message behind the server's back. */
  deliver(octets: Uint8Array): Promise<void>;
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** Whether Dovecot is installed with its POP3 server. */
export async function hasDovecotPop3(): Promise<boolean> {
  if (findDovecot() === undefined) return false;
  const paths = ['/usr/lib/dovecot/pop3', '/usr/libexec/dovecot/pop3', '/usr/local/libexec/dovecot/pop3'];
  const found = await Promise.all(
    paths.map((path) =>
      access(path)
        .then(() => true)
        .catch(() => false),
    ),
  );
  return found.includes(true);
}

/** Starts a Dovecot on loopback and waits until it answers. As root it reads mail as the user `mail`. */
export async function startDovecotPop3(options: DovecotPop3Options): Promise<DovecotPop3> {
  const { folder, user, password, messages, more = '' } = options;
  const [pop3Port, pop3sPort] = [await freePort(), await freePort()];
  const { cert, key, ca } = await makeCertificate({ hosts: ['localhost', '127.0.0.1'] });
  const owner = await mailOwner();
  const maildir = join(folder, 'maildir');
  const own = async (path: string): Promise<void> => {
    if (owner.isRoot) await chown(path, owner.uid, owner.gid);
  };
  for (const part of ['run', 'maildir', 'maildir/cur', 'maildir/new', 'maildir/tmp']) {
    await mkdir(join(folder, part));
    if (part !== 'run') await own(join(folder, part));
  }
  let delivered = 0;
  const deliver = async (octets: Uint8Array): Promise<void> => {
    const path = join(maildir, 'new', `${1_700_000_000 + ++delivered}.M${delivered}.example`);
    await writeFile(path, octets);
    await own(path);
  };
  for (const octets of messages) await deliver(octets);
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key, { mode: 0o600 });
  await writeFile(join(folder, 'users'), `${user}:{PLAIN}${password}:${owner.uid}:${owner.gid}::${maildir}\n`);
  await writeFile(join(folder, 'dovecot.conf'), configuration(folder, pop3Port, pop3sPort, owner) + more);
  await chmod(folder, 0o755);
  const child = spawn(findDovecot()!, ['-F', '-c', join(folder, 'dovecot.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const log = (): Promise<string> => readFile(join(folder, 'log'), 'utf8').catch(() => complaints);
  for (let waited = 0; !(await greets(pop3Port)); waited += 100) {
    if (child.exitCode !== null || waited > 20_000)
      throw new Error(`dovecot does not start: ${complaints}${await log()}`);
    await wait(100);
  }
  return {
    pop3Port,
    pop3sPort,
    ca,
    deliver,
    log,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The files of the maildrop, whichever folder they are in by now. */
export async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await Promise.all(['cur', 'new'].map((part) => readdir(join(folder, 'maildir', part))));
  return entries.flat();
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
  readonly isRoot: boolean;
}

/** Dovecot refuses to read mail as root. */
async function mailOwner(): Promise<Owner> {
  const { uid, gid } = userInfo();
  if (uid !== 0) return { uid, gid, isRoot: false };
  const [mailUid, mailGid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'mail'])));
  return { uid: Number(mailUid!.stdout), gid: Number(mailGid!.stdout), isRoot: true };
}

function configuration(folder: string, pop3Port: number, pop3sPort: number, { uid, gid, isRoot }: Owner): string {
  const name = userInfo().username;
  // Without root nothing can change users or roots.
  const unprivileged = `
default_internal_user = ${name}
default_login_user = ${name}
default_internal_group =
${['anvil', 'pop3-login', 'stats'].map((service) => `service ${service} {\n  chroot =\n}`).join('\n')}
`;
  const passwords = `  driver = passwd-file\n  args = ${folder}/users\n`;
  return `base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/log
protocols = pop3
listen = 127.0.0.1
mail_location = maildir:${folder}/maildir
mail_uid = ${uid}
mail_gid = ${gid}
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 apop
auth_failure_delay = 0
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
pop3_lock_session = yes
passdb {
${passwords}}
userdb {
${passwords}}
namespace inbox {
  inbox = yes
}
service pop3-login {
  inet_listener pop3 {
    port = ${pop3Port}
  }
  inet_listener pop3s {
    port = ${pop3sPort}
    ssl = yes
  }
}
${isRoot ? '' : unprivileged}`;
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
