import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '@posthorn/certificates';
import { mailOwner, type Owner } from './mail-owner.ts';
import { freePorts, untilTheyGreet } from './private-server/ports.ts';

/** How often another program may take a port between the look at it and the start. */
const MOST_STARTS = 3;

export interface DovecotSetup {
  /** An empty folder for its configuration, sockets and log. Its path must be short: sockets live below it. */
  readonly folder: string;
  /** The one protocol to serve. */
  readonly protocol: 'imap' | 'pop3';
  /** The Maildir of the one user. */
  readonly maildir: string;
  readonly user: string;
  readonly password: string;
  /** Names of SASL mechanisms, with a space between them. */
  readonly mechanisms: string;
  /** More lines for its configuration. */
  readonly settings?: string | undefined;
}

/** A Dovecot on loopback that answers. */
export interface RunningDovecot {
  /** Clear text, and TLS on demand. */
  readonly port: number;
  readonly tlsPort: number;
  /** What to trust. */
  readonly ca: string;
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
export async function runDovecot(setup: DovecotSetup): Promise<RunningDovecot> {
  const { folder, maildir, user, password } = setup;
  const { cert, key, ca } = await makeCertificate({ hosts: ['localhost', '127.0.0.1'] });
  const owner = await mailOwner();
  await mkdir(join(folder, 'run'), { recursive: true });
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key, { mode: 0o600 });
  await writeFile(join(folder, 'users'), `${user}:{PLAIN}${password}:${owner.uid}:${owner.gid}::${maildir}\n`);
  await chmod(folder, 0o755);
  for (let starts = 1; ; starts++) {
    const [port, tlsPort] = (await freePorts(2)) as [number, number];
    await writeFile(join(folder, 'dovecot.conf'), configuration(setup, { port, tlsPort }, owner));
    try {
      return { port, tlsPort, ca, ...(await start(folder, port)) };
    } catch (error) {
      if (starts === MOST_STARTS || !/Address already in use/i.test(String(error))) throw error;
    }
  }
}

async function start(folder: string, port: number): Promise<Pick<RunningDovecot, 'log' | 'stop'>> {
  const binary = findDovecot();
  if (binary === undefined) throw new Error('dovecot is not installed');
  const child = spawn(binary, ['-F', '-c', join(folder, 'dovecot.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      hasEnded = true;
      resolve();
    };
    child.once('exit', end).once('error', end);
  });
  const log = async (): Promise<string> => complaints + (await readFile(join(folder, 'log'), 'utf8').catch(() => ''));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    await untilTheyGreet([port], { hasEnded: () => hasEnded, log });
  } catch (error) {
    await stop();
    throw error;
  }
  return { log, stop };
}

type Ports = Pick<RunningDovecot, 'port' | 'tlsPort'>;

function configuration(
  { folder, protocol, maildir, mechanisms, settings = '' }: DovecotSetup,
  { port, tlsPort }: Ports,
  { uid, gid, isRoot }: Owner,
): string {
  const passwords = `  driver = passwd-file\n  args = ${folder}/users\n`;
  return `base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/log
protocols = ${protocol}
listen = 127.0.0.1
mail_location = maildir:${maildir}
mail_uid = ${uid}
mail_gid = ${gid}
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_mechanisms = ${mechanisms}
auth_failure_delay = 0
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
mail_max_userip_connections = 200
passdb {
${passwords}}
userdb {
${passwords}}
namespace inbox {
  inbox = yes
  separator = /
}
service ${protocol}-login {
  inet_listener ${protocol} {
    port = ${port}
  }
  inet_listener ${protocol}s {
    port = ${tlsPort}
    ssl = yes
  }
}
${settings}
${isRoot ? '' : unprivileged(protocol)}`;
}

/** Without root nothing can change users or roots. */
function unprivileged(protocol: string): string {
  const { username } = userInfo();
  return `default_internal_user = ${username}
default_login_user = ${username}
default_internal_group =
${['anvil', `${protocol}-login`, 'stats'].map((service) => `service ${service} {\n  chroot =\n}`).join('\n')}
`;
}
