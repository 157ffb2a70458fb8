import type { Uid } from '@posthorn/core';
import { mailboxName } from '@posthorn/mailbox-name';
import { describe, expect, it } from 'vitest';
import {
  type ExtensionCommand,
  type ExtensionData,
  extensionCommand,
  extensionResponse,
} from '../../src/extensions.ts';
import { octets } from '../feed.ts';
import { expectExtension, expectExtensionData, readExtensionData, readExtensionText } from '../round-trip.ts';

const INBOX = mailboxName('INBOX');
const URL1 = 'imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred';

describe('commands', () => {
  it.each<[string, ExtensionCommand]>([
    // RFC 5255 section 3.2
    ['LANGUAGE', { name: 'LANGUAGE', languages: [] }],
    ['LANGUAGE FR-CA EN-CA default', { name: 'LANGUAGE', languages: ['FR-CA', 'EN-CA', 'default'] }],
    // RFC 5255 section 4.7
    ['COMPARATOR', { name: 'COMPARATOR', comparators: [] }],
    ['COMPARATOR "cz;*;*" i;basic', { name: 'COMPARATOR', comparators: ['cz;*;*', 'i;basic'] }],
    ['PROXYAUTH joe', { name: 'PROXYAUTH', user: 'joe' }],
    ['GETJMAPACCESS', { name: 'GETJMAPACCESS' }],
    ['UIDBATCHES 2000', { name: 'UIDBATCHES', size: 2000 }],
    ['UIDBATCHES 2000 10:20', { name: 'UIDBATCHES', size: 2000, range: { first: 10, last: 20 } }],
    ['XLIST "" *', { name: 'XLIST', reference: mailboxName(''), pattern: mailboxName('*') }],
    // RFC 2193 section 4
    ['RLIST "" %', { name: 'RLIST', reference: mailboxName(''), pattern: mailboxName('%') }],
    ['RLSUB #shared/ "a b"', { name: 'RLSUB', reference: mailboxName('#shared/'), pattern: mailboxName('a b') }],
    // RFC 4467 section 10
    [
      `GENURLAUTH ${URL1} INTERNAL /a INTERNAL`,
      {
        name: 'GENURLAUTH',
        urls: [
          { url: URL1, mechanism: 'INTERNAL' },
          { url: '/a', mechanism: 'INTERNAL' },
        ],
      },
    ],
    [`URLFETCH ${URL1} "a b"`, { name: 'URLFETCH', urls: [URL1, 'a b'] }],
    ['RESETKEY', { name: 'RESETKEY' }],
    ['RESETKEY INBOX', { name: 'RESETKEY', mailbox: INBOX, mechanisms: [] }],
    ['RESETKEY INBOX XSAMPLE INTERNAL', { name: 'RESETKEY', mailbox: INBOX, mechanisms: ['XSAMPLE', 'INTERNAL'] }],
    // draft-daboo-imap-annotatemore-05 section 6
    [
      'GETANNOTATION INBOX "/comment" "value.priv"',
      { name: 'GETANNOTATION', mailbox: INBOX, entries: ['/comment'], attributes: ['value.priv'] },
    ],
    [
      'GETANNOTATION * ("/*" "/%") ("value.priv" "value.shared")',
      {
        name: 'GETANNOTATION',
        mailbox: mailboxName('*'),
        entries: ['/*', '/%'],
        attributes: ['value.priv', 'value.shared'],
      },
    ],
    [
      'SETANNOTATION INBOX "/comment" ("value.priv" "My comment" "value.shared" NIL)',
      {
        name: 'SETANNOTATION',
        mailbox: INBOX,
        annotations: [
          {
            entry: '/comment',
            attributes: new Map([
              ['value.priv', 'My comment'],
              ['value.shared', null],
            ]),
          },
        ],
      },
    ],
    [
      'SETANNOTATION INBOX ("/a" ("value.priv" "x") "/b" ("value.priv" "y"))',
      {
        name: 'SETANNOTATION',
        mailbox: INBOX,
        annotations: [
          { entry: '/a', attributes: new Map([['value.priv', 'x']]) },
          { entry: '/b', attributes: new Map([['value.priv', 'y']]) },
        ],
      },
    ],
  ])('%s', (text, value) => expectExtension(text, value, text));

  it.each([
    'PROXYAUTH',
    'UIDBATCHES',
    'UIDBATCHES 0',
    'UIDBATCHES 5 1',
    'UIDBATCHES 5 1:*',
    'GETJMAPACCESS x',
    'XLIST ""',
    'GENURLAUTH a',
    'GENURLAUTH',
    'URLFETCH',
    'RESETKEY INBOX (',
    'GETANNOTATION INBOX "/a"',
    'GETANNOTATION INBOX () "a"',
    'SETANNOTATION INBOX "/a"',
    'SETANNOTATION INBOX ()',
    'SETANNOTATION INBOX "/a" ()',
    'LANGUAGE (',
  ])('%s is malformed', (text) => {
    expect(readExtensionText(text)).toMatchObject({ type: 'malformed' });
  });

  it('are refused where they cannot be sent', () => {
    const commands: readonly ExtensionCommand[] = [
      { name: 'UIDBATCHES', size: 0 },
      { name: 'UIDBATCHES', size: 1, range: { first: 0, last: 1 } },
      { name: 'GENURLAUTH', urls: [] },
      { name: 'GENURLAUTH', urls: [{ url: 'a', mechanism: 'B C' }] },
      { name: 'URLFETCH', urls: [] },
      { name: 'RESETKEY', mailbox: INBOX, mechanisms: ['a\r\nb'] },
      { name: 'GETANNOTATION', mailbox: INBOX, entries: [], attributes: ['a'] },
      { name: 'GETANNOTATION', mailbox: INBOX, entries: ['a'], attributes: [] },
      { name: 'SETANNOTATION', mailbox: INBOX, annotations: [] },
      { name: 'SETANNOTATION', mailbox: INBOX, annotations: [{ entry: 'a', attributes: new Map() }] },
    ];
    for (const command of commands) expect(() => extensionCommand(command)).toThrow(RangeError);
  });
});

describe('responses', () => {
  it.each<[string, ExtensionData]>([
    // RFC 5255 section 3.3 and section 4.8
    ['LANGUAGE (DE)', { type: 'language', languages: ['DE'] }],
    ['LANGUAGE (EN DE IT i-default)', { type: 'language', languages: ['EN', 'DE', 'IT', 'i-default'] }],
    ['COMPARATOR i;basic', { type: 'comparator', active: 'i;basic' }],
    [
      'COMPARATOR i;unicode-casemap (i;basic i;octet)',
      { type: 'comparator', active: 'i;unicode-casemap', matching: ['i;basic', 'i;octet'] },
    ],
    // RFC 9698 section 5
    ['JMAPACCESS "https://example.com/.s/[jmap]"', { type: 'jmapAccess', url: 'https://example.com/.s/[jmap]' }],
    [
      'UIDBATCHES (TAG "A143") 215295:99696,99695:20351,7829:7829',
      {
        type: 'uidBatches',
        tag: 'A143',
        batches: [
          [215295, 99696],
          [99695, 20351],
          [7829, 7829],
        ].map(([first, last]) => ({ first: first as Uid, last: last as Uid })),
      },
    ],
    ['UIDBATCHES (TAG "A144")', { type: 'uidBatches', tag: 'A144', batches: [] }],
    [
      `GENURLAUTH ${URL1}:internal:91354a473744909de610943775f92038`,
      { type: 'signedUrls', urls: [`${URL1}:internal:91354a473744909de610943775f92038`] },
    ],
    [
      'ANNOTATION INBOX "/comment" ("value.priv" "My comment")',
      {
        type: 'mailboxAnnotation',
        mailbox: INBOX,
        annotations: [{ entry: '/comment', attributes: new Map([['value.priv', 'My comment']]) }],
      },
    ],
    [
      'ANNOTATION "" "/a" ("b" NIL) "/c" ("d" "e")',
      {
        type: 'mailboxAnnotation',
        mailbox: mailboxName(''),
        annotations: [
          { entry: '/a', attributes: new Map([['b', null]]) },
          { entry: '/c', attributes: new Map([['d', 'e']]) },
        ],
      },
    ],
    [
      'ANNOTATION INBOX "/comment"',
      { type: 'mailboxAnnotation', mailbox: INBOX, annotations: [{ entry: '/comment', attributes: new Map() }] },
    ],
  ])('%s', (text, value) => expectExtensionData(text, value));

  it('gives the octets of URLs', () => {
    const urls = [
      { url: '/a', data: octets('hi\0\xff') },
      { url: '/b', data: null },
      { url: '/c', data: octets('') },
    ];
    expectExtensionData('URLFETCH /a {4}\r\nhi\0\xff /b NIL /c {0}\r\n', { type: 'urlData', urls });
    expect(readExtensionData('URLFETCH "/a" "x\\"y"')).toEqual({
      type: 'urlData',
      urls: [{ url: '/a', data: octets('x"y') }],
    });
  });

  it.each([
    'LANGUAGE',
    'LANGUAGE DE',
    'COMPARATOR',
    'JMAPACCESS',
    'UIDBATCHES',
    'UIDBATCHES (TAG)',
    'UIDBATCHES (TAG "a") 0:1',
    'UIDBATCHES (TAG "a") 5:',
    'GENURLAUTH',
    'URLFETCH /a',
    'ANNOTATION INBOX',
    'ANNOTATION INBOX /a ()',
  ])('%s is malformed', (text) => {
    expect(readExtensionData(text)).toMatchObject({ type: 'malformed' });
  });

  it('are refused where they cannot be sent', () => {
    const data: readonly ExtensionData[] = [
      { type: 'signedUrls', urls: [] },
      { type: 'urlData', urls: [] },
      { type: 'mailboxAnnotation', mailbox: INBOX, annotations: [] },
      { type: 'uidBatches', tag: 'a', batches: [{ first: 0 as Uid, last: 1 as Uid }] },
    ];
    for (const value of data) expect(() => extensionResponse(value)).toThrow(RangeError);
  });
});
