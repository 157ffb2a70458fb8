import type { SequenceNumber, Uid } from '@posthorn/core';
import { mailboxName } from '@posthorn/mailbox-name';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExtensionCommand, extensionCommand } from '../src/extensions.ts';
import { type Command, encodeCommand, encodeResponse, type FetchItem, type FetchItems } from '../src/index.ts';
import { concat, octets, response, responses } from './feed.ts';
import { expectCommand, expectExtension, expectResponse, readCommandText, readExtensionText } from './round-trip.ts';

const ONE = { ranges: [{ first: 1 as SequenceNumber, last: 1 as SequenceNumber }] };
const fetch = (...items: readonly FetchItem[]): Command => ({
  name: 'FETCH',
  messages: { type: 'sequenceNumbers', set: ONE },
  items,
});
const fetched = (items: FetchItems) => ({ type: 'fetch' as const, sequenceNumber: 1 as SequenceNumber, items });

describe('annotations', () => {
  it.each<[string, Command]>([
    // RFC 5257 section 4.3
    [
      'FETCH 1 (ANNOTATION (/comment value))',
      fetch({ type: 'annotation', entries: ['/comment'], attributes: ['value'] }),
    ],
    [
      'FETCH 1 (UID ANNOTATION (/* (value.priv size.priv)))',
      fetch({ type: 'uid' }, { type: 'annotation', entries: ['/*'], attributes: ['value.priv', 'size.priv'] }),
    ],
    [
      'FETCH 1 (ANNOTATION ((/comment "/a b") value.priv))',
      fetch({ type: 'annotation', entries: ['/comment', '/a b'], attributes: ['value.priv'] }),
    ],
  ])('%s', (text, command) => expectCommand(text, command));

  it.each<[string, FetchItems]>([
    [
      '* 1 FETCH (ANNOTATION (/comment (value.priv "My comment" value.shared NIL)))',
      {
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
      '* 1 FETCH (UID 5 ANNOTATION (/comment /altsubject))',
      {
        uid: 5 as Uid,
        annotations: [
          { entry: '/comment', attributes: new Map() },
          { entry: '/altsubject', attributes: new Map() },
        ],
      },
    ],
  ])('%s', (text, items) => expectResponse(text, fetched(items)));

  it.each<[string, ExtensionCommand]>([
    // RFC 5257 section 4.5
    [
      'STORE 1 ANNOTATION (/comment (value.priv "My new comment" value.shared NIL))',
      {
        name: 'STORE ANNOTATION',
        messages: { type: 'sequenceNumbers', set: ONE },
        annotations: [
          {
            entry: '/comment',
            attributes: new Map([
              ['value.priv', 'My new comment'],
              ['value.shared', null],
            ]),
          },
        ],
      },
    ],
    [
      'UID STORE $ (UNCHANGEDSINCE 12) ANNOTATION (/a (value.priv "x") /b (value.priv "y"))',
      {
        name: 'STORE ANNOTATION',
        messages: { type: 'saved', isUid: true },
        unchangedSince: 12n as never,
        annotations: [
          { entry: '/a', attributes: new Map([['value.priv', 'x']]) },
          { entry: '/b', attributes: new Map([['value.priv', 'y']]) },
        ],
      },
    ],
  ])('%s', (text, command) => expectExtension(text, command));

  it.each(['ANNOTATION', '(ANNOTATION ())', '(ANNOTATION (/a))', '(ANNOTATION (() b))', '(ANNOTATION (/a ()))'])(
    'cannot be fetched with %s',
    (item) => {
      expect(readCommandText(`FETCH 1 ${item}`)).toMatchObject({ type: 'invalid' });
    },
  );

  it('that make no sense stay as they came', () => {
    for (const raw of ['()', '((value.priv "a"))', '(/a ())', '(/a (b "c") (d "e"))', '"x"'])
      expect(response(`* 1 FETCH (ANNOTATION ${raw} UID 5)\r\n`)).toMatchObject({
        items: { uid: 5, raw: [{ name: 'ANNOTATION', raw: octets(raw) }] },
      });
  });

  it('are refused where they cannot be sent', () => {
    const items: readonly FetchItem[] = [
      { type: 'annotation', entries: [], attributes: ['a'] },
      { type: 'annotation', entries: ['a'], attributes: [] },
      { type: 'annotation', entries: ['a\r\nb'], attributes: ['a'] },
      { type: 'annotation', entries: ['a'], attributes: ['\u00e4'] },
    ];
    for (const item of items) expect(() => encodeCommand('a', fetch(item))).toThrow(RangeError);
    const messages = { type: 'sequenceNumbers' as const, set: ONE };
    expect(() => extensionCommand({ name: 'STORE ANNOTATION', messages, annotations: [] })).toThrow(RangeError);
    expect(() => encodeResponse(fetched({ annotations: [] }))).toThrow(RangeError);
  });
});

describe('X-GM-EXT-1', () => {
  it('has items to fetch', () => {
    expectCommand(
      'FETCH 1 (X-GM-MSGID X-GM-THRID X-GM-LABELS)',
      fetch({ type: 'gmail', what: 'MSGID' }, { type: 'gmail', what: 'THRID' }, { type: 'gmail', what: 'LABELS' }),
    );
  });

  it('answers them', () => {
    // The examples of the documentation, and the largest number.
    expectResponse(
      '* 1 FETCH (X-GM-MSGID 18446744073709551615 X-GM-THRID 1266894439832287888 X-GM-LABELS (\\Inbox \\Sent Important "Muy Importante"))',
      fetched({
        gmailMessageId: 18446744073709551615n,
        gmailThreadId: 1266894439832287888n,
        gmailLabels: [
          { text: '\\Inbox', wire: '\\Inbox' },
          { text: '\\Sent', wire: '\\Sent' },
          mailboxName('Important'),
          mailboxName('Muy Importante'),
        ],
      }),
    );
    expect(response('* 1 FETCH (X-GM-LABELS ("\\\\Inbox" "Entw&APw-rfe" {3}\r\na"b))\r\n')).toEqual(
      fetched({
        gmailLabels: [{ text: '\\Inbox', wire: '\\Inbox' }, mailboxName('Entwürfe'), { text: 'a"b', wire: 'a"b' }],
      }),
    );
  });

  it('keeps numbers of more than 64 bits as they came', () => {
    for (const raw of ['18446744073709551616', `${'0'.repeat(30)}1`, 'x', '-1'])
      expect(response(`* 1 FETCH (X-GM-MSGID ${raw})\r\n`)).toMatchObject({
        items: { raw: [{ name: 'X-GM-MSGID', raw: octets(raw) }] },
      });
  });

  it.each<[string, ExtensionCommand]>([
    [
      'STORE 1 +X-GM-LABELS (foo)',
      {
        name: 'STORE X-GM-LABELS',
        messages: { type: 'sequenceNumbers', set: ONE },
        operation: 'add',
        isSilent: false,
        labels: [mailboxName('foo')],
      },
    ],
    [
      'UID STORE 7 -X-GM-LABELS.SILENT (\\Inbox "a b" Entw&APw-rfe)',
      {
        name: 'STORE X-GM-LABELS',
        messages: { type: 'uids', set: { ranges: [{ first: 7 as Uid, last: 7 as Uid }] } },
        operation: 'remove',
        isSilent: true,
        labels: [{ text: '\\Inbox', wire: '\\Inbox' }, mailboxName('a b'), mailboxName('Entwürfe')],
      },
    ],
  ])('%s', (text, command) => expectExtension(text, command, text));

  it.each(['STORE 1 +FLAG (x)', 'STORE 1 +ANNOTATION (/a (b c))', 'STORE 1 X-GM-LABELS', 'STORE 1 X-GM-LABELS x'])(
    '%s is malformed',
    (text) => {
      expect(readExtensionText(text)).toMatchObject({ type: 'malformed', name: 'STORE' });
    },
  );

  it('reads labels as they were sent', () => {
    const label = fc.string({ unit: 'grapheme', maxLength: 8 }).map((name) => mailboxName(name.replaceAll('\0', '')));
    fc.assert(
      fc.property(fc.array(label, { maxLength: 4 }), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (labels, id) => {
        const value = fetched({ gmailMessageId: id, gmailThreadId: id, gmailLabels: labels });
        const bytes = concat(encodeResponse(value).flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : [])));
        expect(responses([bytes])).toEqual([value]);
      }),
    );
  });
});

describe('items that are not known', () => {
  it.each<[string, Command]>([
    ['FETCH 1 X-FOO', fetch({ type: 'other', name: 'X-FOO' })],
    ['FETCH 1 (UID X-FOO[1.2]<3.4>)', fetch({ type: 'uid' }, { type: 'other', name: 'X-FOO[1.2]<3.4>' })],
    [
      'FETCH 1 (X-FOO (a "b)" (c)) UID)',
      fetch({ type: 'other', name: 'X-FOO', argument: octets('(a "b)" (c))') }, { type: 'uid' }),
    ],
    ['FETCH 1 X-FOO (CHANGEDSINCE 5)', { ...fetch({ type: 'other', name: 'X-FOO' }), changedSince: 5n } as Command],
  ])('survive in %s', (text, command) => expectCommand(text, command));

  it('are sent only where they stay one item', () => {
    const items: readonly FetchItem[] = [
      { type: 'other', name: 'A B' },
      { type: 'other', name: '' },
      { type: 'other', name: 'A[1' },
      { type: 'other', name: 'A<x>' },
      ...['x', '(a) b', '(a', '(a))', '(a\r\n)', '(\u00e4)', '({1}\r\nx)'].map(
        (text): FetchItem => ({ type: 'other', name: 'A', argument: octets(text) }),
      ),
    ];
    for (const item of items) expect(() => encodeCommand('a', fetch(item))).toThrow(RangeError);
  });

  it('are read only where they are text', () => {
    for (const item of ['(X-FOO ({1+}\r\nx))', '(X-FOO (\u00e4))'])
      expect(readCommandText(`FETCH 1 ${item}`)).toMatchObject({ type: 'invalid' });
  });
});

it('SELECT asks for annotations', () => {
  expectCommand('SELECT INBOX (CONDSTORE ANNOTATE)', {
    name: 'SELECT',
    mailbox: mailboxName('INBOX'),
    condstore: true,
    annotate: true,
  });
});
