import { utf8Bytes } from '@posthorn/core';
import { scanMessage } from '@posthorn/mime';
import { octetByOctet } from '@posthorn/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutExtension } from '../src/fetch/fetch-plan.ts';
import { HeaderEndFinder } from '../src/fetch/header-end.ts';
import { deliver, loggedIn, type RawClient, testServer } from './harness.ts';

const INNER = 'From: inner@example.com\r\nSubject: Inner\r\n\r\nInner text\r\n';
const MIXED = [
  'From: outer@example.com',
  'Subject: Outer',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  'preamble',
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Description: first',
  '',
  'First part',
  '--b',
  'Content-Type: message/rfc822',
  '',
  INNER,
  '--b--',
  '',
].join('\r\n');

async function client(): Promise<RawClient> {
  const server = testServer();
  await deliver(await server.account(), ['INBOX'], MIXED);
  const raw = await loggedIn(server);
  await raw.run('SELECT INBOX');
  return raw;
}

/** The octets of one section. */
async function section(raw: RawClient, name: string): Promise<string | undefined> {
  const [line = ''] = await raw.run(`FETCH 1 BODY.PEEK[${name}]`);
  const literal = /^\* 1 FETCH \(BODY\[[^\]]*\](?:<\d+>)? \{(\d+)\}(.*)\)$/s.exec(line);
  if (literal === null) return undefined;
  expect(literal[2]).toHaveLength(Number(literal[1]));
  return literal[2];
}

test.each([
  ['', MIXED],
  ['HEADER', MIXED.slice(0, MIXED.indexOf('preamble'))],
  ['TEXT', MIXED.slice(MIXED.indexOf('preamble'))],
  ['HEADER.FIELDS (subject X-None)', 'Subject: Outer\r\n\r\n'],
  ['1', 'First part'],
  ['1.MIME', 'Content-Type: text/plain; charset=utf-8\r\nContent-Description: first\r\n\r\n'],
  ['2', INNER],
  ['2.MIME', 'Content-Type: message/rfc822\r\n\r\n'],
  ['2.HEADER', INNER.slice(0, INNER.indexOf('Inner text'))],
  ['2.HEADER.FIELDS (SUBJECT)', 'Subject: Inner\r\n\r\n'],
  ['2.HEADER.FIELDS.NOT (SUBJECT)', 'From: inner@example.com\r\n\r\n'],
  ['2.TEXT', 'Inner text\r\n'],
  ['2.1', 'Inner text\r\n'],
  ['1.HEADER', undefined],
  ['3', undefined],
  ['1.1', undefined],
])('BODY[%s] (RFC 9051 section 6.4.5.1)', async (name, expected) => {
  expect(await section(await client(), name)).toBe(expected);
});

test('partial sections are cut at the end of the section (RFC 9051 section 6.4.5)', async () => {
  const raw = await client();
  const partial = async (name: string): Promise<string | undefined> => (await raw.run(`FETCH 1 BODY.PEEK[${name}`))[0];
  expect(await partial('1]<6.100>')).toBe('* 1 FETCH (BODY[1]<6> {4}part)');
  expect(await partial('2.TEXT]<0.5>')).toBe('* 1 FETCH (BODY[2.TEXT]<0> {5}Inner)');
  expect(await partial('1]<10.5>')).toBe('* 1 FETCH (BODY[1]<10> {0})');
  expect(await partial('1]<4294967295.4294967295>')).toBe('* 1 FETCH (BODY[1]<4294967295> {0})');
  expect(await partial('3]<0.5>')).toBe('* 1 FETCH (BODY[3]<0> NIL)');
});

test('many sections at once, the same as one by one', async () => {
  const raw = await client();
  const names = ['', 'HEADER', 'TEXT', '1', '1.MIME', '2', '2.HEADER', '2.TEXT'];
  const [line = ''] = await raw.run(`FETCH 1 (${names.map((name) => `BODY.PEEK[${name}]`).join(' ')})`);
  for (const name of names) {
    const alone = await section(raw, name);
    expect(line).toContain(`BODY[${name}] {${alone!.length}}`);
    expect(line).toContain(alone);
  }
});

test('the header ends where the structure says, however the octets are cut', () => {
  const text = fc.array(fc.constantFrom('\r', '\n', '\r\n', '\r\n\r\n', 'A: b', ' x', ':'), { maxLength: 12 });
  fc.assert(
    fc.property(text, (pieces) => {
      const bytes = utf8Bytes(pieces.join(''));
      const { end } = scanMessage(bytes).header;
      expect(new HeaderEndFinder().push(bytes) ?? bytes.length).toBe(end);
      const finder = new HeaderEndFinder();
      let found: number | undefined;
      for (const octet of octetByOctet(bytes)) found ??= finder.push(octet);
      expect(found ?? bytes.length).toBe(end);
    }),
    { numRuns: 500 },
  );
});

test('BODY has no extension data, at any depth', () => {
  const { bodyStructure } = scanMessage(utf8Bytes(MIXED));
  expect(JSON.stringify(withoutExtension(bodyStructure))).not.toMatch(/md5|disposition|language|location/);
});
