import type { ImapDate, ModSeq } from '@posthorn/core';
import { mailboxName } from '@posthorn/mailbox-name';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ExtensionCommand,
  type ExtensionData,
  extensionCommand,
  extensionResponse,
  type RawCommand,
  readExtension,
  readExtensionCommand,
  type SearchKey,
} from '../src/extensions.ts';
import { encodeCommand, encodeResponse } from '../src/index.ts';
import { commands, concat, latin1, octets, response } from './feed.ts';

const INBOX = mailboxName('INBOX');
const set = (first: number, last: number | '*' = first) => ({ ranges: [{ first, last }] }) as never;
const date = (year: number, month: number, day: number): ImapDate => ({ year, month, day });

function read(text: string): ReturnType<typeof readExtension> {
  const event = response(`* ${text}\r\n`);
  if (event.type !== 'unknown') throw new Error(`expected an unknown response, not ${event.type}`);
  return readExtension(event);
}

describe('responses', () => {
  it.each<[string, ExtensionData]>([
    // RFC 9051 section 7.3.4
    ['ESEARCH (TAG "A282") MIN 2 COUNT 3', { type: 'extendedSearch', tag: 'A282', isUid: false, min: 2, count: 3 }],
    [
      'ESEARCH (TAG "a567") UID COUNT 17 ALL 4:18,21,28',
      {
        type: 'extendedSearch',
        tag: 'a567',
        isUid: true,
        count: 17,
        all: {
          ranges: [
            { first: 4, last: 18 },
            { first: 21, last: 21 },
            { first: 28, last: 28 },
          ],
        } as never,
      },
    ],
    ['ESEARCH (TAG "A283")', { type: 'extendedSearch', tag: 'A283', isUid: false }],
    ['ESEARCH', { type: 'extendedSearch', isUid: false }],
    // RFC 7162 section 3.1.10
    [
      'ESEARCH (TAG "a") ALL 1:3,5 MODSEQ 1236',
      {
        type: 'extendedSearch',
        tag: 'a',
        isUid: false,
        all: {
          ranges: [
            { first: 1, last: 3 },
            { first: 5, last: 5 },
          ],
        } as never,
        modSeq: 1236n as ModSeq,
      },
    ],
    // RFC 9394 section 3.1
    [
      'ESEARCH (TAG "A01") UID PARTIAL (-1:-100 NIL)',
      { type: 'extendedSearch', tag: 'A01', isUid: true, partial: { range: { first: -1, last: -100 }, set: null } },
    ],
    [
      'ESEARCH (TAG "A01") UID PARTIAL (1:100 200:250)',
      {
        type: 'extendedSearch',
        tag: 'A01',
        isUid: true,
        partial: { range: { first: 1, last: 100 }, set: set(200, 250) },
      },
    ],
    // RFC 7377 section 2.1
    [
      'ESEARCH (TAG "tag1" MAILBOX folder1 UIDVALIDITY 1) UID ALL 4001',
      {
        type: 'extendedSearch',
        tag: 'tag1',
        mailbox: mailboxName('folder1'),
        uidValidity: 1 as never,
        isUid: true,
        all: set(4001),
      },
    ],
    [
      'ESEARCH (TAG "a") X-NEW (1 "a")',
      { type: 'extendedSearch', tag: 'a', isUid: false, extended: [{ name: 'X-NEW', raw: octets('(1 "a")') }] },
    ],
    // RFC 5256 section 4
    ['SORT 2 84 882', { type: 'sort', numbers: [2, 84, 882] }],
    ['SORT', { type: 'sort', numbers: [] }],
    [
      'THREAD (2)(3 6 (4 23)(44 7 96))',
      {
        type: 'thread',
        threads: [
          { number: 2, children: [] },
          {
            number: 3,
            children: [
              {
                number: 6,
                children: [
                  { number: 4, children: [{ number: 23, children: [] }] },
                  { number: 44, children: [{ number: 7, children: [{ number: 96, children: [] }] }] },
                ],
              },
            ],
          },
        ],
      },
    ],
    [
      'THREAD ((3)(5))',
      {
        type: 'thread',
        threads: [
          {
            number: null,
            children: [
              { number: 3, children: [] },
              { number: 5, children: [] },
            ],
          },
        ],
      },
    ],
    // RFC 9208 section 4
    ['QUOTA "" (STORAGE 10 512)', { type: 'quota', root: '', resources: [{ name: 'STORAGE', usage: 10, limit: 512 }] }],
    ['QUOTAROOT INBOX "" comp.mail', { type: 'quotaRoot', mailbox: INBOX, roots: ['', 'comp.mail'] }],
    // RFC 4314 section 3
    [
      'ACL INBOX Fred rwipslxetad',
      { type: 'acl', mailbox: INBOX, entries: [{ identifier: 'Fred', rights: 'rwipslxetad' }] },
    ],
    ['MYRIGHTS INBOX rwiptsldaex', { type: 'myRights', mailbox: INBOX, rights: 'rwiptsldaex' }],
    [
      'LISTRIGHTS INBOX smith la r swicdkxte',
      { type: 'listRights', mailbox: INBOX, identifier: 'smith', required: 'la', optional: ['r', 'swicdkxte'] },
    ],
    // RFC 5464 section 4.4
    [
      'METADATA INBOX (/private/comment "My own comment" /shared/x NIL)',
      {
        type: 'metadata',
        mailbox: INBOX,
        names: ['/private/comment', '/shared/x'],
        values: new Map([
          ['/private/comment', 'My own comment'],
          ['/shared/x', null],
        ]),
      },
    ],
    ['METADATA "" /shared/comment', { type: 'metadata', mailbox: mailboxName(''), names: ['/shared/comment'] }],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected);
    const encoded = latin1(
      concat(
        encodeResponse(extensionResponse(expected)).flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : [])),
      ),
    );
    expect(read(encoded.slice(2, -2))).toEqual(expected);
  });

  it.each([
    'ESEARCH (TAG "a") ALL $',
    'THREAD ()',
    `THREAD ${'('.repeat(100_000)}`,
    'QUOTA "" (STORAGE x 5)',
    'ACL INBOX Fred',
    'METADATA INBOX (/a)',
  ])('%.40s is malformed', (text) => {
    expect(read(text)).toMatchObject({ type: 'malformed', diagnostics: [{ id: 'SYNTAX' }] });
  });

  it('reads a quota without its list, which Courier sends for a root that limits nothing', () => {
    expect(read('QUOTA "ROOT"')).toEqual({ type: 'quota', root: 'ROOT', resources: [] });
  });

  it('reads long chains', () => {
    const numbers = Array.from({ length: 20_000 }, (_, index) => index + 1).join(' ');
    expect(read(`THREAD (${numbers})`)).toMatchObject({ type: 'thread' });
  });

  it('leaves others alone', () => {
    expect(read('XYZZY 1')).toBeUndefined();
  });
});

describe('commands', () => {
  const decoded = (text: string): unknown => {
    const [event] = commands(`a ${text}\r\n`);
    if (event?.type !== 'command' || event.command.name !== 'X') throw new Error('expected an extension');
    return readExtensionCommand(event.command);
  };

  it.each<[string, ExtensionCommand]>([
    // RFC 9051 section 6.4.4
    [
      'SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM Smith',
      {
        name: 'SEARCH',
        isUid: false,
        key: {
          type: 'and',
          keys: [
            { type: 'flag', flag: '\\Flagged', isSet: true },
            { type: 'date', which: 'internal', compare: 'since', date: date(1994, 2, 1) },
            { type: 'not', key: { type: 'header', name: 'FROM', value: 'Smith' } },
          ],
        },
      },
    ],
    [
      'UID SEARCH RETURN (MIN COUNT) ALL',
      { name: 'SEARCH', isUid: true, return: [{ type: 'min' }, { type: 'count' }], key: { type: 'all' } },
    ],
    [
      'SEARCH RETURN () CHARSET UTF-8 TEXT "a b"',
      {
        name: 'SEARCH',
        isUid: false,
        return: [],
        charset: 'UTF-8',
        key: { type: 'text', where: 'text', value: 'a b' },
      },
    ],
    [
      'SEARCH OR (UNSEEN UID 1:*) 2:4',
      {
        name: 'SEARCH',
        isUid: false,
        key: {
          type: 'or',
          left: {
            type: 'and',
            keys: [
              { type: 'flag', flag: '\\Seen', isSet: false },
              { type: 'uids', set: set(1, '*') },
            ],
          },
          right: { type: 'sequenceNumbers', set: set(2, 4) },
        },
      },
    ],
    ['UID SEARCH RETURN (SAVE) $', { name: 'SEARCH', isUid: true, return: [{ type: 'save' }], key: { type: 'saved' } }],
    [
      'SEARCH HEADER Message-ID x',
      { name: 'SEARCH', isUid: false, key: { type: 'header', name: 'Message-ID', value: 'x' } },
    ],
    // RFC 7162 section 3.1.5
    [
      'SEARCH MODSEQ "/flags/\\\\draft" all 620162338',
      {
        name: 'SEARCH',
        isUid: false,
        key: { type: 'modSeq', atLeast: 620162338n as ModSeq, entry: { flag: '\\draft', kind: 'all' } },
      },
    ],
    // RFC 5256 section 3
    [
      'SORT (REVERSE DATE SUBJECT) UTF-8 SINCE 1-Feb-1994',
      {
        name: 'SORT',
        isUid: false,
        order: [
          { key: 'DATE', isReverse: true },
          { key: 'SUBJECT', isReverse: false },
        ],
        charset: 'UTF-8',
        key: { type: 'date', which: 'internal', compare: 'since', date: date(1994, 2, 1) },
      },
    ],
    [
      'UID THREAD REFERENCES US-ASCII SENTON 5-Mar-2000',
      {
        name: 'THREAD',
        isUid: true,
        algorithm: 'REFERENCES',
        charset: 'US-ASCII',
        key: { type: 'date', which: 'sent', compare: 'on', date: date(2000, 3, 5) },
      },
    ],
    // RFC 9394 section 3.1
    [
      'UID SEARCH RETURN (PARTIAL -1:-100) YOUNGER 3600',
      {
        name: 'SEARCH',
        isUid: true,
        return: [{ type: 'partial', range: { first: -1, last: -100 } }],
        key: { type: 'age', compare: 'younger', seconds: 3600 },
      },
    ],
    ['GETQUOTA ""', { name: 'GETQUOTA', root: '' }],
    ['SETQUOTA "" (STORAGE 512)', { name: 'SETQUOTA', root: '', limits: [{ name: 'STORAGE', limit: 512 }] }],
    ['GETQUOTAROOT INBOX', { name: 'GETQUOTAROOT', mailbox: INBOX }],
    ['SETACL INBOX John +lrQswicda', { name: 'SETACL', mailbox: INBOX, identifier: 'John', rights: '+lrQswicda' }],
    ['DELETEACL INBOX Fred', { name: 'DELETEACL', mailbox: INBOX, identifier: 'Fred' }],
    [
      'GETMETADATA (MAXSIZE 1024 DEPTH infinity) INBOX (/shared/comment /private/comment)',
      {
        name: 'GETMETADATA',
        mailbox: INBOX,
        entries: ['/shared/comment', '/private/comment'],
        maxSize: 1024,
        depth: 'infinity',
      },
    ],
    [
      'SETMETADATA INBOX (/private/comment "x" /shared/y NIL)',
      {
        name: 'SETMETADATA',
        mailbox: INBOX,
        entries: new Map([
          ['/private/comment', 'x'],
          ['/shared/y', null],
        ]),
      },
    ],
    ['COMPRESS DEFLATE', { name: 'COMPRESS', algorithm: 'DEFLATE' }],
    ['UNAUTHENTICATE', { name: 'UNAUTHENTICATE' }],
  ])('%s', (text, expected) => {
    expect(decoded(text)).toEqual(expected);
    const sent = latin1(
      concat(
        encodeCommand('a', extensionCommand(expected)).flatMap((piece) =>
          piece.type === 'bytes' ? [piece.bytes] : [],
        ),
      ),
    );
    expect(decoded(sent.slice(2, -2))).toEqual(expected);
  });

  it.each([
    'SEARCH',
    'SEARCH NOSUCH',
    'SEARCH NOT',
    'SEARCH ()',
    'SEARCH 1:0',
    'SEARCH SINCE 31-Feb-2000',
    'SEARCH RETURN (NOSUCH) ALL',
    `SEARCH ${'NOT '.repeat(1900)}ALL`,
    'SORT (NOSUCH) UTF-8 ALL',
    'SORT () UTF-8 ALL',
    'GETMETADATA (DEPTH 2) a b',
  ])('%.40s is malformed', (text) => {
    expect(decoded(text)).toMatchObject({ type: 'malformed' });
  });

  it('sends what is not ASCII as a literal, and waits for it', () => {
    const raw: RawCommand = extensionCommand({
      name: 'SEARCH',
      isUid: true,
      charset: 'UTF-8',
      key: { type: 'header', name: 'subject', value: 'köln' },
    });
    expect(encodeCommand('a', raw).map((piece) => (piece.type === 'bytes' ? latin1(piece.bytes) : piece.type))).toEqual(
      ['a UID SEARCH CHARSET UTF-8 SUBJECT {5}\r\n', 'continuation', 'k\xc3\xb6ln', '\r\n'],
    );
  });

  it('is undone by reading, for any key', () => {
    const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', ''));
    const { key } = fc.letrec<{ key: SearchKey }>((tie) => ({
      key: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<SearchKey>(
          { type: 'all' },
          { type: 'recent' },
          { type: 'saved' },
          { type: 'flag', flag: '\\Seen', isSet: false },
          { type: 'flag', flag: '$Fwd', isSet: true },
          { type: 'emailId', id: 'M1' },
          { type: 'uids', set: set(1, '*') },
        ),
        fc.record({
          type: fc.constant('text' as const),
          where: fc.constantFrom('body' as const, 'text' as const),
          value: text,
        }),
        fc.record({ type: fc.constant('header' as const), name: fc.constantFrom('SUBJECT', 'X-Y'), value: text }),
        fc.record({
          type: fc.constant('size' as const),
          compare: fc.constantFrom('larger' as const, 'smaller' as const),
          octets: fc.nat(),
        }),
        fc.record({ type: fc.constantFrom('not' as const, 'fuzzy' as const), key: tie('key') }),
        fc.record({ type: fc.constant('or' as const), left: tie('key'), right: tie('key') }),
        fc.record({ type: fc.constant('and' as const), keys: fc.array(tie('key'), { minLength: 2, maxLength: 3 }) }),
      ),
    }));
    fc.assert(
      fc.property(key, (value) => {
        const command: ExtensionCommand = { name: 'SEARCH', isUid: false, key: value };
        expect(readExtensionCommand(extensionCommand(command))).toEqual(command);
      }),
    );
  });
});
