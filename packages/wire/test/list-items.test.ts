import { mailboxName } from '@posthorn/mailbox-name';
import { describe, expect, it } from 'vitest';
import { type Command, encodeCommand, encodeResponse, type ListData } from '../src/index.ts';
import { octets, response } from './feed.ts';
import { expectCommand, expectResponse, readCommandText } from './round-trip.ts';

const list = (mailbox: string, rest: Partial<ListData>): ListData => ({
  type: 'list',
  attributes: [],
  delimiter: '/',
  mailbox: mailboxName(mailbox),
  ...rest,
});

describe('extended items of a LIST answer', () => {
  it.each<[string, ListData]>([
    // RFC 5258 section 5
    ['* LIST () "/" Foo ("CHILDINFO" ("SUBSCRIBED"))', list('Foo', { childInfo: ['SUBSCRIBED'] })],
    // RFC 5465 section 5.4
    ['* LIST () "/" NewMailbox ("OLDNAME" ("OldMailbox"))', list('NewMailbox', { oldName: mailboxName('OldMailbox') })],
    [
      '* LIST () "/" a ("CHILDINFO" ("A" "B") "OLDNAME" ("Entw&APw-rfe") X-NEW ("1" 2))',
      list('a', {
        childInfo: ['A', 'B'],
        oldName: mailboxName('Entwürfe'),
        extended: [{ name: 'X-NEW', raw: octets('("1" 2)') }],
      }),
    ],
    [
      '* XLIST (\\HasNoChildren \\Inbox) "/" INBOX',
      list('INBOX', { attributes: ['\\HasNoChildren', '\\Inbox'], isXlist: true }),
    ],
  ])('%s', (text, value) => expectResponse(text, value));

  it.each([
    ['CHILDINFO', '"SUBSCRIBED"'],
    ['OLDNAME', '("a" "b")'],
    ['OLDNAME', '()'],
    ['CHILDINFO', '(("SUBSCRIBED"))'],
    ['OLDNAME', 'NIL'],
  ])('stay as they came where %s is %s', (name, raw) => {
    const text = `* LIST () "/" a (${name} ${raw} X-B "c")\r\n`;
    expect(response(text)).toMatchObject({
      type: 'list',
      extended: [
        { name, raw: octets(raw) },
        { name: 'X-B', raw: octets('"c"') },
      ],
      diagnostics: [{ id: 'SYNTAX' }],
    });
    expect(response(text, { mode: 'strict' })).toMatchObject({ type: 'invalid' });
  });

  it('never end the list they stand in', () => {
    const evil = 'a") "X" ("\r\n* BYE';
    for (const rest of [{ childInfo: [evil] }, { oldName: { text: evil, wire: evil } }]) {
      const bytes = encodeResponse(list('a', rest)).flatMap((piece) =>
        piece.type === 'bytes' ? [...piece.bytes] : [],
      );
      const { type: _, ...event } = response(String.fromCharCode(...bytes)) as ListData;
      expect(event.oldName?.wire ?? event.childInfo?.[0]).toBe('oldName' in rest ? evil : evil.toUpperCase());
    }
  });
});

describe('LIST with METADATA', () => {
  it.each<[string, Command]>([
    // RFC 9590 section 4
    [
      'LIST "" % RETURN (METADATA (/shared/vendor/cmu/cyrus-imapd/color))',
      {
        name: 'LIST',
        reference: mailboxName(''),
        patterns: [mailboxName('%')],
        return: [],
        metadataEntries: ['/shared/vendor/cmu/cyrus-imapd/color'],
      },
    ],
    [
      'LIST "" % RETURN (CHILDREN MYRIGHTS STATUS (MESSAGES) METADATA ("/a b" /c))',
      {
        name: 'LIST',
        reference: mailboxName(''),
        patterns: [mailboxName('%')],
        return: ['CHILDREN', 'MYRIGHTS'],
        statusItems: ['MESSAGES'],
        metadataEntries: ['/a b', '/c'],
      },
    ],
  ])('%s', (text, command) => expectCommand(text, command));

  it('needs an entry', () => {
    expect(readCommandText('LIST "" % RETURN (METADATA ())')).toMatchObject({ type: 'invalid' });
    const command: Command = {
      name: 'LIST',
      reference: mailboxName(''),
      patterns: [mailboxName('%')],
      metadataEntries: [],
    };
    expect(() => encodeCommand('a', command)).toThrow(RangeError);
  });
});

it('one pattern in parentheses makes a LIST an extended one (RFC 5258 section 3)', () => {
  const patterns = [mailboxName('')];
  expect(readCommandText('LIST "" ("")')).toMatchObject({ command: { name: 'LIST', patterns, select: [] } });
  expect(readCommandText('LIST (SUBSCRIBED) "" ("")')).toMatchObject({ command: { select: ['SUBSCRIBED'] } });
  expect(readCommandText('LIST "" ""')).not.toMatchObject({ command: { select: [] } });
});

describe('a STATUS answer', () => {
  it('keeps the items that are not known', () => {
    expectResponse('* STATUS INBOX (MESSAGES 2 X-GUID abc X-LIST (1 "b"))', {
      type: 'mailboxStatus',
      mailbox: mailboxName('INBOX'),
      items: {
        messages: 2,
        raw: [
          { name: 'X-GUID', raw: octets('abc') },
          { name: 'X-LIST', raw: octets('(1 "b")') },
        ],
      },
    });
    expectResponse('* STATUS INBOX (X-GUID abc)', {
      type: 'mailboxStatus',
      mailbox: mailboxName('INBOX'),
      items: { raw: [{ name: 'X-GUID', raw: octets('abc') }] },
    });
  });

  it('is not sent with items that would end it', () => {
    for (const item of [
      { name: 'X', raw: octets('1) (') },
      { name: 'X Y', raw: octets('1') },
      { name: 'X', raw: octets('1\r\n') },
    ])
      expect(() =>
        encodeResponse({ type: 'mailboxStatus', mailbox: mailboxName('INBOX'), items: { raw: [item] } }),
      ).toThrow(RangeError);
  });
});
