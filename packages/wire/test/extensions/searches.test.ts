import type { UidValidity } from '@posthorn/core';
import { mailboxName } from '@posthorn/mailbox-name';
import { describe, expect, it } from 'vitest';
import {
  type ExtensionCommand,
  type ExtensionData,
  extensionCommand,
  extensionResponse,
  type SearchKey,
} from '../../src/extensions.ts';
import { type Command, encodeCommand } from '../../src/index.ts';
import {
  expectCommand,
  expectExtension,
  expectExtensionData,
  readCommandText,
  readExtensionData,
  readExtensionText,
} from '../round-trip.ts';

const set = (...ranges: readonly (readonly [number, number])[]) =>
  ({ ranges: ranges.map(([first, last]) => ({ first, last })) }) as never;
const UNSEEN: SearchKey = { type: 'flag', flag: '\\Seen', isSet: false };

describe('searches whose results are kept up to date', () => {
  it.each<[string, ExtensionCommand]>([
    // RFC 5267 section 4.2
    [
      'UID SEARCH RETURN (COUNT UPDATE CONTEXT) NOT KEYWORD $Junk',
      {
        name: 'SEARCH',
        isUid: true,
        return: [{ type: 'count' }, { type: 'update' }, { type: 'context' }],
        key: { type: 'not', key: { type: 'flag', flag: '$Junk', isSet: true } },
      },
    ],
    // RFC 5267 section 4.5
    ['CANCELUPDATE "B01" "A1"', { name: 'CANCELUPDATE', tags: ['B01', 'A1'] }],
    // RFC 5465 section 7
    [
      'SEARCH RETURN (COUNT UPDATE (UID BODY[HEADER.FIELDS (TO FROM SUBJECT)])) FROM boss',
      {
        name: 'SEARCH',
        isUid: false,
        return: [
          { type: 'count' },
          {
            type: 'update',
            items: [
              { type: 'uid' },
              {
                type: 'section',
                section: { part: [], text: 'HEADER.FIELDS', fields: ['TO', 'FROM', 'SUBJECT'] },
                peek: false,
              },
            ],
          },
        ],
        key: { type: 'header', name: 'FROM', value: 'boss' },
      },
    ],
  ])('%s', (text, value) => expectExtension(text, value, text));

  it.each<[string, ExtensionData, string?]>([
    // RFC 5267 section 4.3.3
    [
      'ESEARCH (TAG "B01") UID ADDTO (0 32768:32769)',
      {
        type: 'extendedSearch',
        tag: 'B01',
        isUid: true,
        changes: [{ type: 'add', position: 0, set: set([32768, 32769]) }],
      },
    ],
    [
      'ESEARCH (TAG "C01") UID ADDTO (1 2733 1 2732 1 2731)',
      {
        type: 'extendedSearch',
        tag: 'C01',
        isUid: true,
        changes: [2733, 2732, 2731].map((uid) => ({ type: 'add', position: 1, set: set([uid, uid]) }) as const),
      },
    ],
    [
      'ESEARCH (TAG "C01") UID REMOVEFROM (3 9) ADDTO (1 2731:2732) REMOVEFROM (0 5)',
      {
        type: 'extendedSearch',
        tag: 'C01',
        isUid: true,
        changes: [
          { type: 'remove', position: 3, set: set([9, 9]) },
          { type: 'add', position: 1, set: set([2731, 2732]) },
          { type: 'remove', position: 0, set: set([5, 5]) },
        ],
      },
    ],
  ])('%s', (text, value, sent = text) => expectExtensionData(text, value, sent));

  it.each(['CANCELUPDATE', 'SEARCH RETURN (UPDATE ()) ALL', 'SEARCH RETURN (UPDATE (NOSUCH[)) ALL'])(
    '%s is malformed',
    (text) => {
      expect(readExtensionText(text)).toMatchObject({ type: 'malformed' });
    },
  );

  it.each(['ADDTO ()', 'ADDTO (0)', 'REMOVEFROM (x 1)', 'ADDTO 1'])('ESEARCH %s is malformed', (text) => {
    expect(readExtensionData(`ESEARCH ${text}`)).toMatchObject({ type: 'malformed' });
  });

  it('are cancelled by tags alone', () => {
    for (const tags of [[], ['a" "b'], ['a\r\nb'], ['']])
      expect(() => extensionCommand({ name: 'CANCELUPDATE', tags })).toThrow(RangeError);
    const update = { type: 'update' as const, items: [] };
    expect(() => extensionCommand({ name: 'SEARCH', isUid: true, return: [update], key: { type: 'all' } })).toThrow(
      RangeError,
    );
  });
});

describe('windows', () => {
  it.each<[string, Command]>([
    // RFC 9394 section 3.3
    [
      'UID FETCH 25900:26600 FLAGS (PARTIAL -1:-100)',
      {
        name: 'FETCH',
        messages: { type: 'uids', set: set([25900, 26600]) },
        items: [{ type: 'flags' }],
        partial: { first: -1, last: -100 },
      },
    ],
    [
      'UID FETCH $ (FLAGS UID) (CHANGEDSINCE 98305 VANISHED PARTIAL 1:100)',
      {
        name: 'FETCH',
        messages: { type: 'saved', isUid: true },
        items: [{ type: 'flags' }, { type: 'uid' }],
        changedSince: 98305n as never,
        vanished: true,
        partial: { first: 1, last: 100 },
      },
    ],
  ])('%s', (text, command) => expectCommand(text, command));

  it.each(['PARTIAL 0:1', 'PARTIAL 1:-1', 'PARTIAL 1', 'PARTIAL 1:*', 'PARTIAL'])('are not (%s)', (modifier) => {
    expect(readCommandText(`UID FETCH 1 FLAGS (${modifier})`)).toMatchObject({ type: 'invalid' });
  });

  it.each([
    [0, 1],
    [1, -1],
    [-5, 5],
    [1.5, 2],
  ])('from %d to %d are not sent', (first, last) => {
    const range = { first, last };
    const search: ExtensionCommand = {
      name: 'SEARCH',
      isUid: true,
      return: [{ type: 'partial', range }],
      key: UNSEEN,
    };
    expect(() => extensionCommand(search)).toThrow(RangeError);
    const messages = { type: 'uids' as const, set: set([1, 1]) };
    expect(() => encodeCommand('a', { name: 'FETCH', messages, items: [{ type: 'uid' }], partial: range })).toThrow(
      RangeError,
    );
    expect(() => extensionResponse({ type: 'extendedSearch', isUid: true, partial: { range, set: null } })).toThrow(
      RangeError,
    );
  });
});

describe('searches in several mailboxes', () => {
  it.each<[string, ExtensionCommand]>([
    // RFC 7377 section 2.1
    [
      'ESEARCH IN (mailboxes "folder1" subtree "folder2") unseen',
      {
        name: 'ESEARCH',
        sources: [
          { type: 'mailboxes', mailboxes: [mailboxName('folder1')] },
          { type: 'subtree', mailboxes: [mailboxName('folder2')] },
        ],
        key: UNSEEN,
      },
    ],
    [
      'ESEARCH IN (selected subtree-one (a "b c") personal) RETURN (COUNT ALL) CHARSET UTF-8 SUBJECT chad',
      {
        name: 'ESEARCH',
        sources: [
          { type: 'selected' },
          { type: 'subtreeOne', mailboxes: [mailboxName('a'), mailboxName('b c')] },
          { type: 'personal' },
        ],
        return: [{ type: 'count' }, { type: 'all' }],
        charset: 'UTF-8',
        key: { type: 'header', name: 'SUBJECT', value: 'chad' },
      },
    ],
    ['ESEARCH UNSEEN', { name: 'ESEARCH', key: UNSEEN }],
  ])('%s', (text, value) => expectExtension(text, value));

  it('answer for each mailbox', () => {
    expectExtensionData('ESEARCH (TAG "tag1" MAILBOX folder2/salmon UIDVALIDITY 1111111) UID ALL 50003,50006', {
      type: 'extendedSearch',
      tag: 'tag1',
      mailbox: mailboxName('folder2/salmon'),
      uidValidity: 1111111 as UidValidity,
      isUid: true,
      all: set([50003, 50003], [50006, 50006]),
    });
  });

  it.each(['IN () ALL', 'IN (nosuch) ALL', 'IN (subtree) ALL', 'IN selected ALL', 'IN (selected)', ''])(
    'ESEARCH %s is malformed',
    (text) => {
      expect(readExtensionText(`ESEARCH ${text}`)).toMatchObject({ type: 'malformed' });
    },
  );

  it('are not sent without a mailbox', () => {
    expect(() => extensionCommand({ name: 'ESEARCH', sources: [], key: UNSEEN })).toThrow(RangeError);
  });
});

describe('fuzzy searches', () => {
  it('are ordered by how well messages fit', () => {
    // RFC 6203 section 4 and section 5
    const key: SearchKey = { type: 'fuzzy', key: { type: 'text', where: 'text', value: 'Helo' } };
    expectExtension('SEARCH RETURN (RELEVANCY ALL) FUZZY TEXT Helo', {
      name: 'SEARCH',
      isUid: false,
      return: [{ type: 'relevancy' }, { type: 'all' }],
      key,
    });
    expectExtension('SORT RETURN (PARTIAL 1:10) (REVERSE RELEVANCY) UTF-8 FUZZY TEXT Helo', {
      name: 'SORT',
      isUid: false,
      return: [{ type: 'partial', range: { first: 1, last: 10 } }],
      order: [{ key: 'RELEVANCY', isReverse: true }],
      charset: 'UTF-8',
      key,
    });
    expectExtensionData('ESEARCH (TAG "B1") ALL 1,5,10 RELEVANCY (4 99 42)', {
      type: 'extendedSearch',
      tag: 'B1',
      isUid: false,
      all: set([1, 1], [5, 5], [10, 10]),
      relevancy: [4, 99, 42],
    });
  });
});

describe('searches by annotation', () => {
  it.each<[string, ExtensionCommand]>([
    // RFC 5257 section 4.7
    [
      'SEARCH ANNOTATION /comment value "IMAP4"',
      {
        name: 'SEARCH',
        isUid: false,
        key: { type: 'annotation', entry: '/comment', attribute: 'value', value: 'IMAP4' },
      },
    ],
    [
      'UID SEARCH ANNOTATION /%/x* value.priv NIL',
      {
        name: 'SEARCH',
        isUid: true,
        key: { type: 'annotation', entry: '/%/x*', attribute: 'value.priv', value: null },
      },
    ],
    // RFC 5257 section 4.8
    [
      'SORT (REVERSE ANNOTATION /altsubject value.shared SUBJECT) UTF-8 ALL',
      {
        name: 'SORT',
        isUid: false,
        order: [
          { key: 'ANNOTATION', isReverse: true, entry: '/altsubject', attribute: 'value.shared' },
          { key: 'SUBJECT', isReverse: false },
        ],
        charset: 'UTF-8',
        key: { type: 'all' },
      },
    ],
  ])('%s', (text, value) => expectExtension(text, value));

  it.each(['SEARCH ANNOTATION /a size 5', 'SEARCH ANNOTATION /a value', 'SORT (ANNOTATION /a value) UTF-8 ALL'])(
    '%s is malformed',
    (text) => {
      expect(readExtensionText(text)).toMatchObject({ type: 'malformed' });
    },
  );
});
