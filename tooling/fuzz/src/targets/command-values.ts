import { isDeepStrictEqual } from 'node:util';
import type { SequenceNumber, Uid } from '@posthorn/core';
import type {
  AppendMessage,
  CatenatePart,
  Command,
  FetchItem,
  MessageSelector,
  PartialSection,
  QuickResync,
  ReplacedMessage,
} from '@posthorn/wire';
import { expectSame, type Target } from '../target.ts';
import { compact, type Values } from '../values.ts';
import { valuesTarget } from '../values-target.ts';
import { annotation } from './annotations.ts';
import { decodedCommands, EVERYTHING, encodedCommand, encodedIfPossible, expectOneCommand } from './commands.ts';

const PLAIN_NAMES = [
  'CAPABILITY',
  'NOOP',
  'LOGOUT',
  'STARTTLS',
  'IDLE',
  'CLOSE',
  'UNSELECT',
  'CHECK',
  'NAMESPACE',
] as const;
const STATUS_ITEMS = [
  'MESSAGES',
  'RECENT',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  'DELETED',
  'DELETED-STORAGE',
  'SIZE',
  'HIGHESTMODSEQ',
  'MAILBOXID',
  'APPENDLIMIT',
] as const;
const FETCH_ITEMS = [
  'uid',
  'flags',
  'internalDate',
  'size',
  'envelope',
  'bodyStructure',
  'body',
  'modSeq',
  'emailId',
  'threadId',
  'saveDate',
  'preview',
] as const;

/** What a client's caller asks for. */
export const commandValues: Target = valuesTarget<Command>({
  name: 'commandValues',
  make: (values) => values.random.pick(MAKERS)(values),
  checkExact: (command) => {
    const decoded = decodedCommands(encodedCommand('A1', command, EVERYTHING));
    const expected = [{ type: 'command', tag: 'A1', command }];
    expectSame(isDeepStrictEqual(decoded, expected), 'encoding changed a command', decoded, expected);
  },
  checkHarmless: (command) => {
    const octets = encodedIfPossible('A1', command);
    if (octets !== undefined) expectOneCommand(octets, command);
    // Without LITERAL+ and UTF-8 as well.
    const spelled = encodedIfPossible('A1', command, {});
    if (spelled !== undefined) expectOneCommand(spelled, command);
  },
});

const MAKERS: readonly ((values: Values) => Command)[] = [
  ({ random }) => ({ name: random.pick(PLAIN_NAMES) }),
  (values) => ({ name: 'LOGIN', user: values.text(), password: values.text() }),
  (values) =>
    compact({
      name: 'AUTHENTICATE',
      mechanism: values.atom().toUpperCase(),
      initialResponse: values.maybe(() => values.bytes()),
    }),
  (values) => ({ name: 'ENABLE', capabilities: values.some(() => values.atom(), 1) }),
  (values) => ({
    name: 'ID',
    parameters: values.random.once(4) ? null : new Map(values.some(() => [values.text(), values.nText()])),
  }),
  (values) =>
    compact({
      name: values.random.pick(['SELECT', 'EXAMINE'] as const),
      mailbox: values.mailbox(),
      condstore: values.maybe(() => true),
      annotate: values.maybe(() => true),
      qresync: values.maybe(() => quickResync(values)),
    }),
  (values) =>
    compact({
      name: 'CREATE',
      mailbox: values.mailbox(),
      specialUse: values.maybe(() => ['\\Sent', '\\Trash'].slice(values.random.below(2))),
    }),
  (values) => ({
    name: values.random.pick(['DELETE', 'SUBSCRIBE', 'UNSUBSCRIBE'] as const),
    mailbox: values.mailbox(),
  }),
  (values) => ({ name: 'RENAME', from: values.mailbox(), to: values.mailbox() }),
  listCommand,
  (values) => ({ name: 'LSUB', reference: values.mailbox(), pattern: values.mailbox() }),
  (values) => ({
    name: 'STATUS',
    mailbox: values.mailbox(),
    items: values.some(() => values.random.pick(STATUS_ITEMS), 1),
  }),
  (values) => ({ name: 'APPEND', mailbox: values.mailbox(), messages: values.some(() => appendMessage(values), 1) }),
  (values) =>
    compact({
      name: 'EXPUNGE',
      uids: values.maybe(() => (values.random.once(3) ? ('$' as const) : values.sequenceSet<Uid>(true))),
    }),
  (values) => ({
    name: 'REPLACE',
    replaces: values.random.pick<ReplacedMessage>([
      { type: 'uid', uid: values.uid() },
      { type: 'sequenceNumber', sequenceNumber: values.sequenceNumber() },
      { type: 'uid', uid: '*' },
    ]),
    mailbox: values.mailbox(),
    message: appendMessage(values),
  }),
  fetchCommand,
  storeCommand,
  (values) => ({
    name: values.random.pick(['COPY', 'MOVE'] as const),
    messages: messages(values),
    mailbox: values.mailbox(),
  }),
];

function listCommand(values: Values): Command {
  const { random } = values;
  const isExtended = random.once(2);
  return compact({
    name: 'LIST',
    reference: values.mailbox(),
    patterns: values.some(() => values.mailbox(), 1),
    select: values.maybe(() => values.some(() => random.pick(['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH']))),
    return: isExtended ? values.some(() => random.pick(['SUBSCRIBED', 'CHILDREN', 'SPECIAL-USE'])) : undefined,
    statusItems: isExtended ? values.maybe(() => values.some(() => random.pick(STATUS_ITEMS), 1)) : undefined,
  });
}

/** Which messages a command is about. */
export function messages(values: Values): MessageSelector {
  if (values.random.once(6)) return { type: 'saved', isUid: values.random.once(2) };
  return values.random.once(2)
    ? { type: 'uids', set: values.sequenceSet(true) }
    : { type: 'sequenceNumbers', set: values.sequenceSet(true) };
}

function appendMessage(values: Values): AppendMessage {
  const flags = values.some(() => values.flag());
  const internalDate = values.maybe(() => values.internalDate());
  const annotations = values.maybe(() => values.some(() => annotation(values), 1));
  const properties = { flags, ...compact({ internalDate, annotations }) };
  if (values.random.once(4)) return { ...properties, parts: values.some(() => catenatePart(values), 1) };
  const kind = values.random.pick([{}, { isBinary: true }, { isUtf8: true }]);
  return { ...properties, size: values.random.below(50), ...kind };
}

function catenatePart(values: Values): CatenatePart {
  return values.random.once(2)
    ? { type: 'url', url: values.text() }
    : { type: 'text', size: values.random.below(50), ...values.random.pick([{}, { isBinary: true }]) };
}

function fetchCommand(values: Values): Command {
  return compact({
    name: 'FETCH',
    messages: messages(values),
    items: values.some(() => fetchItem(values), 1),
    changedSince: values.maybe(() => values.modSeq()),
    vanished: values.maybe(() => true),
    partial: values.maybe(() => ({ first: values.id(), last: values.id() })),
  });
}

function fetchItem(values: Values): FetchItem {
  const { random } = values;
  if (random.once(2)) return { type: random.pick(FETCH_ITEMS) };
  if (random.once(6)) return { type: 'preview', isLazy: true };
  if (random.once(6)) return { type: 'gmail', what: random.pick(['MSGID', 'THRID', 'LABELS'] as const) };
  if (random.once(6))
    return {
      type: 'annotation',
      entries: values.some(() => `/${values.atom()}`, 1),
      attributes: values.some(() => random.pick(['value', 'value.priv', 'size.shared']), 1),
    };
  if (random.once(6)) return { type: 'binarySize', part: part(values) };
  if (random.once(4))
    return compact({ type: 'binary', part: part(values), peek: random.once(2), partial: partialSection(values) });
  if (random.once(4)) return { type: 'rfc822', text: random.pick(['whole', 'header', 'text'] as const) };
  return compact({
    type: 'section',
    section: values.section(),
    peek: random.once(2),
    partial: partialSection(values),
  });
}

function part(values: Values): readonly number[] {
  return values.some(() => 1 + values.random.below(20));
}

function partialSection(values: Values): PartialSection | undefined {
  return values.maybe(() => ({ offset: values.random.number(32), length: 1 + values.random.number(31) }));
}

function quickResync(values: Values): QuickResync {
  const knownUids = values.maybe(() => values.sequenceSet<Uid>(false));
  return compact({
    uidValidity: values.uidValidity(),
    modSeq: values.modSeq(),
    knownUids,
    match: values.maybe(() => ({
      sequenceNumbers: values.sequenceSet<SequenceNumber>(false),
      uids: values.sequenceSet<Uid>(false),
    })),
  });
}

function storeCommand(values: Values): Command {
  const { random } = values;
  return compact({
    name: 'STORE',
    messages: messages(values),
    operation: random.pick(['add', 'remove', 'replace'] as const),
    isSilent: random.once(2),
    flags: values.some(() => values.flag()),
    unchangedSince: values.maybe(() => values.modSeq()),
  });
}
