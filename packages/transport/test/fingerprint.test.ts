import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { type Certificate, makeAuthority, makeCertificate } from '@posthorn/certificates';
import { decodeText, utf8Bytes } from '@posthorn/core';
import { afterEach, expect, it } from 'vitest';
import { connectTcp, connectTls, type Listener, listen } from '../src/index.ts';
import { readAll, readAtLeast } from './pairs.ts';

const listeners: Listener[] = [];
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close();
});

async function greeter(certificate: Certificate): Promise<number> {
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    tls: certificate,
    onConnection: async (transport) => {
      await transport.write(utf8Bytes('* OK\r\n'));
      await transport.close();
    },
  });
  listeners.push(listener);
  return listener.port;
}

const hexOf = ({ cert }: Certificate) => new X509Certificate(cert).fingerprint256;
const keyOf = ({ cert }: Certificate) => {
  const key = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(key).digest('base64')}`;
};

it.each([
  ['of the certificate', hexOf],
  ['of the certificate without colons', (made: Certificate) => hexOf(made).replaceAll(':', '').toLowerCase()],
  ['of its key', keyOf],
  ['of its key as curl writes it', (made: Certificate) => keyOf(made).replace('/', '//')],
])('accepts whatever has the fingerprint %s', async (_, fingerprintOf) => {
  // Self-signed, expired, and for somebody else.
  const made = await makeCertificate({ hosts: ['example.org'], validTo: new Date('2020-01-01') });
  const port = await greeter(made);
  const fingerprints = [hexOf(await makeCertificate({ hosts: ['next'] })), fingerprintOf(made)];
  const transport = await connectTls({ host: 'localhost', port, fingerprints });
  expect(decodeText(await readAll(transport))).toBe('* OK\r\n');
  await transport.close();
});

it('refuses everything else, valid as it may be, and says what it saw', async () => {
  const issuer = await makeAuthority();
  const made = await makeCertificate({ hosts: ['localhost'], issuer });
  const port = await greeter(made);
  const fingerprints = [hexOf(await makeCertificate({ hosts: ['localhost'], issuer })), keyOf(issuer)];
  await expect(connectTls({ host: 'localhost', port, ca: issuer.cert, fingerprints })).rejects.toMatchObject({
    code: 'TRANSPORT_CERTIFICATE',
    message: `the certificate of localhost is not one of those with the expected fingerprints: it has ${hexOf(made)}`,
  });
  await expect(
    connectTls({ host: 'localhost', port, allowInvalidCertificate: true, fingerprints }),
  ).rejects.toMatchObject({ code: 'TRANSPORT_CERTIFICATE' });
});

it('holds for STARTTLS as well', async () => {
  const made = await makeCertificate({ hosts: ['mail'] });
  for (const [fingerprint, isAccepted] of [
    [keyOf(made), true],
    ['00'.repeat(32), false],
  ] as const) {
    const listener = await listen({
      host: '127.0.0.1',
      port: 0,
      onConnection: async (transport) => {
        await transport.startTls({ role: 'server', ...made });
        await readAtLeast(transport, 1);
        await transport.close();
      },
      onError: () => {},
    });
    listeners.push(listener);
    const transport = await connectTcp(listener);
    const upgrade = transport.startTls({ host: 'localhost', fingerprints: [fingerprint] });
    if (isAccepted) await upgrade;
    else await expect(upgrade).rejects.toMatchObject({ code: 'TRANSPORT_CERTIFICATE' });
    transport.destroy();
  }
});

it.each([[[]], [['x']], [['00'.repeat(31)]], [['sha256/short=']], [[`sha1/${'A'.repeat(43)}=`]]])(
  'refuses the fingerprints %j before it connects',
  async (fingerprints) => {
    await expect(connectTls({ host: '127.0.0.1', port: 9, fingerprints })).rejects.toThrow(TypeError);
  },
);

it('opens an encrypted key with its passphrase', async () => {
  const made = await makeCertificate({ hosts: ['localhost'] });
  const port = await greeter(made);
  const own = await makeCertificate({ hosts: ['alice'] });
  const key = createPrivateKey(own.key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'swordfish' })
    .toString();
  const target = { host: 'localhost', port, ca: made.ca, cert: own.cert, key };
  const transport = await connectTls({ ...target, passphrase: 'swordfish' });
  expect(decodeText(await readAll(transport))).toBe('* OK\r\n');
  await transport.close();
  const wrong = connectTls({ ...target, passphrase: 'perch' });
  await expect(wrong).rejects.toThrow(TypeError);
  await expect(wrong).rejects.not.toThrow(/perch/);
});

it('gives up a handshake when its signal fires, before or meanwhile', async () => {
  const reason = new Error('changed my mind');
  const listener = await listen({ host: '127.0.0.1', port: 0, onConnection: () => {} });
  listeners.push(listener);
  const first = await connectTcp(listener);
  await expect(first.startTls({ host: 'localhost', signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  await expect(first.read()).rejects.toBe(reason);
  const second = await connectTcp(listener);
  const abort = new AbortController();
  const upgrade = second.startTls({ host: 'localhost', signal: abort.signal });
  abort.abort(reason);
  await expect(upgrade).rejects.toBe(reason);
});
