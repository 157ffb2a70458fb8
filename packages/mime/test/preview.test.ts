import type { TextBody } from '@posthorn/core';
import { generateMessages } from '@posthorn/corpus';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPreviewPart, type PreviewOptions, previewText, scanMessage, sectionRange } from '../src/index.ts';
import { octets } from './text.ts';

function previewOf(message: Uint8Array, options?: PreviewOptions): string | undefined {
  const scanned = scanMessage(message);
  const found = findPreviewPart(scanned.bodyStructure);
  if (found === undefined) return undefined;
  const { start, end } = sectionRange(scanned, found.part)!;
  return previewText(message.subarray(start, end), found.body, options);
}

const mime = (type: string, body: string): Uint8Array => octets(`Content-Type: ${type}\r\n\r\n${body}`);
const parts = (subtype: string, ...bodies: readonly string[]): Uint8Array =>
  mime(`multipart/${subtype}; boundary=b`, `${bodies.map((body) => `--b\r\n${body}\r\n`).join('')}--b--\r\n`);

const PLAIN = '\r\nplain';
const HTML = 'Content-Type: text/html\r\n\r\n<p>html';

describe('the part', () => {
  it.each([
    ['the message', octets('\r\nplain'), 'plain'],
    ['of alternatives the plain one', parts('alternative', HTML, PLAIN), 'plain'],
    ['of alternatives the only one', parts('alternative', HTML), 'html'],
    ['the first, not a footer in plain text', parts('mixed', HTML, '\r\nfooter'), 'html'],
    ['no attachment', parts('mixed', 'Content-Disposition: attachment\r\n\r\nattached', PLAIN), 'plain'],
    ['what comes behind a picture', parts('mixed', 'Content-Type: image/png\r\n\r\nx', PLAIN), 'plain'],
    ['nothing of a picture', mime('image/png', 'x'), undefined],
    ['nothing of a message within', mime('message/rfc822', '\r\ninner'), undefined],
  ])('is %s', (_, message, preview) => {
    expect(previewOf(message)).toBe(preview);
  });
});

describe('plain text', () => {
  it.each([
    ['one line', '  a\r\n\tb  \r\n\r\nc \0 d', 'a b c d'],
    ['no quoted lines', 'a\r\n> b\r\n>c\r\nd > e', 'a d > e'],
    ['quoted lines where there is nothing else', '> a\r\n>> b\r\n', '>a b'],
    ['nothing', ' \r\n', ''],
    ['without characters that take no room', 'a\xc2\xadb\xe2\x80\x8b\xef\xbb\xbfc\xcd\x8f', 'abc'],
  ])('%s', (_, body, preview) => {
    expect(previewOf(mime('text/plain; charset=utf-8', body))).toBe(preview);
  });

  it('is decoded', () => {
    const message = octets(
      'Content-Type: text/plain; charset=iso-8859-2\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=B1=\r\n=E6',
    );
    expect(previewOf(message)).toBe('ąć');
    expect(previewOf(octets('MIME-Version: 1.0\r\nContent-Transfer-Encoding: x-uue\r\n\r\nabc'))).toBe('');
  });
});

describe('HTML', () => {
  it.each([
    ['<p>Hello&nbsp;<b>w</b>orld &amp; &eacute;&#8364;&#x20AC;</p>', 'Hello world & é€€'],
    ['<head><title>T</title><style>p > a { }</style></head><body>a<br>b<p>c</body>', 'a b c'],
    ['a<script>if (x</y/.z) "</p>"</script >b', 'a b'],
    ['a<!-- <p> -- > -->b<!DOCTYPE x>c', 'abc'],
    ['own<blockquote>quoted<blockquote>more</blockquote>quoted</blockquote>own', 'own own'],
    ['<blockquote>all quoted</blockquote>', 'all quoted'],
    ['</blockquote>a', 'a'],
    ['<a title="x > y" href=\'>\'>link</a>', 'link'],
    ['1 < 2 <3 << 4', '1 < 2 <3 << 4'],
    ['a<p', 'a'],
    ['a<!-- b', 'a'],
    ['a<style>b', 'a'],
    ['a<a href="b>c', 'a'],
    ['&unknown; &amp &#0;&#x110000; &EACUTE;', '&unknown; & \ufffd\ufffd é'],
    ['İ<B>a</B><STYLE>x</STYLE>', 'İa'],
    ['a &lt;b&gt; c', 'a <b> c'],
  ])('%s', (html, preview) => {
    expect(previewOf(octets(`Content-Type: text/html\r\n\r\n${Buffer.from(html).toString('latin1')}`))).toBe(preview);
  });
});

describe('the length', () => {
  it('is bounded in characters, and no space is at the end', () => {
    const message = mime('text/plain; charset=utf-8', Buffer.from('\u{1f355} '.repeat(300)).toString('latin1'));
    const preview = previewOf(message)!;
    expect([...preview]).toHaveLength(199);
    expect([...previewOf(message, { maxCharacters: 256 })!]).toHaveLength(255);
    expect(previewOf(message, { maxCharacters: 0 })).toBe('');
    expect(() => previewOf(message, { maxCharacters: 257 })).toThrow(RangeError);
  });

  it('does not matter to where the part is cut', () => {
    const body: TextBody = scanMessage(mime('text/plain; charset=utf-8', '')).bodyStructure as TextBody;
    const bytes = Buffer.from('héllo wörld \u{1f355}!');
    for (let end = 0; end <= bytes.length; end++) {
      const preview = previewText(bytes.subarray(0, end), body);
      expect('héllo wörld \u{1f355}!'.startsWith(preview)).toBe(true);
    }
  });
});

it('is short, of one line, and never throws, whatever the message is', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '<p',
    '</',
    '<!--',
    '-->',
    '"',
    "'",
    '=',
    '&',
    '&amp',
    ';',
    'a',
    ' ',
    '\r\n',
    '<style>',
    '\xff',
  );
  fc.assert(
    fc.property(fc.constantFrom('html', 'plain'), fc.array(piece, { maxLength: 60 }), (subtype, pieces) => {
      const preview = previewOf(mime(`text/${subtype}`, pieces.join('')))!;
      expect(preview).toMatch(/^(\S( ?\S)*)?$/u);
    }),
  );
  for (const { bytes } of generateMessages({ seed: 3, count: 60, size: 'small' })) {
    expect([...(previewOf(bytes) ?? '')].length).toBeLessThanOrEqual(200);
  }
});
