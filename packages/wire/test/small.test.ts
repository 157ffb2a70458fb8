import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CapabilitySet, fromBase64, toBase64 } from '../src/index.ts';
import { octets } from './feed.ts';

describe('base64', () => {
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('RFC 4648 section 10: %j', (text, base64) => {
    expect(toBase64(octets(text))).toBe(base64);
    expect(fromBase64(base64)).toEqual(octets(text));
  });

  it('is undone by decoding', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each([
    'Z',
    'Zg',
    'Zg=',
    'Zg===',
    'Zh==',
    'Zm9=',
    '====',
    '=',
    'Z===',
    'Zm9v\r\n',
    'Zm 9v',
    'Zm9v=',
    'Zg==Zg==',
    '-_-_',
    'üüüü',
  ])('refuses %j', (text) => {
    expect(fromBase64(text)).toBeUndefined();
  });
});

describe('CapabilitySet', () => {
  it('compares without case and keeps the spelling', () => {
    const set = new CapabilitySet([
      'IMAP4rev1',
      'Idle',
      'idle',
      'AUTH=plain',
      'AUTH=SCRAM-SHA-256',
      'THREAD=REFERENCES',
    ]);
    expect(set.has('IDLE')).toBe(true);
    expect(set.has('MOVE')).toBe(false);
    expect(set.names).toEqual(['IMAP4rev1', 'Idle', 'AUTH=plain', 'AUTH=SCRAM-SHA-256', 'THREAD=REFERENCES']);
    expect(set.authMechanisms).toEqual(['PLAIN', 'SCRAM-SHA-256']);
    expect(set.valuesOf('thread')).toEqual(['REFERENCES']);
  });

  it('knows what comes along', () => {
    const rev2 = new CapabilitySet(['IMAP4rev2']);
    for (const name of [
      'ENABLE',
      'IDLE',
      'NAMESPACE',
      'UIDPLUS',
      'MOVE',
      'ESEARCH',
      'SEARCHRES',
      'LIST-EXTENDED',
      'LIST-STATUS',
      'SASL-IR',
      'UNSELECT',
      'SPECIAL-USE',
      'LITERAL-',
      'BINARY',
    ]) {
      expect(rev2.has(name)).toBe(true);
    }
    expect(rev2.has('LITERAL+')).toBe(false);
    expect(rev2.names).toEqual(['IMAP4rev2']);
    expect(new CapabilitySet(['QRESYNC']).has('CONDSTORE')).toBe(true);
    expect(new CapabilitySet(['LITERAL+']).has('LITERAL-')).toBe(true);
  });
});
