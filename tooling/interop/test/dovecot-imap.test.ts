import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { tryImap } from '../src/imap-trial/suite.ts';
import { findDovecot, missingServer, type PrivateServerOptions, startDovecot } from '../src/index.ts';

const hasDovecot = findDovecot() !== undefined;
if (!hasDovecot) missingServer('Dovecot', 'dovecot-imapd');

const mechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256'];

/** Everything that the Debian package can do for a user with a password. */
const settings = (maildir: string): string => `
auth_mechanisms = ${mechanisms.join(' ')}
mail_plugins = acl quota zlib
imap_metadata = yes
mail_attribute_dict = file:${maildir}/attributes
protocol imap {
  mail_plugins = acl quota zlib imap_acl imap_quota imap_zlib
}
plugin {
  acl = vfile
  quota = maildir:User quota
  quota_rule = *:storage=1G
}
`;

async function start({ folder, user, password }: PrivateServerOptions): ReturnType<typeof startDovecot> {
  await chmod(folder, 0o755);
  const maildir = join(folder, 'mail');
  return startDovecot({ folder: join(folder, 'd'), maildir, user, password, settings: settings(maildir) });
}

tryImap({ name: 'Dovecot', start, mechanisms, endsLastLine: false }, hasDovecot);
