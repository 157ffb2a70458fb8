import type {
  Address,
  BodyParameters,
  BodyStructure,
  Envelope,
  InternalDate,
  ModSeq,
  SequenceNumber,
  Uid,
  UidValidity,
} from '@posthorn/core';
import { type MailboxName, mailboxName } from '@posthorn/mailbox-name';
import { type SequenceSet, setFromRanges } from '@posthorn/message-set';
import fc from 'fast-check';
import type { Command, FetchedSection, FetchItem, FetchItems, Response, ResponseCode, Section } from '../src/index.ts';
import { octets as octetsOf } from './feed.ts';

/** Any text without NUL and without half characters. */
export const text: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom(
      '',
      'NIL',
      'nil',
      '"',
      '\\',
      'a"b\\c',
      'x\r\ny',
      '{5}',
      '{5+}\r\n',
      '* OK',
      ' ',
      '\t',
      ')',
      '(',
      'ü',
      '&',
      '&-',
      'A001 LOGOUT\r\n',
    ),
    fc.constantFrom(1000, 1001, 4001).map((length) => 'x'.repeat(length)),
  )
  .map((value) => value.replaceAll('\0', ''));

const ATOM_CHARACTERS = [..."ABCXYZabcxyz0123456789$-_./:=!#&'+,;<>?@^`|~["];
export const atom: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom(...ATOM_CHARACTERS),
  minLength: 1,
  maxLength: 10,
});
export const tag: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom(...ATOM_CHARACTERS.filter((each) => each !== '+')),
  minLength: 1,
  maxLength: 64,
});
const upperAtom = fc
  .string({ unit: fc.constantFrom(...'ABCDEXYZ-='), minLength: 1, maxLength: 10 })
  .map((name) => `X${name.replace(/^=|=$/g, '')}Z`);
export const mailbox: fc.Arbitrary<MailboxName> = text.map((name) => mailboxName(name));
export const flag: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft'),
  atom,
  atom.map((name) => `\\X${name}`),
);
const flags = fc.array(flag, { maxLength: 4 });
const count = fc.oneof(fc.nat(), fc.constantFrom(0, 1, 4294967295));
const size = fc.oneof(count, fc.constant(Number.MAX_SAFE_INTEGER));
const id = fc.integer({ min: 1, max: 4294967295 });
const uid = id.map((value) => value as Uid);
const modSeq = fc.bigInt({ min: 1n, max: 0x7fff_ffff_ffff_ffffn }).map((value) => value as ModSeq);
const octets = fc.uint8Array({ maxLength: 40 });
export const internalDate: fc.Arbitrary<InternalDate> = fc.record({
  epochSeconds: fc.integer({ min: Date.UTC(1, 0, 2) / 1000, max: Date.UTC(9999, 11, 30) / 1000 }),
  offsetMinutes: fc.integer({ min: -1439, max: 1439 }).map((minutes) => minutes + 0),
});

function set<Id extends Uid | SequenceNumber>(allowStar: boolean): fc.Arbitrary<SequenceSet<Id>> {
  const range = fc.tuple(id, id).map(([a, b]) => ({ first: Math.min(a, b) as Id, last: Math.max(a, b) as Id }));
  const open = id.map((first) => ({ first: first as Id, last: '*' as const }));
  return fc
    .array(allowStar ? fc.oneof(range, open) : range, { minLength: 1, maxLength: 4 })
    .map((ranges) => ({ ranges }));
}

const selector = fc.oneof(
  set<Uid>(true).map((value) => ({ type: 'uids' as const, set: value })),
  set<SequenceNumber>(true).map((value) => ({ type: 'sequenceNumbers' as const, set: value })),
  fc.boolean().map((isUid) => ({ type: 'saved' as const, isUid })),
);

const part = fc.array(fc.integer({ min: 1, max: 4294967295 }), { maxLength: 4 });
const fieldName = fc.string({ unit: fc.constantFrom(...'abcXYZ-_"\\()[]{}%*0'), minLength: 1, maxLength: 8 });
const section: fc.Arbitrary<Section> = fc.oneof(
  part.map((value) => ({ part: value })),
  fc.record({ part, text: fc.constantFrom('HEADER' as const, 'TEXT' as const) }),
  fc.record({ part: part.map((value) => [...value, 1]), text: fc.constant('MIME' as const) }),
  fc.record({
    part,
    text: fc.constantFrom('HEADER.FIELDS' as const, 'HEADER.FIELDS.NOT' as const),
    fields: fc.array(fieldName, { minLength: 1, maxLength: 3 }),
  }),
);

export const fetchItem: fc.Arbitrary<FetchItem> = fc.oneof(
  fc
    .constantFrom(
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
    )
    .map((type) => ({ type }) as FetchItem),
  fc.record({ type: fc.constant('preview' as const), isLazy: fc.constant(true as const) }, { requiredKeys: ['type'] }),
  fc.record({ type: fc.constant('binarySize' as const), part }),
  fc.record(
    {
      type: fc.constant('binary' as const),
      part,
      peek: fc.boolean(),
      partial: fc.record({ offset: size, length: fc.integer({ min: 1, max: 4294967295 }) }),
    },
    { requiredKeys: ['type', 'part', 'peek'] },
  ),
  fc.record({
    type: fc.constant('rfc822' as const),
    text: fc.constantFrom('whole' as const, 'header' as const, 'text' as const),
  }),
  fc.record(
    {
      type: fc.constant('section' as const),
      section,
      peek: fc.boolean(),
      partial: fc.record({ offset: size, length: fc.integer({ min: 1, max: 4294967295 }) }),
    },
    { requiredKeys: ['type', 'section', 'peek'] },
  ),
);

const statusItem = fc.constantFrom(
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
);
const statusItems = fc.array(statusItem, { minLength: 1, maxLength: 3 });
const idParameters = fc.option(
  fc.dictionary(text, fc.option(text), { maxKeys: 3 }).map((value) => new Map(Object.entries(value))),
);

const qresync = fc.record(
  {
    uidValidity: id.map((value) => value as UidValidity),
    modSeq,
    knownUids: set<Uid>(false),
    match: fc.record({ sequenceNumbers: set<SequenceNumber>(false), uids: set<Uid>(false) }),
  },
  { requiredKeys: ['uidValidity', 'modSeq'] },
);

/** Every command that can be sent, in the form its own decoding has. APPEND is apart, because messages flow beside it. */
export const command: fc.Arbitrary<Command> = fc.oneof(
  fc
    .constantFrom(
      'CAPABILITY',
      'NOOP',
      'LOGOUT',
      'STARTTLS',
      'IDLE',
      'CLOSE',
      'UNSELECT',
      'CHECK',
      'NAMESPACE',
      'EXPUNGE',
    )
    .map((name) => ({ name }) as Command),
  fc.record({ name: fc.constant('LOGIN' as const), user: text, password: text }),
  fc.record(
    { name: fc.constant('AUTHENTICATE' as const), mechanism: upperAtom, initialResponse: octets },
    { requiredKeys: ['name', 'mechanism'] },
  ),
  fc.record({ name: fc.constant('ENABLE' as const), capabilities: fc.array(atom, { minLength: 1, maxLength: 3 }) }),
  fc.record({ name: fc.constant('ID' as const), parameters: idParameters }),
  fc.record(
    {
      name: fc.constantFrom('SELECT' as const, 'EXAMINE' as const),
      mailbox,
      condstore: fc.constant(true as const),
      qresync,
    },
    { requiredKeys: ['name', 'mailbox'] },
  ),
  fc.record(
    { name: fc.constant('CREATE' as const), mailbox, specialUse: fc.array(flag, { minLength: 1, maxLength: 2 }) },
    { requiredKeys: ['name', 'mailbox'] },
  ),
  fc.record({ name: fc.constantFrom('DELETE' as const, 'SUBSCRIBE' as const, 'UNSUBSCRIBE' as const), mailbox }),
  fc.record({ name: fc.constant('RENAME' as const), from: mailbox, to: mailbox }),
  fc.record(
    {
      name: fc.constant('LIST' as const),
      select: fc.array(upperAtom, { maxLength: 2 }),
      reference: mailbox,
      patterns: fc.array(
        fc.oneof(
          mailbox,
          fc.constantFrom('*', '%', 'a/%').map((name) => mailboxName(name)),
        ),
        { minLength: 1, maxLength: 3 },
      ),
      return: fc.array(upperAtom, { maxLength: 2 }),
    },
    { requiredKeys: ['name', 'reference', 'patterns'] },
  ),
  fc.record({ name: fc.constant('LSUB' as const), reference: mailbox, pattern: mailbox }),
  fc.record({ name: fc.constant('STATUS' as const), mailbox, items: statusItems }),
  fc.record({ name: fc.constant('EXPUNGE' as const), uids: fc.oneof(set<Uid>(true), fc.constant('$' as const)) }),
  fc.record(
    {
      name: fc.constant('FETCH' as const),
      messages: selector,
      items: fc.array(fetchItem, { minLength: 1, maxLength: 4 }),
      changedSince: modSeq,
      vanished: fc.constant(true),
      partial: fc.tuple(id, id, fc.boolean()).map(([first, last, isLast]) => {
        const sign = isLast ? -1 : 1;
        return { first: sign * first, last: sign * last };
      }),
    },
    { requiredKeys: ['name', 'messages', 'items'] },
  ),
  fc.record(
    {
      name: fc.constant('STORE' as const),
      messages: selector,
      operation: fc.constantFrom('add' as const, 'remove' as const, 'replace' as const),
      isSilent: fc.boolean(),
      flags,
      unchangedSince: modSeq,
    },
    { requiredKeys: ['name', 'messages', 'operation', 'isSilent', 'flags'] },
  ),
  fc.record({ name: fc.constantFrom('COPY' as const, 'MOVE' as const), messages: selector, mailbox }),
);

const nstring = fc.option(text);
const address: fc.Arbitrary<Address> = fc.record({ name: nstring, route: nstring, mailbox: nstring, host: nstring });
const addresses = fc.array(address, { maxLength: 3 });
const envelope: fc.Arbitrary<Envelope> = fc
  .record({
    date: nstring,
    subject: nstring,
    from: addresses,
    sender: addresses,
    replyTo: addresses,
    to: addresses,
    cc: addresses,
    bcc: addresses,
    inReplyTo: nstring,
    messageId: nstring,
  })
  .chain((value) =>
    fc.boolean().map((repeats) => (repeats ? { ...value, sender: value.from, replyTo: value.from } : value)),
  );
const parameters: fc.Arbitrary<BodyParameters> = fc.array(fc.tuple(text, text), { maxLength: 2 });
const extension = fc.record({
  md5: nstring,
  disposition: fc.option(fc.record({ type: text, parameters })),
  language: fc.option(fc.array(text, { minLength: 1, maxLength: 3 })),
  location: nstring,
});
const single = fc.record({ mediaSubtype: text, parameters, id: nstring, description: nstring, encoding: text, size });

function bodyStructure(extended: boolean): fc.Arbitrary<BodyStructure> {
  const extensions = extended ? extension : fc.constant({});
  const leaf = fc.oneof(
    fc
      .tuple(
        fc.record({
          type: fc.constant('basic' as const),
          mediaType: fc.constantFrom('IMAGE', 'application', 'message'),
        }),
        single,
        extensions,
      )
      .map(([kind, members, rest]) => ({ ...kind, ...members, ...rest }))
      .filter(
        ({ mediaType, mediaSubtype }) =>
          mediaType !== 'message' || !['rfc822', 'global'].includes(mediaSubtype.toLowerCase()),
      ),
    fc
      .tuple(
        fc.record({ type: fc.constant('text' as const), mediaType: fc.constantFrom('TEXT', 'text'), lines: size }),
        single,
        extensions,
      )
      .map(([kind, members, rest]) => ({ ...kind, ...members, ...rest })),
  );
  const { tree } = fc.letrec<{ tree: BodyStructure }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc
        .tuple(fc.array(tie('tree'), { minLength: 1, maxLength: 3 }), text, parameters, extension)
        .map(([parts, mediaSubtype, list, { md5: _, ...rest }]) =>
          extended
            ? { type: 'multipart' as const, mediaSubtype, parts, parameters: list, ...rest }
            : { type: 'multipart' as const, mediaSubtype, parts },
        ),
      fc.tuple(single, extensions, envelope, tie('tree'), size).map(([members, rest, value, body, lines]) => ({
        type: 'message' as const,
        mediaType: 'MESSAGE',
        ...members,
        mediaSubtype: 'RFC822',
        envelope: value,
        body,
        lines,
        ...rest,
      })),
    ),
  }));
  return tree as fc.Arbitrary<BodyStructure>;
}

const fetched: fc.Arbitrary<FetchedSection> = fc.record(
  {
    item: fc.constantFrom('BODY' as const, 'BINARY' as const),
    section,
    origin: count,
    value: fc.option(octets.map((bytes) => ({ type: 'inline' as const, bytes }))),
  },
  { requiredKeys: ['item', 'section', 'value'] },
);
const objectId = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_'), minLength: 1, maxLength: 20 });

export const fetchItems: fc.Arbitrary<FetchItems> = fc
  .record(
    {
      uid,
      flags,
      internalDate,
      size,
      envelope,
      bodyStructure: fc.oneof(bodyStructure(true), bodyStructure(false)),
      modSeq,
      emailId: objectId as fc.Arbitrary<never>,
      threadId: fc.option(objectId) as fc.Arbitrary<never>,
      saveDate: fc.option(internalDate),
      preview: nstring,
      binarySizes: fc.array(fc.record({ part, size }), { minLength: 1, maxLength: 2 }),
      sections: fc.array(fetched, { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: [] },
  )
  .filter((items) => Object.keys(items).length > 0);

const words = fc
  .string({ minLength: 1, maxLength: 20 })
  .map((value) => value.replace(/[\r\n\0[]/g, '-'))
  .filter((value) => value !== '');
const validity = id.map((value) => value as UidValidity);

const code: fc.Arbitrary<ResponseCode> = fc.oneof(
  upperAtom.map((name) => ({ type: 'atom' as const, name })),
  fc.record({
    type: fc.constant('atom' as const),
    name: upperAtom,
    value: fc.string({ unit: fc.constantFrom(...'ab c()1:'), minLength: 1, maxLength: 9 }),
  }),
  fc.record({ type: fc.constant('capability' as const), capabilities: fc.array(upperAtom, { maxLength: 3 }) }),
  fc.record({ type: fc.constant('permanentFlags' as const), flags, allowsNewKeywords: fc.boolean() }),
  id.map((uidNext) => ({ type: 'uidNext' as const, uidNext })),
  validity.map((uidValidity) => ({ type: 'uidValidity' as const, uidValidity })),
  id.map((first) => ({ type: 'unseen' as const, first: first as SequenceNumber })),
  modSeq.map((value) => ({ type: 'highestModSeq' as const, modSeq: value })),
  fc.record({ type: fc.constant('appendUid' as const), uidValidity: validity, uids: set<Uid>(false) }),
  fc.record({
    type: fc.constant('copyUid' as const),
    uidValidity: validity,
    from: set<Uid>(false),
    to: set<Uid>(false),
  }),
  fc.record({ type: fc.constant('modified' as const), set: set<Uid>(false) }),
  fc.record({ type: fc.constant('badCharset' as const), charsets: fc.array(atom, { maxLength: 3 }) }),
);

const delimiter = fc.option(fc.constantFrom('/', '.', '\\', '"', ' '));
const strings = fc.constantFrom('("a")', '("a" "b c")', '("\\"")', '({2}\r\n\r\n)').map(octetsOf);
const values = fc.oneof(strings, fc.constantFrom('"a"', 'NIL', '5', '(("a" 1) NIL)', '()').map(octetsOf));
const extended = (raw: fc.Arbitrary<Uint8Array>) =>
  fc.array(fc.record({ name: fc.constantFrom('X-INFO', 'X-A', 'X B'), raw }), { minLength: 1, maxLength: 3 });
const namespaces = fc.array(
  fc.record({ prefix: mailbox, delimiter, extended: extended(strings) }, { requiredKeys: ['prefix', 'delimiter'] }),
  { maxLength: 3 },
);

/** Every response that can be sent, in the form its own decoding has. */
export const response: fc.Arbitrary<Response> = fc.oneof(
  fc.record(
    {
      type: fc.constant('status' as const),
      tag: fc.option(tag, { nil: undefined }),
      status: fc.constantFrom('OK' as const, 'NO' as const, 'BAD' as const),
      code,
      text: words,
    },
    { requiredKeys: ['type', 'tag', 'status', 'text'] },
  ) as fc.Arbitrary<Response>,
  fc.record(
    { type: fc.constant('continuation' as const), code, text: words },
    { requiredKeys: ['type', 'text'] },
  ) as fc.Arbitrary<Response>,
  fc.record({
    type: fc.constantFrom('capability' as const, 'enabled' as const),
    capabilities: fc.array(upperAtom, { maxLength: 4 }),
  }),
  fc.record(
    {
      type: fc.constantFrom('list' as const, 'lsub' as const),
      attributes: fc.array(fc.constantFrom('\\Sent', '\\HasChildren', '\\X-Thing'), { maxLength: 3 }),
      delimiter,
      mailbox,
      extended: extended(values),
    },
    { requiredKeys: ['type', 'attributes', 'delimiter', 'mailbox'] },
  ),
  fc.record({
    type: fc.constant('mailboxStatus' as const),
    mailbox,
    items: fc.record(
      {
        messages: count,
        recent: count,
        uidNext: id,
        uidValidity: validity,
        unseen: count,
        deleted: count,
        deletedStorage: size,
        size,
        highestModSeq: modSeq,
        mailboxId: objectId,
        appendLimit: fc.option(count),
      },
      { requiredKeys: [] },
    ),
  }) as fc.Arbitrary<Response>,
  flags.map((value) => ({ type: 'flags' as const, flags: value })),
  fc.record({ type: fc.constantFrom('exists' as const, 'recent' as const), count }),
  id.map((value) => ({ type: 'expunge' as const, sequenceNumber: value as SequenceNumber })),
  fc.record({
    type: fc.constant('vanished' as const),
    isEarlier: fc.boolean(),
    uids: fc
      .array(fc.tuple(uid, uid), { minLength: 1, maxLength: 4 })
      .map((pairs) => setFromRanges(pairs.map(([first, last]) => ({ first, last })))),
  }),
  fc.record(
    { type: fc.constant('search' as const), numbers: fc.array(id, { maxLength: 5 }), modSeq },
    { requiredKeys: ['type', 'numbers'] },
  ) as fc.Arbitrary<Response>,
  fc.record({
    type: fc.constant('namespace' as const),
    personal: namespaces,
    otherUsers: namespaces,
    shared: namespaces,
  }),
  fc.record({ type: fc.constant('id' as const), parameters: idParameters }),
  fc.record({
    type: fc.constant('fetch' as const),
    sequenceNumber: id.map((value) => value as SequenceNumber),
    items: fetchItems,
  }),
  fc.record({ type: fc.constant('uidFetch' as const), uid, items: fetchItems }),
);
