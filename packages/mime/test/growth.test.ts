/** Double the input, about double the time: no message can make reading it slow. */
import type { BodyParameters, TextBody } from '@posthorn/core';
import { processorMilliseconds } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import {
  decodeParameters,
  decodeTransfer,
  decodeWords,
  listAttachments,
  parseAddressList,
  parseHeader,
  previewText,
  scanMessage,
} from '../src/index.ts';
import { octets } from './text.ts';

type Work = (count: number) => unknown;

const UNLIMITED = { maxParts: 1e9, maxHeaderBytes: 1e9 };
const scan = (make: (count: number) => string): Work => {
  return (count) => scanMessage(octets(make(count)), UNLIMITED);
};
const preview = (subtype: string, make: (count: number) => string): Work => {
  const body = scanMessage(octets(`Content-Type: text/${subtype}\r\n\r\n`)).bodyStructure as TextBody;
  return (count) => previewText(octets(make(count)), body);
};
const MULTIPART = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n';
const nested = (count: number): string => {
  const levels = Array.from(
    { length: count / 100 },
    (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
  );
  return levels.join('');
};

const families: Readonly<Record<string, Work>> = {
  parts: scan((count) => `${MULTIPART}${'--b\r\n\r\nx\r\n'.repeat(count)}`),
  'nested multiparts': scan(nested),
  'messages within messages': scan((count) => 'Content-Type: message/rfc822\r\n\r\n'.repeat(count)),
  'lines that begin like boundaries': scan((count) => `${MULTIPART}${'--c\r\n'.repeat(count * 10)}`),
  fields: scan((count) => 'a: b\r\n'.repeat(count * 10)),
  'folds of a field': scan((count) => `Subject: a${'\r\n b'.repeat(count * 10)}`),
  parameters: scan((count) => `Content-Type: text/plain${'; a=b'.repeat(count)}`),
  'parameter sections': scan((count) => {
    return `Content-Type: text/plain${Array.from({ length: count }, (_, index) => `; a*${index}=b`).join('')}`;
  }),
  addresses: (count) => parseAddressList(octets('a@b,'.repeat(count * 10))),
  'open comments': (count) => parseAddressList(octets('('.repeat(count * 10))),
  'open quotes': (count) => parseAddressList(octets('"\\'.repeat(count * 10))),
  'field lines': (count) => parseHeader(octets('a\r\n b\r\n'.repeat(count * 4))),
  base64: (count) => decodeTransfer(octets('QUJD\r\n'.repeat(count * 20)), 'base64'),
  'broken base64': (count) => decodeTransfer(octets('Q-='.repeat(count * 20)), 'base64'),
  'quoted-printable': (count) => decodeTransfer(octets('=41=\r\n'.repeat(count * 20)), 'quoted-printable'),
  'broken quoted-printable': (count) => decodeTransfer(octets('= \r'.repeat(count * 20)), 'quoted-printable'),
  'spaces of quoted-printable': (count) => decodeTransfer(octets(' '.repeat(count * 40)), 'quoted-printable'),
  'encoded words': (count) => decodeWords('=?utf-8?Q?=C3=A9?= '.repeat(count)),
  'encoded words in many charsets': (count) => decodeWords('=?utf-8?Q?a?= =?koi8-r?Q?a?= '.repeat(count)),
  'open encoded words': (count) => decodeWords('=?a?q?'.repeat(count * 10)),
  'marks of encoded words': (count) => decodeWords('=?'.repeat(count * 10)),
  'spaces behind encoded words': (count) => decodeWords(`=?utf-8?Q?a?=${' '.repeat(count * 20)}b`),
  'sections to decode': (count) => {
    const parameters: BodyParameters = Array.from({ length: count }, (_, index) => [`a*${index}*`, '%41']);
    return decodeParameters(parameters);
  },
  attachments: (count) => {
    const { bodyStructure } = scanMessage(
      octets(`${MULTIPART}${'--b\r\nContent-Type: a/b; name=c\r\n\r\n'.repeat(count)}`),
      UNLIMITED,
    );
    return listAttachments(bodyStructure);
  },
  'quoted lines': preview('plain', (count) => '> a\r\n'.repeat(count * 10)),
  'white space': preview('plain', (count) => ' '.repeat(count * 20)),
  tags: preview('html', (count) => '<p>'.repeat(count * 10)),
  'open tags': preview('html', (count) => '<a '.repeat(count * 10)),
  'open angles': preview('html', (count) => '<'.repeat(count * 10)),
  'open attributes': preview('html', (count) => '<a b="'.repeat(count * 10)),
  'spaces of attributes': preview('html', (count) => `<a b${'= '.repeat(count * 10)}`),
  'open comments in HTML': preview('html', (count) => '<!--'.repeat(count * 10)),
  styles: preview('html', (count) => '<style></style>'.repeat(count * 4)),
  ampersands: preview('html', (count) => `<p hidden>${'&#'.repeat(count * 10)}`),
};

function cost(work: Work, count: number): number {
  const start = processorMilliseconds();
  work(count);
  return processorMilliseconds() - start;
}

describe('growth', () => {
  it.each(Object.entries(families))('of %s', { retry: 4, timeout: 60_000 }, (_, work) => {
    cost(work, 1_000);
    const [small, large] = [cost(work, 4_000), cost(work, 32_000)];
    // Eight times the input; squares would take sixty-four times as long.
    expect(large).toBeLessThan(30 * Math.max(small, 4));
  });
});
