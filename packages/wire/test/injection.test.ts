/** Whatever a string argument holds, a command stays one command, and is read as it was meant. */
import type { SequenceNumber, Uid, UidValidity } from '@posthorn/core';
import { type MailboxName, mailboxName } from '@posthorn/mailbox-name';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ExtensionCommand,
  type ExtensionData,
  extensionCommand,
  extensionResponse,
  readExtension,
  readExtensionCommand,
  type SearchKey,
} from '../src/extensions.ts';
import { type Command, type CommandEvent, encodeCommand, encodeResponse, type Response } from '../src/index.ts';
import { text } from './arbitraries.ts';
import { commands, concat, latin1, responses } from './feed.ts';

const EVIL = [...'\r\n\0"\\{}()[]<>%*$+-~ ab1\u00e9\u{1f600}\ud800\udc80'];
const evil = fc.oneof(
  fc.string({ unit: fc.constantFrom(...EVIL), maxLength: 12 }),
  fc.constantFrom(
    '',
    'NIL',
    '{3}\r\nabc',
    '{3+}\r\nabc',
    '~{3}\r\n',
    '"',
    '\\"',
    'x)\r\nb LOGOUT',
    '(',
    ')',
    '$',
    'a\0b',
  ),
  text,
);
const name = (value: string): MailboxName => ({ text: value, wire: value });
const INBOX = mailboxName('INBOX');
const ONE = { type: 'sequenceNumbers' as const, set: { ranges: [{ first: 1, last: 1 }] } as never };
const search = (key: SearchKey): ExtensionCommand => ({ name: 'SEARCH', isUid: true, key });
const attributes = (entry: string, value: string | null): ReadonlyMap<string, string | null> =>
  new Map([[entry, value]]);

const attributesOf = (parameter: string, value: string): ReadonlyMap<string, string> => new Map([[parameter, value]]);

const EXTENSION_COMMANDS: Readonly<Record<string, (value: string) => ExtensionCommand>> = {
  'a language': (value) => ({ name: 'LANGUAGE', languages: [value, value] }),
  'a comparator': (value) => ({ name: 'COMPARATOR', comparators: [value] }),
  'a proxied user': (value) => ({ name: 'PROXYAUTH', user: value }),
  'a reference of XLIST': (value) => ({ name: 'XLIST', reference: name(value), pattern: INBOX }),
  'a pattern of RLIST': (value) => ({ name: 'RLIST', reference: INBOX, pattern: name(value) }),
  'a pattern of RLSUB': (value) => ({ name: 'RLSUB', reference: name(value), pattern: name(value) }),
  'a URL to sign': (value) => ({ name: 'GENURLAUTH', urls: [{ url: value, mechanism: 'INTERNAL' }] }),
  'a mechanism of GENURLAUTH': (value) => ({ name: 'GENURLAUTH', urls: [{ url: '/a', mechanism: value }] }),
  'a URL to fetch': (value) => ({ name: 'URLFETCH', urls: [value, '/b'] }),
  'a mailbox of RESETKEY': (value) => ({ name: 'RESETKEY', mailbox: name(value), mechanisms: ['INTERNAL'] }),
  'a mechanism of RESETKEY': (value) => ({ name: 'RESETKEY', mailbox: INBOX, mechanisms: [value] }),
  'a media type to convert from': (value) => ({ name: 'CONVERSIONS', from: value, to: value }),
  'a media type to convert to': (value) => ({
    name: 'CONVERT',
    messages: ONE,
    to: `text/${value}`,
    parameters: new Map(),
    items: [{ type: 'binary', part: [1] }],
  }),
  'a parameter of a conversion': (value) => ({
    name: 'CONVERT',
    messages: ONE,
    to: null,
    parameters: attributesOf(value, value),
    items: [{ type: 'body', part: [], text: 'HEADER' }],
  }),
  'a mailbox of GETANNOTATION': (value) => ({
    name: 'GETANNOTATION',
    mailbox: name(value),
    entries: ['/a'],
    attributes: ['b'],
  }),
  'an entry of GETANNOTATION': (value) => ({
    name: 'GETANNOTATION',
    mailbox: INBOX,
    entries: [value, value],
    attributes: ['b'],
  }),
  'an attribute of GETANNOTATION': (value) => ({
    name: 'GETANNOTATION',
    mailbox: INBOX,
    entries: ['/a'],
    attributes: [value],
  }),
  'an entry of SETANNOTATION': (value) => ({
    name: 'SETANNOTATION',
    mailbox: INBOX,
    annotations: [{ entry: value, attributes: attributes('b', 'c') }],
  }),
  'an attribute of SETANNOTATION': (value) => ({
    name: 'SETANNOTATION',
    mailbox: INBOX,
    annotations: [{ entry: '/a', attributes: attributes(value, null) }],
  }),
  'a value of SETANNOTATION': (value) => ({
    name: 'SETANNOTATION',
    mailbox: name(value),
    annotations: [{ entry: '/a', attributes: attributes('b', value) }],
  }),
  'an entry to store': (value) => ({
    name: 'STORE ANNOTATION',
    messages: ONE,
    annotations: [{ entry: value, attributes: attributes('b', 'c') }],
  }),
  'a value to store': (value) => ({
    name: 'STORE ANNOTATION',
    messages: ONE,
    annotations: [{ entry: '/a', attributes: attributes(value, value) }],
  }),
  'a label': (value) => ({
    name: 'STORE X-GM-LABELS',
    messages: ONE,
    operation: 'add',
    isSilent: true,
    labels: [name(value)],
  }),
  'a mailbox of NOTIFY': (value) => ({
    name: 'NOTIFY',
    groups: [{ filter: { type: 'subtree', mailboxes: [name(value), INBOX] }, events: [] }],
  }),
  'an event': (value) => ({
    name: 'NOTIFY',
    groups: [{ filter: { type: 'selected' }, events: [{ type: 'other', name: value }] }],
  }),
  'a field of a new message': (value) => ({
    name: 'NOTIFY',
    groups: [
      {
        filter: { type: 'selected' },
        events: [
          {
            type: 'messageNew',
            items: [{ type: 'section', peek: true, section: { part: [], text: 'HEADER.FIELDS', fields: [value] } }],
          },
        ],
      },
    ],
  }),
  'a mailbox of ESEARCH': (value) => ({
    name: 'ESEARCH',
    sources: [{ type: 'mailboxes', mailboxes: [name(value)] }],
    key: { type: 'all' },
  }),
  'a charset': (value) => ({ name: 'SEARCH', isUid: false, charset: value, key: { type: 'all' } }),
  'a tag to cancel': (value) => ({ name: 'CANCELUPDATE', tags: [value] }),
  'an entry to search': (value) => search({ type: 'annotation', entry: value, attribute: 'value', value: 'x' }),
  'an annotation to search': (value) => search({ type: 'annotation', entry: '/a', attribute: 'value', value }),
  'a filter': (value) => search({ type: 'filter', name: value }),
  'a search of Gmail': (value) => search({ type: 'gmail', what: 'RAW', value }),
  'an object id': (value) => search({ type: 'emailId', id: value }),
  'a keyword': (value) => search({ type: 'flag', flag: value, isSet: true }),
  'a field': (value) => search({ type: 'header', name: value, value }),
  'an entry to sort by': (value) => ({
    name: 'SORT',
    isUid: true,
    charset: 'UTF-8',
    order: [{ key: 'ANNOTATION', isReverse: false, entry: value, attribute: 'value.priv' }],
    key: { type: 'all' },
  }),
  'a quota root': (value) => ({ name: 'SETQUOTA', root: value, limits: [{ name: 'STORAGE', limit: 1 }] }),
  'an identifier': (value) => ({ name: 'SETACL', mailbox: name(value), identifier: value, rights: value }),
  'an entry of metadata': (value) => ({ name: 'GETMETADATA', mailbox: name(value), entries: [`/${value}`] }),
  'a value of metadata': (value) => ({ name: 'SETMETADATA', mailbox: INBOX, entries: attributes('/a', value) }),
};

const COMMANDS: Readonly<Record<string, (value: string) => Command>> = {
  'a URL of CATENATE': (value) => ({
    name: 'APPEND',
    mailbox: INBOX,
    messages: [
      {
        flags: [],
        parts: [
          { type: 'url', url: value },
          { type: 'text', size: 1 },
        ],
      },
    ],
  }),
  'a mailbox of REPLACE': (value) => ({
    name: 'REPLACE',
    replaces: { type: 'uid', uid: 1 as Uid },
    mailbox: name(value),
    message: { flags: [], size: 1 },
  }),
  'an annotation of APPEND': (value) => ({
    name: 'APPEND',
    mailbox: INBOX,
    messages: [{ flags: [], size: 1, annotations: [{ entry: value, attributes: attributes(value, value) }] }],
  }),
  'a flag of APPEND': (value) => ({ name: 'APPEND', mailbox: INBOX, messages: [{ flags: [value], size: 1 }] }),
  'an entry of LIST': (value) => ({
    name: 'LIST',
    reference: name(value),
    patterns: [INBOX],
    return: [],
    metadataEntries: [value],
  }),
  'an entry to fetch': (value) => ({
    name: 'FETCH',
    messages: ONE,
    items: [{ type: 'annotation', entries: [value], attributes: ['a', value] }],
  }),
  'an item to fetch': (value) => ({ name: 'FETCH', messages: ONE, items: [{ type: 'other', name: value }] }),
  'the argument of an item to fetch': (value) => ({
    name: 'FETCH',
    messages: ONE,
    items: [{ type: 'other', name: 'X-A', argument: new TextEncoder().encode(value) }],
  }),
};

const RESPONSES: Readonly<Record<string, (value: string) => Response>> = {
  'an old name': (value) => ({ type: 'list', attributes: [], delimiter: '/', mailbox: INBOX, oldName: name(value) }),
  'an annotation': (value) => ({
    type: 'fetch',
    sequenceNumber: 1 as SequenceNumber,
    items: { annotations: [{ entry: value, attributes: attributes(value, value) }] },
  }),
  'a label': (value) => ({ type: 'uidFetch', uid: 1 as Uid, items: { gmailLabels: [name(value)] } }),
};

const EXTENSION_RESPONSES: Readonly<Record<string, (value: string) => ExtensionData>> = {
  'a language': (value) => ({ type: 'language', languages: [value] }),
  'a comparator': (value) => ({ type: 'comparator', active: value, matching: [value, value] }),
  'a JMAP URL': (value) => ({ type: 'jmapAccess', url: value }),
  'a tag of batches': (value) => ({ type: 'uidBatches', tag: value, batches: [] }),
  'a signed URL': (value) => ({ type: 'signedUrls', urls: [value, value] }),
  'a fetched URL': (value) => ({ type: 'urlData', urls: [{ url: value, data: new TextEncoder().encode(value) }] }),
  'an annotation': (value) => ({
    type: 'mailboxAnnotation',
    mailbox: name(value),
    annotations: [{ entry: value, attributes: attributes(value, value) }],
  }),
  'a parameter of a conversion': (value) => ({
    type: 'conversion',
    from: 'text/html',
    to: 'text/plain',
    parameters: [value, value],
  }),
  'a converted part': (value) => ({
    type: 'converted',
    sequenceNumber: 1 as SequenceNumber,
    tag: value,
    items: [
      { type: 'binary', part: [1], data: new TextEncoder().encode(value) },
      { type: 'error', section: { type: 'binary', part: [2], origin: 5 }, error: { type: 'tempFail', text: value } },
      {
        type: 'error',
        section: { type: 'binarySize', part: [3] },
        error: {
          type: 'badParameters',
          text: value,
          conversions: [{ from: null, to: 'text/plain', parameters: attributesOf(value, value) }],
        },
      },
    ],
  }),
  'a searched mailbox': (value) => ({
    type: 'extendedSearch',
    tag: value,
    mailbox: name(value),
    uidValidity: 1 as UidValidity,
    isUid: true,
  }),
};

/** What is sent, or undefined when it is refused. */
function sent(send: () => Uint8Array): Uint8Array | undefined {
  try {
    return send();
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return undefined;
  }
}

const octetsOf = (tag: string, command: Command): Uint8Array =>
  concat(
    encodeCommand(tag, command, { literalPlus: true }).flatMap((piece) => {
      if (piece.type === 'message') return [new Uint8Array(piece.size).fill(0x2e)];
      return piece.type === 'bytes' ? [piece.bytes] : [];
    }),
  );

const LIMITS = { maxLineBytes: 1e6, maxLiteralBytes: 1e6 };

/** The command read, when nothing else was, and the next one is in step. */
function onlyCommand(bytes: Uint8Array): Command {
  const events: readonly CommandEvent[] = commands([bytes, octetsOf('z', { name: 'NOOP' })], LIMITS);
  const whole = events.filter(({ type }) => type === 'command' || type === 'invalid');
  expect(whole).toMatchObject([
    { type: 'command', tag: 'a' },
    { type: 'command', tag: 'z', command: { name: 'NOOP' } },
  ]);
  const [first] = whole;
  if (first?.type !== 'command') throw new Error('expected a command');
  return first.command;
}

/** Half characters become U+FFFD, and names of items are in upper case: both are values of their own once read. */
function isPlain(value: string): boolean {
  return !/\p{Surrogate}/u.test(value);
}

describe('a command of an extension stays what it is', () => {
  it.each(Object.entries(EXTENSION_COMMANDS))('whatever stands in %s', (_, make) => {
    fc.assert(
      fc.property(evil, (value) => {
        const command = make(value);
        const bytes = sent(() => octetsOf('a', extensionCommand(command)));
        if (bytes === undefined) return;
        const read = onlyCommand(bytes);
        if (read.name !== 'X') throw new Error('expected an extension');
        const again = readExtensionCommand(read);
        expect(again).toMatchObject({ name: command.name });
        if (isPlain(value)) expect(withoutText(again)).toEqual(withoutText(command));
      }),
      { numRuns: 150 },
    );
  });

  it('and most texts are sent', () => {
    for (const [what, make] of Object.entries(EXTENSION_COMMANDS))
      expect(
        sent(() => octetsOf('a', extensionCommand(make('Abc')))),
        what,
      ).toBeDefined();
  });
});

describe('a command stays what it is', () => {
  it.each(Object.entries(COMMANDS))('whatever stands in %s', (_, make) => {
    fc.assert(
      fc.property(evil, (value) => {
        const command = make(value);
        const bytes = sent(() => octetsOf('a', command));
        if (bytes === undefined) return;
        expect(onlyCommand(bytes).name).toBe(command.name);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a response stays what it is', () => {
  const lineOf = (response: Response): Uint8Array =>
    concat(encodeResponse(response).flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : [])));
  const only = (bytes: Uint8Array) => {
    const events = responses([bytes, lineOf({ type: 'exists', count: 3 })]);
    expect(events, latin1(bytes)).toHaveLength(2);
    expect(events[1]).toEqual({ type: 'exists', count: 3 });
    return events[0]!;
  };

  it.each(Object.entries(RESPONSES))('whatever stands in %s', (_, make) => {
    fc.assert(
      fc.property(evil, (value) => {
        const response = make(value);
        const bytes = sent(() => lineOf(response));
        if (bytes !== undefined) expect(only(bytes).type).toBe(response.type);
      }),
      { numRuns: 150 },
    );
  });

  it.each(Object.entries(EXTENSION_RESPONSES))('of an extension, whatever stands in %s', (_, make) => {
    fc.assert(
      fc.property(evil, (value) => {
        const data = make(value);
        const bytes = sent(() => lineOf(extensionResponse(data)));
        if (bytes === undefined) return;
        const event = only(bytes);
        if (event.type !== 'unknown') throw new Error('expected an extension');
        const again = readExtension(event);
        expect(again?.type).toBe(data.type);
        if (isPlain(value) && !value.includes('\0')) expect(withoutText(again)).toEqual(withoutText(data));
      }),
      { numRuns: 150 },
    );
  });
});

/** The same, with mailbox names as they are spelled: these names were made without decoding them. */
function withoutText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutText);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, withoutText(each)]));
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(
    ([key]) => key !== 'diagnostics' && !(key === 'text' && 'wire' in value),
  );
  return Object.fromEntries(members.map(([key, each]) => [key, withoutText(each)]));
}
