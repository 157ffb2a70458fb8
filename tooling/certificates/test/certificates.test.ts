import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { expect, it } from 'vitest';
import { makeAuthority, makeCertificate } from '../src/index.ts';

it('signs a certificate with its own key', async () => {
  const { cert, key, ca } = await makeCertificate({ hosts: ['localhost', '127.0.0.1', '::1'] });
  const parsed = new X509Certificate(cert);
  expect(ca).toBe(cert);
  expect(parsed.verify(parsed.publicKey)).toBe(true);
  expect(parsed.checkHost('localhost')).toBe('localhost');
  expect(parsed.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(parsed.checkIP('::1')).toBe('::1');
  expect(Date.parse(parsed.validFrom)).toBeLessThan(Date.now());
  expect(Date.parse(parsed.validTo)).toBeGreaterThan(Date.now());
  expect(() => createSecureContext({ cert, key })).not.toThrow();
});

it('signs a certificate with an authority', async () => {
  const issuer = await makeAuthority();
  const { cert, ca } = await makeCertificate({ hosts: ['mail.example.org'], issuer });
  const authority = new X509Certificate(issuer.cert);
  expect(ca).toBe(issuer.cert);
  expect(authority.ca).toBe(true);
  expect(new X509Certificate(cert).verify(authority.publicKey)).toBe(true);
  expect(new X509Certificate(cert).checkIssued(authority)).toBe(true);
});

it('makes certificates that are over or not valid yet', async () => {
  const over = new X509Certificate((await makeCertificate({ hosts: ['a'], validTo: new Date('2020-03-04') })).cert);
  const early = new X509Certificate((await makeCertificate({ hosts: ['a'], validFrom: new Date('2199-01-01') })).cert);
  expect(Date.parse(over.validTo)).toBe(Date.parse('2020-03-04'));
  expect(Date.parse(over.validFrom)).toBeLessThan(Date.parse(over.validTo));
  expect(Date.parse(early.validFrom)).toBe(Date.parse('2199-01-01'));
  expect(Date.parse(early.validTo)).toBeGreaterThan(Date.parse(early.validFrom));
});

it('refuses a certificate for nobody', async () => {
  await expect(makeCertificate({ hosts: [] })).rejects.toThrow(TypeError);
});
