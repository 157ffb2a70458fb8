import { chmod, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from '@posthorn/certificates';
import { giveTo, mailOwner } from '../mail-owner.ts';
import { type PrivateView, prepareView, runPrivately, servePrivately } from './namespace.ts';
import { freePorts, untilTheyGreet } from './ports.ts';
import type { PrivateServer, PrivateServerOptions } from './server.ts';
import { unpackPackages } from './unpack-packages.ts';

const PROGRAM = fileURLToPath(new URL('../../programs/courier.sh', import.meta.url));
const PACKAGES = [
  'courier-authdaemon',
  'courier-authlib',
  'courier-authlib-userdb',
  'courier-base',
  'courier-imap',
  'courier-pop',
  'gamin',
  'gnutls-bin',
];

/** Starts a Courier and waits until it answers. */
export async function startCourier({ folder, user, password }: PrivateServerOptions): Promise<PrivateServer> {
  const view = { root: await unpackPackages('courier', PACKAGES), folder };
  const [imapPort, imapsPort, pop3Port, pop3sPort] = (await freePorts(4)) as [number, number, number, number];
  const { cert, key, ca } = await makeCertificate({ hosts: ['localhost', '127.0.0.1'] });
  const owner = await mailOwner();
  await prepareView(view, ['courier']);
  await chmod(folder, 0o755);
  const home = join(folder, 'home');
  for (const part of ['cur', 'new', 'tmp']) await mkdir(join(home, 'Maildir', part), { recursive: true });
  await giveTo(home, owner);
  // STARTTLS is done by another user than TLS from the first octet.
  await writeFile(join(folder, 'both.pem'), `${key}\n${cert}`);
  await mkdir(join(folder, 'run', 'courier', 'authdaemon'), { recursive: true });
  await makeUsers(view, { user, password, uid: owner.uid, gid: owner.gid, home });
  const logFile = join(folder, 'log');
  const output = await open(logFile, 'a');
  const log = (): Promise<string> => readFile(logFile, 'utf8');
  const ports = [imapPort, imapsPort, pop3Port, pop3sPort].map(String);
  const server = servePrivately(view, ['sh', PROGRAM, folder, ...ports], output.fd);
  const stop = async (): Promise<void> => {
    await server.stop();
    await output.close();
  };
  try {
    await untilTheyGreet([imapPort, pop3Port], { hasEnded: () => server.hasEnded, log });
  } catch (error) {
    await stop();
    throw error;
  }
  return { imapPort, imapsPort, pop3Port, pop3sPort, ca, log, stop };
}

interface CourierUser {
  readonly user: string;
  readonly password: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** The data base of users, with the password as text logins and CRAM-MD5 need it. */
async function makeUsers(view: PrivateView, { user, password, uid, gid, home }: CourierUser): Promise<void> {
  const etc = join(view.folder, 'etc', 'courier');
  await mkdir(etc, { recursive: true });
  const twice = `${password}\n${password}\n`;
  const [hash, hmac] = await Promise.all(
    ['-md5', '-hmac-md5'].map((kind) => runPrivately(view, ['userdbpw', kind], twice)),
  );
  const fields = {
    uid,
    gid,
    home,
    mail: join(home, 'Maildir'),
    systempw: hash!.trim(),
    'hmac-md5pw': hmac!.trim(),
  };
  const file = join(etc, 'userdb');
  const words = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  await writeFile(file, `${user}\t${words.join('|')}\n`, { mode: 0o600 });
  await runPrivately(view, ['makeuserdb', '-f', file]);
  const daemon = await readFile(join(view.root, 'etc', 'courier', 'authdaemonrc'), 'utf8');
  await writeFile(join(etc, 'authdaemonrc'), daemon.replace(/^authmodulelist=.*$/m, 'authmodulelist="authuserdb"'));
}
