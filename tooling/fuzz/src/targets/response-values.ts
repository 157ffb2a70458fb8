import { isDeepStrictEqual } from 'node:util';
import type { Address, BodyParameters, BodyStructure, EmailId, Envelope, ThreadId } from '@posthorn/core';
import { rangeSet, union } from '@posthorn/message-set';
import type { FetchedSection, FetchItems, NamespaceEntry, RawItem, Response } from '@posthorn/wire';
import { ResponseDecoder } from '@posthorn/wire';
import { outcomeOf } from '../decode.ts';
import { octetsOf } from '../octets.ts';
import { expectSame, type Target } from '../target.ts';
import { compact, type Values } from '../values.ts';
import { valuesTarget } from '../values-target.ts';
import { annotation } from './annotations.ts';
import { responseCode } from './response-codes.ts';
import { encodedIfPossible, encodedOctets, expectOneResponse, sent } from './responses.ts';

/** What a server has to say. */
export const responseValues: Target = valuesTarget<Response>({
  name: 'responseValues',
  make: (values) => values.random.pick(MAKERS)(values),
  checkExact: (response) => {
    for (const utf8 of [false, true]) {
      const { events } = outcomeOf(new ResponseDecoder({ mode: 'strict' }), [encodedOctets(response, { utf8 })]);
      const decoded = events.filter(({ type }) => !/literal/i.test(type));
      const expected = [sent(response)];
      expectSame(isDeepStrictEqual(decoded, expected), 'encoding changed a response', decoded, expected);
    }
  },
  checkHarmless: (response) => {
    const octets = encodedIfPossible(response);
    if (octets !== undefined) expectOneResponse(octets, response);
  },
});

const MAKERS: readonly ((values: Values) => Response)[] = [
  (values) => ({
    type: 'status',
    ...values.random.pick([
      { tag: undefined, status: values.random.pick(['OK', 'NO', 'BAD', 'BYE', 'PREAUTH'] as const) },
      { tag: 'A1', status: values.random.pick(['OK', 'NO', 'BAD'] as const) },
    ]),
    ...compact({ code: values.maybe(() => responseCode(values)) }),
    text: peopleText(values),
  }),
  (values) =>
    compact({ type: 'continuation', code: values.maybe(() => responseCode(values)), text: peopleText(values) }),
  (values) => ({
    type: values.random.pick(['capability', 'enabled'] as const),
    capabilities: values.some(() => values.atom(), 1),
  }),
  (values) => ({
    type: values.random.pick(['list', 'lsub'] as const),
    attributes: values.random.pick([[], ['\\HasNoChildren'], ['\\Sent', '\\X']]),
    delimiter: values.random.pick(['/', '.', null, '\\', '"']),
    mailbox: values.mailbox(),
    ...compact({ extended: values.maybe(() => values.some(() => extendedItem(values), 1)) }),
  }),
  (values) => ({ type: 'mailboxStatus', mailbox: values.mailbox(), items: statusItems(values) }),
  (values) => ({ type: 'flags', flags: values.some(() => values.flag()) }),
  (values) => ({ type: values.random.pick(['exists', 'recent'] as const), count: values.random.number(32) }),
  (values) => ({ type: 'expunge', sequenceNumber: values.sequenceNumber() }),
  (values) => ({
    type: 'vanished',
    isEarlier: values.random.once(2),
    uids: union(rangeSet(values.uid(), values.uid()), rangeSet(values.uid(), values.uid())),
  }),
  (values) => {
    const numbers = values.some(() => values.id());
    return compact({
      type: 'search',
      numbers,
      modSeq: numbers.length > 0 ? values.maybe(() => values.modSeq()) : undefined,
    });
  },
  (values) => ({
    type: 'namespace',
    personal: namespaces(values),
    otherUsers: namespaces(values),
    shared: namespaces(values),
  }),
  (values) => ({
    type: 'id',
    parameters: values.random.once(4) ? null : new Map(values.some(() => [values.text(), values.nText()])),
  }),
  fetchResponse,
  fetchResponse,
  fetchResponse,
  (values) => ({ type: 'uidFetch', uid: values.uid(), items: fetchItems(values, false) }),
];

/** One line, without what only begins like a code. */
function peopleText(values: Values): string {
  const text = values.text();
  return /[\r\n\0]|^[[ ]/.test(text) || text === '' ? 'done' : text;
}

function statusItems(values: Values): Extract<Response, { type: 'mailboxStatus' }>['items'] {
  const { random } = values;
  return compact({
    messages: values.maybe(() => random.number(32)),
    recent: values.maybe(() => random.number(32)),
    uidNext: values.maybe(() => values.id()),
    uidValidity: values.maybe(() => values.uidValidity()),
    unseen: values.maybe(() => random.number(32)),
    deleted: values.maybe(() => random.number(32)),
    deletedStorage: values.maybe(() => values.size()),
    size: values.maybe(() => values.size()),
    highestModSeq: values.maybe(() => values.modSeq()),
    appendLimit: values.maybe(() => random.pick([null, 0, 35_651_584])),
  });
}

function namespaces(values: Values): readonly NamespaceEntry[] {
  return values.some(() => ({
    prefix: values.mailbox(),
    delimiter: values.random.pick(['/', '.', null]),
    ...compact({ extended: values.maybe(() => values.some(() => extendedItem(values), 1)) }),
  }));
}

function extendedItem(values: Values): RawItem {
  return { name: values.atom().toUpperCase(), raw: octetsOf(values.random.pick(EXTENDED_VALUES)) };
}

const EXTENDED_VALUES = ['("a")', '("a" "b c" {1}\r\n))', '(NIL (1 2))', 'x', '""', '()'];

function fetchResponse(values: Values): Response {
  return { type: 'fetch', sequenceNumber: values.sequenceNumber(), items: fetchItems(values, true) };
}

function fetchItems(values: Values, hasUid: boolean): FetchItems {
  const { random } = values;
  return compact({
    uid: hasUid ? values.maybe(() => values.uid()) : undefined,
    flags: values.maybe(() => values.some(() => values.flag())),
    internalDate: values.maybe(() => values.internalDate()),
    size: values.maybe(() => values.size()),
    modSeq: values.maybe(() => values.modSeq()),
    envelope: values.maybe(() => envelope(values)),
    bodyStructure: values.maybe(() => bodyStructure(values, random.once(2), 3)),
    emailId: values.maybe(() => 'M6d99ac3275bb4e' as EmailId),
    threadId: values.maybe(() => (random.once(2) ? null : ('T64b478a75b7ea9' as ThreadId))),
    saveDate: values.maybe(() => (random.once(4) ? null : values.internalDate())),
    preview: values.maybe(() => values.nText()),
    sections: values.maybe(() => values.some(() => fetchedSection(values), 1)),
    binarySizes: values.maybe(() =>
      values.some(() => ({ part: values.some(() => 1 + random.below(9)), size: values.size() }), 1),
    ),
    annotations: values.maybe(() => values.some(() => annotation(values), 1)),
    gmailMessageId: values.maybe(() => BigInt(random.number(32)) << 31n),
    gmailThreadId: values.maybe(() => BigInt(random.number(32))),
    gmailLabels: values.maybe(() => values.some(() => values.mailbox())),
  });
}

function fetchedSection(values: Values): FetchedSection {
  const { random } = values;
  const item = random.pick(['BODY', 'BODY', 'BINARY', 'RFC822', 'RFC822.HEADER', 'RFC822.TEXT'] as const);
  const section = {
    BODY: () => values.section(),
    BINARY: () => ({ part: [1, 1 + random.below(9)] }),
    RFC822: () => ({ part: [] }),
    'RFC822.HEADER': () => ({ part: [], text: 'HEADER' as const }),
    'RFC822.TEXT': () => ({ part: [], text: 'TEXT' as const }),
  }[item]();
  return compact({
    item,
    section,
    origin: item === 'BODY' ? values.maybe(() => random.number(32)) : undefined,
    value: random.once(4) ? null : { type: 'inline', bytes: values.bytes() },
  });
}

function envelope(values: Values): Envelope {
  const addresses = (): Address[] => values.some(() => address(values));
  return {
    date: values.nText(),
    subject: values.nText(),
    from: addresses(),
    sender: addresses(),
    replyTo: addresses(),
    to: addresses(),
    cc: addresses(),
    bcc: addresses(),
    inReplyTo: values.nText(),
    messageId: values.nText(),
  };
}

function address(values: Values): Address {
  return { name: values.nText(), route: values.nText(), mailbox: values.nText(), host: values.nText() };
}

/** As BODYSTRUCTURE has it when `isExtended`, otherwise as BODY has it. */
function bodyStructure(values: Values, isExtended: boolean, depth: number): BodyStructure {
  const { random } = values;
  if (depth > 0 && random.once(2)) {
    const parts = values.some(() => bodyStructure(values, isExtended, depth - 1), 1);
    const mediaSubtype = values.text();
    if (!isExtended) return { type: 'multipart', parts, mediaSubtype };
    return { type: 'multipart', parts, mediaSubtype, parameters: parameters(values), ...extension(values) };
  }
  const fields = {
    parameters: parameters(values),
    id: values.nText(),
    description: values.nText(),
    encoding: values.text(),
    size: random.number(32),
    ...(isExtended ? { md5: values.nText(), ...extension(values) } : {}),
  };
  if (depth > 0 && random.once(3)) {
    const body = bodyStructure(values, isExtended, depth - 1);
    const message = { envelope: envelope(values), body, lines: random.number(32) };
    return { type: 'message', mediaType: 'MESSAGE', mediaSubtype: 'RFC822', ...fields, ...message };
  }
  if (random.once(2)) return { type: 'text', mediaType: 'text', mediaSubtype: values.text(), ...fields, lines: 3 };
  return { type: 'basic', mediaType: 'application', mediaSubtype: values.text(), ...fields };
}

/** As many of the extension fields as a server cares to send. */
function extension(values: Values): Pick<BodyStructure, 'disposition' | 'language' | 'location'> {
  const { random } = values;
  const disposition = random.once(2) ? null : { type: values.text(), parameters: parameters(values) };
  const language = random.once(2) ? null : values.some(() => values.text(), 1);
  return random.pick([
    {},
    { disposition },
    { disposition, language },
    { disposition, language, location: values.nText() },
  ]);
}

function parameters(values: Values): BodyParameters {
  return values.some(() => [values.text(), values.text()] as const);
}
