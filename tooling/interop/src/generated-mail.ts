import fc from 'fast-check';

/**
 * Messages as mailers, bad mailers and nobody writes them, in a few lines each: structures within structures, fields
 * that are folded, missing, repeated or broken. Octets are written as ISO 8859-1.
 */
export function generatedMail(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(field(), { maxLength: 6 }), entity(3))
    .map(([fields, body]) => [...fields, ...body].join('\r\n'));
}

const ADDRESSES = fc.constantFrom(
  'a@example.org',
  'Ann <a@example.org>',
  '"Quoted, \\"Name\\"" <q@example.org>',
  'a@example.org (comment)',
  '<a@example.org>, b@example.org,\r\n c@example.org',
  'team: a@example.org, B <b@example.org>;, c@example.org',
  'none:;',
  '=?utf-8?q?J=C3=B6rg?= <j@example.org>',
  '<@route.example,@other:user@example.org>',
  'no at sign',
  '',
  '   ',
  ',,a@example.org,',
);

function field(): fc.Arbitrary<string> {
  return fc.oneof(
    fc
      .tuple(fc.constantFrom('From', 'to', 'CC', 'Bcc', 'Sender', 'Reply-To'), ADDRESSES)
      .map((pair) => pair.join(': ')),
    fc.constantFrom(
      'Subject: hello',
      'Subject:no space',
      'Subject: folded\r\n over\r\n\tlines',
      'Subject: with "quotes" and \\backslashes\\',
      'Subject: \xc3\xa4 in UTF-8',
      'Date: Sat, 24 Mar 2007 23:00:00 +0200',
      'Date: whenever',
      'Message-ID: <a@b>',
      'Message-ID: <a@b> <c@d>',
      'In-Reply-To: <x@y>\r\n <z@y>',
      'X-Other: words',
    ),
  );
}

const TEXT_FIELDS = fc.constantFrom<readonly string[]>(
  [],
  ['Content-Type: text/plain'],
  ['Content-Type: TEXT/Html; Charset="UTF-8"; format=flowed'],
  ['Content-Type: text/plain; charset=us-ascii; name="a b.txt"', 'Content-Transfer-Encoding: Quoted-Printable'],
  ['Content-Type: image/png; name=x.png', 'Content-Disposition: attachment; filename="x.png"; size=7'],
  ['Content-Type: application/octet-stream', 'Content-Transfer-Encoding: base64', 'Content-ID: <id@x>'],
  ['Content-Type: text/plain', 'Content-Description: some words', 'Content-Language: en, de'],
  ['Content-Type: text/plain', 'Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==', 'Content-Location: http://example.org/'],
  ['Content-Disposition: inline'],
);
const LINES = fc.array(fc.constantFrom('', 'text', '--', '-- ', ' --b1', '.', 'Subject: not a field', 'AAAA'), {
  maxLength: 4,
});

function leaf(): fc.Arbitrary<readonly string[]> {
  return fc.tuple(TEXT_FIELDS, LINES).map(([fields, lines]) => [...fields, '', ...lines, '']);
}

function entity(depth: number): fc.Arbitrary<readonly string[]> {
  if (depth === 0) return leaf();
  const parts = fc.array(entity(depth - 1), { minLength: 1, maxLength: 3 });
  const multipart = fc
    .tuple(fc.constantFrom('mixed', 'ALTERNATIVE', 'digest', 'signed; protocol="x/y"'), parts, fc.boolean(), LINES)
    .map(([subtype, bodies, isClosed, around]) => {
      const boundary = `b${depth}`;
      const open = [`Content-Type: multipart/${subtype};`, `\tboundary="${boundary}"`, '', ...around];
      return [
        ...open,
        ...bodies.flatMap((body) => [`--${boundary}`, ...body]),
        ...(isClosed ? [`--${boundary}--`, ''] : []),
      ];
    });
  const nested = fc
    .tuple(fc.array(field(), { maxLength: 3 }), entity(depth - 1))
    .map(([fields, body]) => ['Content-Type: message/rfc822', '', ...fields, ...body]);
  return fc.oneof(
    { weight: 2, arbitrary: leaf() },
    { weight: 2, arbitrary: multipart },
    { weight: 1, arbitrary: nested },
  );
}
