import { isDeepStrictEqual } from 'node:util';
import type { Flag, ImapDate, Uid } from '@posthorn/core';
import { encodeCommand, type RawItem, ResponseDecoder } from '@posthorn/wire';
import {
  type ExtensionCommand,
  type ExtensionData,
  extensionCommand,
  extensionResponse,
  type MailboxFilter,
  type NotifyEvent,
  readExtension,
  readExtensionCommand,
  type SearchChange,
  type SearchKey,
  type SearchReturn,
  type SortCriterion,
  type ThreadNode,
} from '@posthorn/wire/extensions';
import { outcomeOf } from '../decode.ts';
import { octetsOf } from '../octets.ts';
import { expectSame, refusedOr, type Target } from '../target.ts';
import { compact, type Values } from '../values.ts';
import { valuesTarget } from '../values-target.ts';
import { annotation } from './annotations.ts';
import { messages } from './command-values.ts';
import { decodedCommands, EVERYTHING, encodedCommand, encodedIfPossible, expectOneCommand } from './commands.ts';
import { conversion, convertCommand, converted } from './conversions.ts';
import { encodedOctets, expectOneResponse } from './responses.ts';

/** What a client's caller asks of an extension. */
export const extensionCommandValues: Target = valuesTarget<ExtensionCommand>({
  name: 'extensionCommandValues',
  make: (values) => values.random.pick(COMMANDS)(values),
  checkExact: (value) => {
    const [event] = decodedCommands(encodedCommand('A1', extensionCommand(value), EVERYTHING));
    const again = event?.type === 'command' && event.command.name === 'X' ? readExtensionCommand(event.command) : event;
    expectSame(isDeepStrictEqual(again, value), 'encoding changed an extension', again, value);
  },
  checkHarmless: (value) => {
    const command = refusedOr(() => extensionCommand(value));
    if (command === undefined) return;
    for (const options of [EVERYTHING, {}]) {
      const octets = encodedIfPossible('A1', command, options);
      if (octets !== undefined) expectOneCommand(octets, command);
    }
    refusedOr(() => encodeCommand('A1', command, { literalMinus: true }));
  },
});

/** What a server has to say about an extension. */
export const extensionResponseValues: Target = valuesTarget<ExtensionData>({
  name: 'extensionResponseValues',
  make: (values) => values.random.pick(RESPONSES)(values),
  checkExact: (value) => {
    const { events } = outcomeOf(new ResponseDecoder(), [encodedOctets(extensionResponse(value))]);
    const again = events.map((event) => (event.type === 'unknown' ? readExtension(event) : event));
    expectSame(isDeepStrictEqual(again, [value]), 'encoding changed an extension', again, [value]);
  },
  checkHarmless: (value) => {
    const response = refusedOr(() => extensionResponse(value));
    if (response === undefined) return;
    const octets = refusedOr(() => encodedOctets(response));
    if (octets !== undefined) expectOneResponse(octets, response);
  },
});

const COMMANDS: readonly ((values: Values) => ExtensionCommand)[] = [
  (values) =>
    compact({
      name: 'SEARCH',
      isUid: values.random.once(2),
      return: returns(values),
      charset: values.maybe(() => values.atom()),
      key: program(values),
    }),
  (values) =>
    compact({
      name: 'SORT',
      isUid: values.random.once(2),
      return: returns(values),
      charset: values.atom(),
      order: values.some(() => criterion(values), 1),
      key: program(values),
    }),
  (values) => ({
    name: 'THREAD',
    isUid: values.random.once(2),
    charset: values.atom(),
    algorithm: values.atom().toUpperCase(),
    key: program(values),
  }),
  (values) =>
    compact({
      name: 'ESEARCH',
      sources: values.maybe(() => values.some(() => filter(values), 1)),
      return: returns(values),
      charset: values.maybe(() => values.atom()),
      key: program(values),
    }),
  (values) =>
    compact({
      name: 'NOTIFY',
      groups: values.some(() => ({ filter: filter(values), events: values.some(() => notifyEvent(values)) }), 1),
      tellsStatus: values.maybe(() => true),
    }),
  () => ({ name: 'NOTIFY', groups: [] }),
  (values) => ({ name: 'CANCELUPDATE', tags: values.some(() => values.random.pick(['A1', 'b.2', '7']), 1) }),
  (values) => ({ name: 'GETQUOTA', root: values.text() }),
  (values) => ({
    name: values.random.pick(['GETQUOTAROOT', 'GETACL', 'MYRIGHTS'] as const),
    mailbox: values.mailbox(),
  }),
  (values) => ({
    name: 'SETQUOTA',
    root: values.text(),
    limits: values.some(() => ({ name: values.atom().toUpperCase(), limit: values.size() })),
  }),
  (values) => ({ name: 'SETACL', mailbox: values.mailbox(), identifier: values.text(), rights: values.text() }),
  (values) => ({
    name: values.random.pick(['DELETEACL', 'LISTRIGHTS'] as const),
    mailbox: values.mailbox(),
    identifier: values.text(),
  }),
  (values) =>
    compact({
      name: 'GETMETADATA',
      mailbox: values.mailbox(),
      entries: values.some(() => `/${values.text()}`, 1),
      maxSize: values.maybe(() => values.size()),
      depth: values.maybe(() => values.random.pick(['0', '1', 'infinity'] as const)),
    }),
  (values) => ({
    name: 'SETMETADATA',
    mailbox: values.mailbox(),
    entries: new Map(values.some(() => [`/${values.text()}`, values.nText()], 1)),
  }),
  (values) => ({ name: 'COMPRESS', algorithm: values.atom().toUpperCase() }),
  () => ({ name: 'UNAUTHENTICATE' }),
  () => ({ name: 'GETJMAPACCESS' }),
  () => ({ name: 'RESETKEY' }),
  (values) => ({ name: 'LANGUAGE', languages: values.some(() => values.text()) }),
  (values) => ({ name: 'COMPARATOR', comparators: values.some(() => values.text()) }),
  (values) => ({ name: 'PROXYAUTH', user: values.text() }),
  (values) =>
    compact({
      name: 'UIDBATCHES',
      size: values.id(),
      range: values.maybe(() => ({ first: values.id(), last: values.id() })),
    }),
  (values) => ({
    name: values.random.pick(['XLIST', 'RLIST', 'RLSUB'] as const),
    reference: values.mailbox(),
    pattern: values.mailbox(),
  }),
  (values) =>
    compact({
      name: 'STORE X-GM-LABELS',
      messages: messages(values),
      operation: values.random.pick(['add', 'remove', 'replace'] as const),
      isSilent: values.random.once(2),
      labels: values.some(() => values.mailbox()),
      unchangedSince: values.maybe(() => values.modSeq()),
    }),
  (values) =>
    compact({
      name: 'STORE ANNOTATION',
      messages: messages(values),
      annotations: values.some(() => annotation(values), 1),
      unchangedSince: values.maybe(() => values.modSeq()),
    }),
  (values) => ({
    name: 'GETANNOTATION',
    mailbox: values.mailbox(),
    entries: values.some(() => `/${values.text()}`, 1),
    attributes: values.some(() => values.random.pick(['value', 'size.priv']), 1),
  }),
  (values) => ({
    name: 'SETANNOTATION',
    mailbox: values.mailbox(),
    annotations: values.some(() => annotation(values), 1),
  }),
  (values) => ({
    name: 'GENURLAUTH',
    urls: values.some(() => ({ url: values.text(), mechanism: values.atom().toUpperCase() }), 1),
  }),
  (values) => ({ name: 'CONVERSIONS', from: values.text(), to: values.text() }),
  convertCommand,
  (values) => ({ name: 'URLFETCH', urls: values.some(() => values.text(), 1) }),
  (values) => ({
    name: 'RESETKEY',
    mailbox: values.mailbox(),
    mechanisms: values.some(() => values.atom().toUpperCase()),
  }),
];

function returns(values: Values): SearchReturn[] | undefined {
  const { random } = values;
  return values.maybe(() =>
    values.some(() => {
      if (random.once(4)) return { type: 'partial', range: partialRange(values) };
      if (random.once(4)) return random.once(2) ? { type: 'update' } : { type: 'update', items: [{ type: 'uid' }] };
      return { type: random.pick(['min', 'max', 'all', 'count', 'save', 'context', 'relevancy'] as const) };
    }),
  );
}

function partialRange(values: Values): { readonly first: number; readonly last: number } {
  const sign = values.random.pick([1, -1]);
  return { first: sign * values.id(), last: sign * values.id() };
}

function criterion(values: Values): SortCriterion {
  const isReverse = values.random.once(2);
  if (values.random.once(4)) {
    const attribute = values.random.pick(['value.priv', 'value.shared'] as const);
    return { key: 'ANNOTATION', isReverse, entry: `/${values.text()}`, attribute };
  }
  return { key: values.random.pick(['DATE', 'SUBJECT', 'DISPLAYFROM', 'SIZE'] as const), isReverse };
}

function filter(values: Values): MailboxFilter {
  const { random } = values;
  return random.once(2)
    ? { type: random.pick(['selected', 'selectedDelayed', 'inboxes', 'personal', 'subscribed'] as const) }
    : {
        type: random.pick(['subtree', 'subtreeOne', 'mailboxes'] as const),
        mailboxes: values.some(() => values.mailbox(), 1),
      };
}

function notifyEvent(values: Values): NotifyEvent {
  const { random } = values;
  if (random.once(3)) return { type: 'messageNew', items: [{ type: 'uid' }, { type: 'flags' }] };
  return {
    type: random.pick(['messageNew', 'messageExpunge', 'flagChange', 'mailboxName', 'serverMetadataChange'] as const),
  };
}

function program(values: Values): SearchKey {
  return searchKey(values, 3);
}

function searchKey(values: Values, depth: number): SearchKey {
  const { random } = values;
  if (depth > 0 && random.once(3)) return nestedKey(values, depth - 1);
  return random.pick(KEYS)(values);
}

function nestedKey(values: Values, depth: number): SearchKey {
  const key = (): SearchKey => searchKey(values, depth);
  switch (values.random.below(4)) {
    case 0:
      return { type: 'and', keys: [key(), key(), ...values.some(key)] };
    case 1:
      return { type: 'or', left: key(), right: key() };
    case 2:
      return { type: 'fuzzy', key: key() };
    default:
      return { type: 'not', key: key() };
  }
}

const FLAGS: readonly Flag[] = ['\\Seen', '\\Deleted', '\\Answered', '\\Draft', '\\Flagged', '$Junk', 'Foo'];

const KEYS: readonly ((values: Values) => SearchKey)[] = [
  ({ random }) => ({ type: random.pick(['all', 'new', 'old', 'recent', 'saved', 'saveDateSupported'] as const) }),
  ({ random }) => ({ type: 'flag', flag: random.pick(FLAGS), isSet: random.once(2) }),
  (values) => ({ type: 'uids', set: values.sequenceSet(true) }),
  (values) => ({ type: 'sequenceNumbers', set: values.sequenceSet(true) }),
  (values) => ({
    type: 'header',
    name: values.random.pick(['FROM', 'SUBJECT', 'X-Spam', 'Message-ID']),
    value: values.text(),
  }),
  (values) => ({ type: 'text', where: values.random.pick(['body', 'text'] as const), value: values.text() }),
  (values) => ({
    type: 'date',
    which: values.random.pick(['internal', 'sent', 'saved'] as const),
    compare: values.random.pick(['before', 'on', 'since'] as const),
    date: imapDate(values),
  }),
  (values) => ({ type: 'size', compare: values.random.pick(['larger', 'smaller'] as const), octets: values.size() }),
  (values) => ({ type: 'age', compare: values.random.pick(['older', 'younger'] as const), seconds: values.id() }),
  (values) =>
    compact({
      type: 'modSeq',
      atLeast: values.modSeq(),
      entry: values.maybe(() => ({
        flag: values.random.pick(FLAGS),
        kind: values.random.pick(['priv', 'shared', 'all'] as const),
      })),
    }),
  (values) => ({ type: values.random.pick(['emailId', 'threadId'] as const), id: values.atom() }),
  (values) => ({ type: 'filter', name: values.atom() }),
  (values) => ({
    type: 'annotation',
    entry: `/${values.text()}`,
    attribute: values.random.pick(['value', 'value.priv', 'value.shared'] as const),
    value: values.nText(),
  }),
  (values) => ({
    type: 'gmail',
    what: values.random.pick(['RAW', 'MSGID', 'THRID', 'LABELS'] as const),
    value: values.text(),
  }),
];

function imapDate({ random }: Values): ImapDate {
  return { year: 1 + random.below(9999), month: 1 + random.below(12), day: 1 + random.below(28) };
}

const RESPONSES: readonly ((values: Values) => ExtensionData)[] = [
  extendedSearch,
  (values) =>
    compact({
      type: 'sort',
      numbers: values.some(() => values.id()),
      modSeq: values.maybe(() => values.modSeq()),
    }),
  (values) => ({ type: 'thread', threads: values.some(() => thread(values, 3)) }),
  (values) => ({
    type: 'quota',
    root: values.text(),
    resources: values.some(() => ({ name: values.atom().toUpperCase(), usage: values.size(), limit: values.size() })),
  }),
  (values) => ({ type: 'quotaRoot', mailbox: values.mailbox(), roots: values.some(() => values.text()) }),
  (values) => ({
    type: 'acl',
    mailbox: values.mailbox(),
    entries: values.some(() => ({ identifier: values.text(), rights: values.text() })),
  }),
  (values) => ({ type: 'myRights', mailbox: values.mailbox(), rights: values.text() }),
  (values) => ({
    type: 'listRights',
    mailbox: values.mailbox(),
    identifier: values.text(),
    required: values.text(),
    optional: values.some(() => values.text()),
  }),
  metadata,
  (values) => ({
    type: 'mailboxAnnotation',
    mailbox: values.mailbox(),
    annotations: values.some(() => annotation(values), 1),
  }),
  conversion,
  converted,
  (values) => ({ type: 'signedUrls', urls: values.some(() => values.text(), 1) }),
  (values) => ({
    type: 'urlData',
    urls: values.some(() => ({ url: values.text(), data: values.random.once(3) ? null : values.bytes() }), 1),
  }),
  (values) => ({ type: 'language', languages: values.some(() => values.text(), 1) }),
  (values) =>
    compact({
      type: 'comparator',
      active: values.text(),
      matching: values.maybe(() => values.some(() => values.text(), 1)),
    }),
  (values) => ({ type: 'jmapAccess', url: values.text() }),
  (values) => ({
    type: 'uidBatches',
    tag: values.text(),
    batches: values.some(() => ({ first: values.uid(), last: values.uid() })),
  }),
];

function extendedSearch(values: Values): ExtensionData {
  return compact({
    type: 'extendedSearch',
    tag: values.maybe(() => values.text()),
    mailbox: values.maybe(() => values.mailbox()),
    uidValidity: values.maybe(() => values.uidValidity()),
    isUid: values.random.once(2),
    min: values.maybe(() => values.id()),
    max: values.maybe(() => values.id()),
    count: values.maybe(() => values.random.number(32)),
    all: values.maybe(() => values.sequenceSet<Uid>(true)),
    modSeq: values.maybe(() => values.modSeq()),
    partial: values.maybe(() => ({
      range: partialRange(values),
      set: values.random.once(3) ? null : values.sequenceSet<Uid>(true),
    })),
    changes: values.maybe(() => values.some(() => change(values), 1)),
    relevancy: values.maybe(() => values.some(() => 1 + values.random.below(100), 1)),
    extended: values.maybe(() => values.some(() => extendedItem(values), 1)),
  });
}

function change(values: Values): SearchChange {
  return {
    type: values.random.pick(['add', 'remove'] as const),
    position: values.random.number(32),
    set: values.sequenceSet<Uid>(false),
  };
}

function extendedItem({ random }: Values): RawItem {
  return { name: random.pick(['X-A', 'XB']), raw: octetsOf(random.pick(['1', '(1 "a")', '""', '5:7,9'])) };
}

/** A message that is not there has several answers and is not the only one, or it would not be told of. */
function thread(values: Values, depth: number): ThreadNode {
  const answers = depth === 0 ? [] : values.some(() => thread(values, depth - 1));
  const [only, ...others] = answers;
  const isAlone = only !== undefined && others.length === 0;
  const children = isAlone ? [{ ...only, number: only.number ?? values.id() }] : answers;
  const isMissing = children.length > 1 && values.random.once(4);
  return { number: isMissing ? null : values.id(), children };
}

function metadata(values: Values): ExtensionData {
  const entries = values.some((): [string, string | null] => [`/${values.text()}`, values.nText()], 1);
  const names = [...new Set(entries.map(([name]) => name))];
  return compact({
    type: 'metadata',
    mailbox: values.mailbox(),
    names,
    values: values.maybe(() => new Map(entries)),
  });
}
