import { chmod, chown, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificate } from '@posthorn/certificates';
import { giveTo, mailOwner, type Owner } from '../mail-owner.ts';
import { prepareView, runPrivately, servePrivately } from './namespace.ts';
import { freePorts, untilTheyGreet } from './ports.ts';
import type { PrivateServer, PrivateServerOptions } from './server.ts';
import { unpackPackages } from './unpack-packages.ts';

const PACKAGES = ['cyrus-common', 'cyrus-imapd', 'cyrus-pop3d', 'libsasl2-modules', 'libsasl2-modules-db', 'sasl2-bin'];
/** Who may do everything. */
const ADMINISTRATOR = 'cyrus';

/** Starts a Cyrus and waits until it answers. The administrator `cyrus` has the same password as the user. */
export async function startCyrus({ folder, user, password }: PrivateServerOptions): Promise<PrivateServer> {
  const view = { root: await unpackPackages('cyrus', PACKAGES), folder };
  const [imapPort, imapsPort, pop3Port, pop3sPort] = (await freePorts(4)) as [number, number, number, number];
  const { cert, key, ca } = await makeCertificate({ hosts: ['localhost', '127.0.0.1'] });
  const owner = await mailOwner();
  await prepareView(view, [ADMINISTRATOR]);
  await chmod(folder, 0o755);
  for (const part of ['spool', 'conf/socket', 'conf/proc', 'conf/db', 'conf/log'])
    await mkdir(join(folder, part), { recursive: true });
  await Promise.all(['spool', 'conf', 'run'].map((part) => giveTo(join(folder, part), owner)));
  await writeOwned(join(folder, 'cert.pem'), cert, owner);
  await writeOwned(join(folder, 'key.pem'), key, owner);
  const [settings, services] = [join(folder, 'imapd.conf'), join(folder, 'cyrus.conf')];
  await writeFile(settings, settingsOf(folder));
  await writeFile(services, servicesOf(folder, { imapPort, imapsPort, pop3Port, pop3sPort }));
  const passwords = join(folder, 'sasldb2');
  for (const name of [user, ADMINISTRATOR])
    await runPrivately(view, ['saslpasswd2', '-p', '-c', '-f', passwords, '-u', 'localhost', name], password);
  await chown(passwords, owner.uid, owner.gid);
  const logFile = join(folder, 'log');
  const output = await open(logFile, 'a');
  const log = (): Promise<string> => readFile(logFile, 'utf8');
  const master = ['/usr/sbin/cyrmaster', '-C', settings, '-M', services, '-p', join(folder, 'master.pid'), '-D'];
  const server = servePrivately(view, ['env', 'CYRUS_USER=mail', ...master], output.fd);
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

async function writeOwned(path: string, text: string, { uid, gid }: Owner): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chown(path, uid, gid);
}

function settingsOf(folder: string): string {
  return `configdirectory: ${folder}/conf
partition-default: ${folder}/spool
defaultpartition: default
servername: localhost
admins: ${ADMINISTRATOR}
cyrus_user: mail
allowplaintext: yes
allowapop: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: ${folder}/sasldb2
sasl_mech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256
altnamespace: yes
unixhierarchysep: yes
virtdomains: no
autocreate_users: anyone
autocreate_quota: 1000000
delete_mode: immediate
expunge_mode: immediate
popminpoll: 0
failedloginpause: 0
annotation_allow_undefined: yes
idlesocket: ${folder}/conf/socket/idle
tls_server_cert: ${folder}/cert.pem
tls_server_key: ${folder}/key.pem
statuscache: yes
maxmessagesize: 104857600
`;
}

type Ports = Pick<PrivateServer, 'imapPort' | 'imapsPort' | 'pop3Port' | 'pop3sPort'>;

function servicesOf(folder: string, { imapPort, imapsPort, pop3Port, pop3sPort }: Ports): string {
  const service = (name: string, command: string, port: number): string =>
    `  ${name} cmd="${command} -C ${folder}/imapd.conf" listen="127.0.0.1:${port}" prefork=0 maxchild=50`;
  return `START {
  recover cmd="/usr/sbin/cyrus ctl_cyrusdb -C ${folder}/imapd.conf -r"
}
SERVICES {
${service('imap', 'imapd', imapPort)}
${service('imaps', 'imapd -s', imapsPort)}
${service('pop3', 'pop3d', pop3Port)}
${service('pop3s', 'pop3d -s', pop3sPort)}
}
EVENTS {
  checkpoint cmd="/usr/sbin/cyrus ctl_cyrusdb -C ${folder}/imapd.conf -c" period=30
}
DAEMON {
  idled cmd="idled -C ${folder}/imapd.conf"
}
`;
}
