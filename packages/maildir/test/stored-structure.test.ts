import { scanMessage } from '@posthorn/mime';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeStructure, encodeStructure, type Structure } from '../src/mailbox/stored-structure.ts';

const structureOf = (bytes: Uint8Array): Structure => {
  const { envelope, bodyStructure, references = null } = scanMessage(bytes);
  return { envelope, bodyStructure, references };
};
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const MAIL = [
  'From: "Ada L." <ada@example.org>',
  'To: bob@example.org, Carol <carol@example.org>',
  'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
  'Message-ID: <1@example.org>',
  'References: <0@example.org>',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'Hello.',
  '--b',
  'Content-Type: message/rfc822',
  'Content-Disposition: attachment; filename=inner.eml',
  '',
  'From: eve@example.org',
  '',
  'Inner.',
  '--b--',
].join('\r\n');

it('gives back what one pass over a message found, whole or the header alone', () => {
  const structure = structureOf(bytesOf(MAIL));
  const stored = encodeStructure(structure);
  expect(decodeStructure(stored, true)).toEqual(structure);
  expect(decodeStructure(stored, false)).toEqual({ ...structure, bodyStructure: undefined });
  expect(stored.length).toBeLessThan(JSON.stringify(structure).length / 2);
});

it('gives back a header alone', () => {
  const header = { ...structureOf(bytesOf('From: a@b\r\nReferences: <x@y>\r\n\r\n')), bodyStructure: undefined };
  expect(decodeStructure(encodeStructure(header), true)).toEqual(header);
});

it('gives back odd addresses, fields and parts', () => {
  const field = fc.constantFrom(
    'From: undisclosed:;',
    'From: "A, \\"B\\"" <@x,@y:a@b>, group: c@d, e;',
    'Sender: <>',
    'Reply-To: f@g',
    'Subject: =?utf-8?q?x?= \u2028 "\\ ü',
    'References: <a@b>\r\n <c@d>',
    'Content-Type: message/rfc822',
    'Content-Type: multipart/mixed; boundary=b; x=""',
    "Content-Type: text/html; charset=utf-8; name*=utf-8''%00",
    'Content-Type: message/global',
    'Content-Type: nonsense',
    'Content-Disposition: attachment; filename="a\\"b"',
    'Content-Language: de, en',
    'Content-Location: http://example.org/',
    'Content-MD5: abc',
    'Content-ID: <1>',
    'Content-Description: ',
    'Content-Transfer-Encoding: BASE64',
    '',
    '--b',
    '--b--',
    'text',
  );
  fc.assert(
    fc.property(fc.array(field, { maxLength: 24 }), (lines) => {
      const structure = structureOf(bytesOf(lines.join('\r\n')));
      expect(decodeStructure(encodeStructure(structure), true)).toEqual(structure);
    }),
  );
});
