import { createHash, X509Certificate } from 'node:crypto';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { makeCertificate } from '@posthorn/certificates';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { channelBinding, serverEndPoint } from '../src/channel-binding.ts';
import { transportFromSocket } from '../src/index.ts';

/** Both ends of one TLS connection of a version. */
async function sockets(version: 'TLSv1.2' | 'TLSv1.3'): Promise<{ near: TLSSocket; far: TLSSocket; cert: string }> {
  const { cert, key } = await makeCertificate({ hosts: ['localhost'] });
  const server = createServer({ cert, key, minVersion: version, maxVersion: version });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve));
  const { port } = server.address() as { port: number };
  const near = connect({ host: 'localhost', port, ca: cert });
  await new Promise((resolve) => near.once('secureConnect', resolve));
  const far = await accepted;
  server.close();
  return { near, far, cert };
}

describe('channelBinding', () => {
  it('exports a key from TLS 1.3, the same at both ends (RFC 9266)', async () => {
    const { near, far } = await sockets('TLSv1.3');
    expect(channelBinding(near)).toMatchObject({ type: 'tls-exporter' });
    expect(channelBinding(far)).toEqual(channelBinding(near));
    near.destroy();
    far.destroy();
  });

  it('hashes the certificate of the server below TLS 1.3 (RFC 5929 section 4)', async () => {
    const { near, far, cert } = await sockets('TLSv1.2');
    const data = new Uint8Array(createHash('sha256').update(new X509Certificate(cert).raw).digest());
    expect(channelBinding(near)).toEqual({ type: 'tls-server-end-point', data });
    expect(channelBinding(far)).toEqual({ type: 'tls-server-end-point', data });
    expect(transportFromSocket(near).channelBinding).toEqual({ type: 'tls-server-end-point', data });
    near.destroy();
    far.destroy();
  });
});

describe('serverEndPoint', () => {
  it.each([
    ['rsa', 'sha1', 'sha256'],
    ['rsa', 'sha256', 'sha256'],
    ['rsa', 'sha384', 'sha384'],
    ['rsa', 'sha512', 'sha512'],
    ['ec', 'sha1', 'sha256'],
    ['ec', 'sha384', 'sha384'],
    ['ec', 'sha512', 'sha512'],
  ] as const)('hashes a certificate signed with %s and %s by %s', async (keyType, algorithm, hash) => {
    const { cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keyType, algorithm });
    const { raw } = new X509Certificate(cert);
    expect(serverEndPoint(raw)?.data).toEqual(new Uint8Array(createHash(hash).update(raw).digest()));
  });

  it('knows nothing of what is no certificate', () => {
    for (const bytes of [
      [],
      [0x30],
      [0x30, 0x82, 0xff, 0xff],
      [0x30, 0x00],
      [0x30, 0x04, 0x30, 0x00, 0x30, 0x00],
      [0x04, 0x00],
    ]) {
      expect(serverEndPoint(Uint8Array.from(bytes))).toBeUndefined();
    }
  });
});
