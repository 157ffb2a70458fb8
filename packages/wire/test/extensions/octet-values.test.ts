import { mailboxName } from '@posthorn/mailbox-name';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ExtensionCommand,
  type ExtensionData,
  extensionCommand,
  extensionResponse,
  readExtension,
  readExtensionCommand,
} from '../../src/extensions.ts';
import { type Command, encodeResponse, type Response } from '../../src/index.ts';
import { concat, latin1, octets, responses } from '../feed.ts';
import { readExtensionData, readExtensionText, sentText } from '../round-trip.ts';

const INBOX = mailboxName('INBOX');
const values = (value: string | null): ReadonlyMap<string, string | null> => new Map([['/a', value]]);
/** Texts, and strings that stand for octets that are none. */
const value = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('a', '\0', '\r', '\n', '"', '\udc80', '\udcff', '\udce9') }).map(unlikeText),
);

/** Escaped octets that would be UTF-8 never come from a decoder. */
function unlikeText(text: string): string {
  return /[\udc80-\udcff]/.test(text) ? `${text}a\udc80` : text;
}

describe('values of any octets', () => {
  it('are read from literal8', () => {
    // RFC 5464 section 5: value = nstring / literal8
    expect(readExtensionText('SETMETADATA INBOX (/a ~{3+}\r\n\0\xff\n /b ~{2+}\r\n\xe9\xe9)')).toEqual({
      name: 'SETMETADATA',
      mailbox: INBOX,
      entries: new Map([
        ['/a', '\0\udcff\n'],
        ['/b', '\udce9\udce9'],
      ]),
    });
    expect(readExtensionData('METADATA INBOX (/a ~{2}\r\n\xc3\xa9 /b {2}\r\n\xc3\xa9 /c NIL)')).toEqual({
      type: 'metadata',
      mailbox: INBOX,
      names: ['/a', '/b', '/c'],
      values: new Map([
        ['/a', 'é'],
        ['/b', 'é'],
        ['/c', null],
      ]),
    });
  });

  it('are sent as literal8 where they are no text', () => {
    const set = (text: string): Command =>
      extensionCommand({ name: 'SETMETADATA', mailbox: INBOX, entries: values(text) });
    expect(sentText(set('a\0b'))).toBe('a SETMETADATA INBOX (/a ~{3+}\r\na\0b)\r\n');
    expect(sentText(set('\udce9'))).toBe('a SETMETADATA INBOX (/a ~{1+}\r\n\xe9)\r\n');
    expect(sentText(set('a'))).toBe('a SETMETADATA INBOX (/a "a")\r\n');
  });

  const commands: readonly ((text: string) => ExtensionCommand)[] = [
    (text) => ({ name: 'SETMETADATA', mailbox: INBOX, entries: values(text) }),
    (text) => ({ name: 'SETANNOTATION', mailbox: INBOX, annotations: [{ entry: '/a', attributes: values(text) }] }),
    (text) => ({
      name: 'STORE ANNOTATION',
      messages: { type: 'saved', isUid: true },
      annotations: [{ entry: '/a', attributes: values(text) }],
    }),
  ];
  it.each(commands.map((make) => [make('').name, make] as const))('of %s come as they were sent', (_, make) => {
    fc.assert(
      fc.property(value, (text) => {
        expect(readExtensionCommand(extensionCommand(make(text)))).toEqual(make(text));
      }),
    );
  });

  it('of answers come as they were sent', () => {
    fc.assert(
      fc.property(value, (text) => {
        const data: readonly ExtensionData[] = [
          { type: 'metadata', mailbox: INBOX, names: ['/a'], values: values(text) },
          { type: 'mailboxAnnotation', mailbox: INBOX, annotations: [{ entry: '/a', attributes: values(text) }] },
        ];
        for (const each of data) expect(readExtension(extensionResponse(each))).toEqual(each);
        const fetched: Response = {
          type: 'fetch',
          sequenceNumber: 1 as never,
          items: { annotations: [{ entry: '/a', attributes: values(text) }] },
        };
        const bytes = concat(encodeResponse(fetched).flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : [])));
        expect(responses([bytes]), latin1(bytes)).toEqual([fetched]);
      }),
    );
  });

  it('survive in what a server sends', () => {
    const line = octets('* 1 FETCH (ANNOTATION (/a (value.priv ~{2}\r\n\0\xff)))\r\n');
    const [event] = responses([line]);
    expect(event).toMatchObject({ items: { annotations: [{ attributes: new Map([['value.priv', '\0\udcff']]) }] } });
    const sent = concat(
      encodeResponse(event as Response).flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : [])),
    );
    expect(latin1(sent)).toBe(latin1(line));
  });
});
