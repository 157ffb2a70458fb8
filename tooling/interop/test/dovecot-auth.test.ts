import { createHmac } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificate, makeAuthority, makeCertificate } from '@posthorn/certificates';
import { type Auth, connect } from '@posthorn/imap-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dovecot, findDovecot, missingServer, startDovecot } from '../src/index.ts';

const hasDovecot = findDovecot() !== undefined;
if (!hasDovecot) missingServer('Dovecot', 'dovecot-imapd');

const KEY = 'a key that signs tokens';

/** A token that says who somebody is, signed with {@link KEY}. */
function tokenFor(user: string, key = KEY): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: user, iat: now - 60, exp: now + 3_600 })}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

/** Ways in for those who have a token, a certificate, or nothing. */
const settings = (folder: string): string => `
auth_mechanisms = external anonymous oauthbearer xoauth2
auth_anonymous_username = guest
auth_ssl_username_from_cert = yes
ssl_ca = <${folder}/authority.pem
ssl_require_crl = no
ssl_verify_client_cert = yes
passdb {
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = ${folder}/oauth2.conf
}
passdb {
  driver = static
  mechanisms = external
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/home/%u
}
# Nobody is made to wait for having failed.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`;

describe.skipIf(!hasDovecot)('logging in to Dovecot without a password', () => {
  let folder: string;
  let dovecot: Dovecot;
  let alice: Certificate;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ph-'));
    await chmod(folder, 0o755);
    const authority = await makeAuthority();
    alice = await makeCertificate({ hosts: ['alice'], issuer: authority });
    await writeFile(join(folder, 'authority.pem'), authority.cert);
    const keys = join(folder, 'keys', 'default', 'HS256');
    await mkdir(keys, { recursive: true });
    await writeFile(join(keys, 'default'), Buffer.from(KEY).toString('base64'));
    await writeFile(
      join(folder, 'oauth2.conf'),
      `introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix=${folder}/keys/\nusername_attribute = sub\n`,
    );
    const maildir = join(folder, 'mail');
    const user = { user: 'alice', password: 'of no use here' };
    dovecot = await startDovecot({ folder: join(folder, 'd'), maildir, ...user, settings: settings(folder) });
  }, 60_000);

  afterAll(async () => {
    await dovecot?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function login(auth: Auth, proof: { readonly cert?: string; readonly key?: string } = {}): Promise<string> {
    const tls = { ca: dovecot.ca, ...proof };
    const client = await connect({ host: '127.0.0.1', port: dovecot.imapsPort, tls, auth });
    const names = await client.list();
    await client.close();
    return names.map(({ name }) => name.text).join();
  }

  it.each(['OAUTHBEARER', 'XOAUTH2'])('by a token (%s)', async (mechanism) => {
    const auth = { user: 'alice', mechanisms: [mechanism] };
    expect(await login({ ...auth, accessToken: tokenFor('alice') })).toBe('INBOX');
    const forged = login({ ...auth, accessToken: tokenFor('alice', 'another key') });
    await expect(forged).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
  });

  it('by a certificate (EXTERNAL)', async () => {
    const { cert, key } = alice;
    expect(await login({ external: true }, { cert, key })).toBe('INBOX');
    await expect(login({ external: true })).rejects.toMatchObject({ code: expect.stringMatching(/^AUTH_/) });
  });

  it('as nobody (ANONYMOUS)', async () => {
    expect(await login({ anonymous: true, trace: 'a trace' })).toBe('INBOX');
  });
});
