import type { MailboxId, Uid } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExtensionCode, encodeResponse, type ResponseCode } from '../src/index.ts';
import { atom, tag } from './arbitraries.ts';
import { concat, response, responses } from './feed.ts';
import { expectResponse } from './round-trip.ts';

describe('codes of extensions', () => {
  it.each<[string, ExtensionCode]>([
    // RFC 8474 section 4
    [
      'MAILBOXID (F2212ea87-6097-4256-9d51-71338625)',
      { type: 'mailboxId', mailboxId: 'F2212ea87-6097-4256-9d51-71338625' as MailboxId },
    ],
    // RFC 2221 section 4.1
    ['REFERRAL imap://MIKE@SERVER2/', { type: 'referral', urls: ['imap://MIKE@SERVER2/'] }],
    // RFC 2193 section 5.1
    [
      'REFERRAL imap://user;AUTH=*@SERVER2/SHARED/FOO imap://user;AUTH=*@SERVER3/SHARED/FOO',
      { type: 'referral', urls: ['imap://user;AUTH=*@SERVER2/SHARED/FOO', 'imap://user;AUTH=*@SERVER3/SHARED/FOO'] },
    ],
    // RFC 4469 section 6
    [
      'BADURL /INBOX;UIDVALIDITY=785799047/;UID=113330/;section=1.5.9',
      { type: 'badUrl', url: '/INBOX;UIDVALIDITY=785799047/;UID=113330/;section=1.5.9' },
    ],
    [
      'URLMECH INTERNAL XSAMPLE=P34OKhO7VEkCbsiYY8rGEg==',
      {
        type: 'urlMechanisms',
        mechanisms: [
          { name: 'INTERNAL' },
          { name: 'XSAMPLE', data: Uint8Array.from(atob('P34OKhO7VEkCbsiYY8rGEg=='), (each) => each.charCodeAt(0)) },
        ],
      },
    ],
    // RFC 5257 section 4.4 and section 4.2
    ['ANNOTATE TOOBIG', { type: 'annotate', reason: 'TOOBIG' }],
    ['ANNOTATE TOOMANY', { type: 'annotate', reason: 'TOOMANY' }],
    ['ANNOTATIONS NONE', { type: 'annotations', maxSize: 'NONE' }],
    ['ANNOTATIONS 20480 NOPRIVATE', { type: 'annotations', maxSize: 20480, isWithoutPrivate: true }],
    ['ANNOTATIONS READ-ONLY', { type: 'annotations', maxSize: 'READ-ONLY' }],
    // RFC 5464 section 4.2.1 and section 4.3
    ['METADATA LONGENTRIES 2199', { type: 'metadata', reason: 'LONGENTRIES', octets: 2199 }],
    ['METADATA MAXSIZE 1024', { type: 'metadata', reason: 'MAXSIZE', octets: 1024 }],
    ['METADATA TOOMANY', { type: 'metadata', reason: 'TOOMANY' }],
    ['METADATA NOPRIVATE', { type: 'metadata', reason: 'NOPRIVATE' }],
    // RFC 5267 section 4.3.1
    ['NOUPDATE "B02"', { type: 'noUpdate', tag: 'B02' }],
    // RFC 5465 section 3.1
    [
      'BADEVENT (MessageNew MessageExpunge FlagChange)',
      { type: 'badEvent', events: ['MessageNew', 'MessageExpunge', 'FlagChange'] },
    ],
    // RFC 5466 section 3.1
    ['UNDEFINED-FILTER on-the-road', { type: 'undefinedFilter', name: 'on-the-road' }],
    // RFC 9585 section 4
    ['INPROGRESS', { type: 'inProgress', tag: null, done: null, goal: null }],
    ['INPROGRESS ("tag" NIL NIL)', { type: 'inProgress', tag: 'tag', done: null, goal: null }],
    ['INPROGRESS ("tag" 175 NIL)', { type: 'inProgress', tag: 'tag', done: 175, goal: null }],
    ['INPROGRESS ("tag" 175 1000)', { type: 'inProgress', tag: 'tag', done: 175, goal: 1000 }],
    ['INPROGRESS (NIL 1 NIL)', { type: 'inProgress', tag: null, done: 1, goal: null }],
    // RFC 5259 section 8.5
    ['MAXCONVERTMESSAGES 1', { type: 'maxConvertMessages', limit: 1 }],
    ['MAXCONVERTPARTS 1', { type: 'maxConvertParts', limit: 1 }],
    // RFC 9738 section 3.1
    ['MESSAGELIMIT 1000', { type: 'messageLimit', limit: 1000 }],
    ['MESSAGELIMIT 1000 23221', { type: 'messageLimit', limit: 1000, lowestUid: 23221 as Uid }],
  ])('%s', (text, code) => {
    expectResponse(`* OK [${text}] told`, { type: 'status', tag: undefined, status: 'OK', code, text: 'told' });
  });

  it('say all by their name', () => {
    const names = [
      'UIDREQUIRED',
      'NOTIFICATIONOVERFLOW',
      'BADCOMPARATOR',
      'COMPRESSIONACTIVE',
      'USEATTR',
      'OVERQUOTA',
      'TEMPFAIL',
    ];
    for (const name of names) {
      const code: ResponseCode = { type: 'atom', name };
      expectResponse(`a NO [${name}] no`, { type: 'status', tag: 'a', status: 'NO', code, text: 'no' });
    }
  });

  it.each([
    'MAILBOXID F1',
    'MAILBOXID ()',
    'BADURL',
    'BADURL a b',
    'REFERRAL',
    'REFERRAL imap://h/\u00e4',
    'URLMECH X=!',
    'URLMECH =QQ==',
    'ANNOTATE HUGE',
    'ANNOTATIONS 5 PRIVATE',
    'METADATA',
    'METADATA LONGENTRIES',
    'NOUPDATE',
    'BADEVENT MessageNew',
    'UNDEFINED-FILTER',
    'INPROGRESS ()',
    'INPROGRESS ("a" x NIL)',
    'MESSAGELIMIT',
    'MESSAGELIMIT x',
    'MAXCONVERTMESSAGES',
    'MAXCONVERTPARTS x',
  ])('%s stays as it came, with a diagnostic', (text) => {
    const [name] = text.split(' ');
    expect(response(`* OK [${text}] x\r\n`)).toMatchObject({
      type: 'status',
      code: { type: 'atom', name },
      text: 'x',
      diagnostics: [{ id: 'SYNTAX' }],
    });
    expect(response(`* OK [${text}] x\r\n`, { mode: 'strict' })).toMatchObject({ type: 'invalid' });
  });

  it('never end the brackets or the line', () => {
    const evil = ['a\r\n* BYE', 'a"b', '', 'a b', '\u00e4', 'a)b', 'a\0'];
    const codes: readonly ((text: string) => ExtensionCode)[] = [
      (text) => ({ type: 'mailboxId', mailboxId: text as MailboxId }),
      (text) => ({ type: 'noUpdate', tag: text }),
      (text) => ({ type: 'badEvent', events: [text] }),
      (text) => ({ type: 'undefinedFilter', name: text }),
      (text) => ({ type: 'inProgress', tag: text, done: null, goal: null }),
      (text) => ({ type: 'annotate', reason: text as 'TOOBIG' }),
      (text) => ({ type: 'annotations', maxSize: text as 'NONE' }),
      (text) => ({ type: 'metadata', reason: text as 'TOOMANY' }),
      (text) => ({ type: 'urlMechanisms', mechanisms: [{ name: text }] }),
    ];
    const urls: readonly ((text: string) => ExtensionCode)[] = [
      (text) => ({ type: 'badUrl', url: text }),
      (text) => ({ type: 'referral', urls: [text] }),
    ];
    // A tag may hold a bracket, which stands in quotes then.
    const brackets = codes.filter((_, index) => index !== 1 && index !== 4);
    const sent = (code: ExtensionCode) => encodeResponse({ type: 'status', tag: 'a', status: 'NO', code, text: 'x' });
    for (const make of [...brackets, ...urls]) expect(() => sent(make('a]b'))).toThrow(RangeError);
    for (const make of codes) for (const text of evil) expect(() => sent(make(text))).toThrow(RangeError);
    for (const make of urls)
      for (const text of evil.filter((each) => each !== 'a)b')) expect(() => sent(make(text))).toThrow(RangeError);
    for (const code of [
      { type: 'referral', urls: [] },
      { type: 'messageLimit', limit: 0 },
      { type: 'maxConvertParts', limit: 0 },
      { type: 'annotations', maxSize: 0 },
      { type: 'inProgress', tag: null, done: -1, goal: null },
      { type: 'urlMechanisms', mechanisms: [{ name: 'a=b' }] },
    ] as const)
      expect(() => sent(code)).toThrow(RangeError);
  });

  it('are read as they were sent', () => {
    const number = fc.integer({ min: 1, max: 4294967295 });
    const url = fc.string({ unit: fc.constantFrom(...'az09/:;@=*?%({[^~'), minLength: 1, maxLength: 12 });
    const mechanism = atom.map((name) => `X${name.replaceAll('=', '')}`);
    const code = fc.oneof(
      fc.record({ type: fc.constant('mailboxId'), mailboxId: atom }),
      fc.record({ type: fc.constant('referral'), urls: fc.array(url, { minLength: 1, maxLength: 3 }) }),
      fc.record({ type: fc.constant('badUrl'), url }),
      fc.record({
        type: fc.constant('urlMechanisms'),
        mechanisms: fc.array(
          fc.record({ name: mechanism, data: fc.uint8Array({ maxLength: 20 }) }, { requiredKeys: ['name'] }),
          { maxLength: 3 },
        ),
      }),
      fc.record(
        { type: fc.constant('annotations'), maxSize: number, isWithoutPrivate: fc.constant(true) },
        { requiredKeys: ['type', 'maxSize'] },
      ),
      fc.record({ type: fc.constant('noUpdate'), tag }),
      fc.record({ type: fc.constant('badEvent'), events: fc.array(atom, { maxLength: 3 }) }),
      fc.record({ type: fc.constant('undefinedFilter'), name: atom }),
      fc.record({ type: fc.constantFrom('maxConvertMessages', 'maxConvertParts'), limit: number }),
      fc.record({
        type: fc.constant('inProgress'),
        tag: fc.option(tag),
        done: fc.option(fc.nat()),
        goal: fc.option(number),
      }),
      fc.record(
        { type: fc.constant('messageLimit'), limit: number, lowestUid: number },
        { requiredKeys: ['type', 'limit'] },
      ),
    ) as fc.Arbitrary<ExtensionCode>;
    fc.assert(
      fc.property(code, (value) => {
        const sent = { type: 'status' as const, tag: 'a', status: 'OK' as const, code: value, text: 'x' };
        const bytes = concat(encodeResponse(sent).flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : [])));
        expect(responses([bytes], { mode: 'strict' })).toEqual([sent]);
      }),
      { numRuns: 500 },
    );
  });
});
