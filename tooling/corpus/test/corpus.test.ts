import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type CorpusMessage, generateMailboxes, generateMessages } from '../src/index.ts';

const messages = [...generateMessages({ seed: 7, count: 600 })];
const texts = messages.map(({ bytes }) => new TextDecoder('latin1').decode(bytes));

function digest(list: Iterable<CorpusMessage>): string {
  const hash = createHash('sha256');
  for (const { bytes, flags, internalDate } of list) {
    hash.update(bytes).update(JSON.stringify([flags, internalDate.epochSeconds, internalDate.offsetMinutes]));
  }
  return hash.digest('hex');
}

describe('generateMessages', () => {
  test('gives the same mail for a seed, pinned so that every machine agrees', () => {
    expect(digest(generateMessages({ seed: 1, count: 50 }))).toBe(
      '0eed2c9b63f054ed93a5980325b8a7faa05de9fbb05588c6deae9aba9b2f5ded',
    );
    expect(digest(generateMessages({ seed: 2, count: 50 }))).not.toBe(digest(generateMessages({ seed: 1, count: 50 })));
  });

  test('is lazy', () => {
    const [first] = generateMessages({ seed: 1, count: Number.MAX_SAFE_INTEGER });
    expect(first?.bytes.length).toBeGreaterThan(100);
  });

  test('writes CRLF line ends alone, short lines, and a header that ends', () => {
    for (const text of texts) {
      expect(/(?<!\r)\n|\r(?!\n)/.test(text)).toBe(false);
      expect(text).toContain('\r\n\r\n');
      expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    }
  });

  test.each([
    'Subject: =?iso-8859-1?Q?',
    '=?utf-8?B?',
    '=?koi8-r?',
    '=?iso-2022-jp?',
    '=?windows-1252?',
    'multipart/alternative',
    'multipart/related',
    'multipart/signed',
    'message/rfc822',
    "*0*=utf-8''",
    'Content-Transfer-Encoding: 8bit',
    'Content-Transfer-Encoding: base64',
    'In-Reply-To: <',
    'List-Id: ',
    'undisclosed-recipients:;',
    'The crew: ',
    '+0545',
    '-0330',
  ])('holds %s', (needle) => {
    expect(texts.some((text) => text.includes(needle))).toBe(true);
  });

  test('has empty bodies, raw UTF-8 headers, flags and keywords in some messages', () => {
    expect(texts.some((text) => text.endsWith('\r\n\r\n'))).toBe(true);
    expect(texts.some((text) => /[\x80-\xff]/.test(text.slice(0, text.indexOf('\r\n\r\n'))))).toBe(true);
    const flags = new Set(messages.flatMap((message) => message.flags));
    for (const flag of ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft', '$Forwarded'])
      expect(flags).toContain(flag);
  });

  test.each([
    ['realistic', 4_000, 14_000, 200_000],
    ['small', 800, 4_000, 8_000],
  ] as const)('has the sizes of %s mail', (size, low, high, tail) => {
    const sizes = [...generateMessages({ seed: 3, count: 400, size })].map(({ bytes }) => bytes.length);
    sizes.sort((left, right) => left - right);
    expect(sizes[200]).toBeGreaterThan(low);
    expect(sizes[200]).toBeLessThan(high);
    expect(sizes.at(-1)).toBeGreaterThan(tail);
  });

  test('names no domain but those set aside for examples', () => {
    for (const text of texts) {
      for (const [, domain] of text.matchAll(/@([\w-]+(?:\.[\w-]+)+)/g))
        expect(domain).toMatch(/(^|\.)example(\.(org|com|net))?$/);
    }
  });
});

describe('generateMailboxes', () => {
  test('makes an account with names in several scripts', () => {
    const account = generateMailboxes({ seed: 1, size: 'small' });
    expect(account.map(({ path }) => path.join('/'))).toEqual(['INBOX', 'Archive/2024', 'Entwürfe', '日本語', 'R&D']);
    expect(account.reduce((sum, mailbox) => sum + mailbox.messages.length, 0)).toBe(200);
    for (const { messages: own } of account) expect(own.length).toBeGreaterThan(0);
  });

  test('makes as many mailboxes and messages as asked', () => {
    const account = generateMailboxes({ seed: 1, size: 'small', mailboxes: 14, messages: 100 });
    expect(new Set(account.map(({ path }) => path.join('/'))).size).toBe(14);
    expect(account.reduce((sum, mailbox) => sum + mailbox.messages.length, 0)).toBe(100);
    expect(generateMailboxes({ seed: 1, mailboxes: 1, messages: 0 })[0]?.messages).toEqual([]);
  });
});
