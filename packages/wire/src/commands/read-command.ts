/**
 * One whole command of a client.
 * @see RFC 9051 section 6
 * @module
 */

import type { Flag, FlagOperation, ModSeq, SequenceNumber, Uid, UidValidity } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import { fromBase64 } from '../octets/base64.ts';
import { DQUOTE, isLetter, LBRACE, LPAREN, MINUS, PATTERN, PLUS, SP } from '../octets/octets.ts';
import { asciiText } from '../octets/text.ts';
import { rawOctets } from '../tokens/raw-octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { type PartialRange, readPartialRange } from '../values/partial-range.ts';
import { readFlag, readFlags } from '../values/read-flags.ts';
import { mailboxFromWire, readMailbox } from '../values/read-mailbox.ts';
import { readSequenceSet } from '../values/read-set.ts';
import { readModSeq } from '../values/read-size.ts';
import { readAppend } from './append-builder.ts';
import type { Command, FetchItem, MessageSelector, QuickResync, StatusItem } from './command.ts';
import { readFetchItem, readFetchItems } from './read-fetch-item.ts';

/** Reads a command behind its tag, up to the end of the frame. */
export function readCommand(reader: Reader): Command {
  if (!isLetter(reader.peek())) reader.fail('expected a command');
  const name = reader.keyword();
  const command = name === 'UID' ? readUidCommand(reader) : readNamed(reader, name);
  reader.finish();
  return command;
}

function readUidCommand(reader: Reader): Command {
  reader.space();
  const name = reader.keyword();
  switch (name) {
    case 'FETCH':
      return readFetch(reader, true);
    case 'STORE':
      return readStore(reader, true);
    case 'COPY':
    case 'MOVE':
      return readCopy(reader, name, true);
    case 'REPLACE':
      return readAppend(reader, true, true);
    case 'EXPUNGE':
      reader.space();
      return { name, uids: reader.acceptSaved() ? '$' : readSequenceSet<Uid>(reader) };
    default:
      return readOther(reader, `UID ${name}`);
  }
}

function readNamed(reader: Reader, name: string): Command {
  switch (name) {
    case 'CAPABILITY':
    case 'NOOP':
    case 'LOGOUT':
    case 'STARTTLS':
    case 'IDLE':
    case 'CLOSE':
    case 'UNSELECT':
    case 'CHECK':
    case 'NAMESPACE':
      return { name };
    case 'EXPUNGE':
      return { name };
    case 'LOGIN': {
      reader.space();
      const user = reader.astring();
      reader.space();
      return { name, user, password: reader.astring() };
    }
    case 'AUTHENTICATE':
      return readAuthenticate(reader);
    case 'ENABLE':
      return { name, capabilities: readAtoms(reader) };
    case 'ID':
      reader.space();
      return { name, parameters: readParameters(reader) };
    case 'SELECT':
    case 'EXAMINE':
      return readSelect(reader, name);
    case 'CREATE':
      return readCreate(reader);
    case 'DELETE':
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      reader.space();
      return { name, mailbox: readMailbox(reader) };
    case 'RENAME': {
      reader.space();
      const from = readMailbox(reader);
      reader.space();
      return { name, from, to: readMailbox(reader) };
    }
    case 'LIST':
      return readList(reader);
    case 'LSUB': {
      reader.space();
      const reference = readMailbox(reader);
      reader.space();
      return { name, reference, pattern: readPattern(reader) };
    }
    case 'STATUS': {
      reader.space();
      const mailbox = readMailbox(reader);
      reader.space();
      return { name, mailbox, items: readStatusItems(reader) };
    }
    case 'FETCH':
      return readFetch(reader, false);
    case 'STORE':
      return readStore(reader, false);
    case 'COPY':
    case 'MOVE':
      return readCopy(reader, name, false);
    case 'APPEND':
    case 'REPLACE':
      return readAppend(reader, name === 'REPLACE', false);
    default:
      return readOther(reader, name);
  }
}

function readOther(reader: Reader, command: string): Command {
  if (!reader.isAtEnd) reader.expect(SP);
  const start = reader.offset;
  reader.offset = reader.end;
  return { name: 'X', command, raw: rawOctets(reader, start) };
}

function readAuthenticate(reader: Reader): Command {
  reader.space();
  const mechanism = reader.keyword();
  if (reader.peek() !== SP) return { name: 'AUTHENTICATE', mechanism };
  reader.space();
  const start = reader.offset;
  while (!reader.isAtEnd && reader.peek() > SP && reader.peek() < 0x7f) reader.offset++;
  const text = asciiText(reader.bytes, start, reader.offset);
  const initialResponse = text === '=' ? new Uint8Array(0) : fromBase64(text);
  if (initialResponse === undefined || text === '') return reader.fail('an initial response that is not base64');
  return { name: 'AUTHENTICATE', mechanism, initialResponse };
}

function readAtoms(reader: Reader): readonly string[] {
  const atoms: string[] = [];
  do {
    reader.space();
    atoms.push(reader.atom());
  } while (reader.peek() === SP && reader.offset + 1 < reader.end);
  return atoms;
}

/** Field and value pairs of ID. */
export function readParameters(reader: Reader): ReadonlyMap<string, string | null> | null {
  if (reader.nil()) return null;
  const parameters = new Map<string, string | null>();
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const name = reader.nstring() ?? '';
    reader.space();
    parameters.set(name, reader.nstring());
  }
  return parameters;
}

function readSelect(reader: Reader, name: 'SELECT' | 'EXAMINE'): Command {
  reader.space();
  const mailbox = readMailbox(reader);
  if (reader.peek() !== SP || reader.offset + 1 >= reader.end) return { name, mailbox };
  reader.space();
  reader.openList();
  const parameters: { condstore?: boolean; annotate?: boolean; qresync?: QuickResync } = {};
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const word = reader.keyword();
    if (word === 'CONDSTORE') parameters.condstore = true;
    else if (word === 'ANNOTATE') parameters.annotate = true;
    else if (word === 'QRESYNC') {
      reader.space();
      parameters.qresync = readQuickResync(reader);
    } else reader.fail(`an unknown parameter of ${name}`);
  }
  return { name, mailbox, ...parameters };
}

function readQuickResync(reader: Reader): QuickResync {
  reader.openList();
  const uidValidity = reader.nonZero() as UidValidity;
  reader.space();
  const known: { -readonly [Key in keyof QuickResync]: QuickResync[Key] } = { uidValidity, modSeq: readModSeq(reader) };
  if (reader.peek() === SP && !reader.isFollowedBy(LPAREN)) {
    reader.space();
    known.knownUids = readSequenceSet<Uid>(reader);
  }
  if (reader.peek() === SP) {
    reader.space();
    reader.openList();
    const sequenceNumbers = readSequenceSet<SequenceNumber>(reader);
    reader.space();
    known.match = { sequenceNumbers, uids: readSequenceSet<Uid>(reader) };
    reader.closeList();
  }
  reader.closeList();
  return known;
}

function readCreate(reader: Reader): Command {
  reader.space();
  const mailbox = readMailbox(reader);
  if (reader.peek() !== SP || reader.offset + 1 >= reader.end) return { name: 'CREATE', mailbox };
  reader.space();
  reader.openList();
  if (!reader.acceptWord('USE')) reader.fail('an unknown parameter of CREATE');
  reader.space();
  const specialUse = readFlags(reader);
  reader.closeList();
  return { name: 'CREATE', mailbox, specialUse };
}

function readList(reader: Reader): Command {
  reader.space();
  const select = reader.peek() === LPAREN ? readOptions(reader) : undefined;
  if (select !== undefined) reader.space();
  const reference = readMailbox(reader);
  reader.space();
  const isList = reader.peek() === LPAREN;
  const patterns = isList ? readPatterns(reader) : [readPattern(reader)];
  // One pattern in parentheses makes the command an extended one, as an empty list of options does. RFC 5258 section 3.
  const options = select ?? (isList && patterns.length === 1 ? [] : undefined);
  const command = { name: 'LIST', reference, patterns, ...(options === undefined ? {} : { select: options }) } as const;
  if (reader.peek() !== SP || reader.offset + 1 >= reader.end) return command;
  reader.space();
  if (!reader.acceptWord('RETURN')) reader.fail('expected RETURN');
  reader.space();
  const returned: string[] = [];
  let statusItems: readonly StatusItem[] | undefined;
  let metadataEntries: readonly string[] | undefined;
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const option = reader.keyword();
    if (option === 'STATUS') {
      reader.space();
      statusItems = readStatusItems(reader);
    } else if (option === 'METADATA') {
      reader.space();
      metadataEntries = readEntries(reader);
    } else returned.push(option);
  }
  return {
    ...command,
    return: returned,
    ...(statusItems === undefined ? {} : { statusItems }),
    ...(metadataEntries === undefined ? {} : { metadataEntries }),
  };
}

/** `(/shared/comment /private/comment)`, or one entry alone. */
function readEntries(reader: Reader): readonly string[] {
  if (reader.peek() !== LPAREN) return [reader.astring()];
  const entries: string[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) entries.push(reader.astring());
  if (entries.length === 0) reader.fail('expected an entry');
  return entries;
}

function readOptions(reader: Reader): readonly string[] {
  const options: string[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) options.push(reader.keyword());
  return options;
}

function readPatterns(reader: Reader): readonly MailboxName[] {
  const patterns: MailboxName[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) patterns.push(readPattern(reader));
  if (patterns.length === 0) reader.fail('expected a pattern');
  return patterns;
}

function readPattern(reader: Reader): MailboxName {
  const octet = reader.peek();
  const isString = octet === DQUOTE || octet === LBRACE;
  return mailboxFromWire(reader, isString ? reader.string() : reader.word(PATTERN));
}

function readStatusItems(reader: Reader): readonly StatusItem[] {
  const items: StatusItem[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) items.push(statusItem(reader));
  if (items.length === 0) reader.fail('expected a status item');
  return items;
}

function statusItem(reader: Reader): StatusItem {
  const start = reader.offset;
  const word = reader.keyword();
  switch (word) {
    case 'MESSAGES':
    case 'RECENT':
    case 'UIDNEXT':
    case 'UIDVALIDITY':
    case 'UNSEEN':
    case 'DELETED':
    case 'DELETED-STORAGE':
    case 'SIZE':
    case 'HIGHESTMODSEQ':
    case 'MAILBOXID':
    case 'APPENDLIMIT':
      return word;
    default:
      reader.offset = start;
      return reader.fail('an unknown status item');
  }
}

/** ` SET`, of UIDs or of sequence numbers, or ` $`. */
function readMessages(reader: Reader, isUid: boolean): MessageSelector {
  reader.space();
  if (reader.acceptSaved()) return { type: 'saved', isUid };
  return isUid
    ? { type: 'uids', set: readSequenceSet<Uid>(reader) }
    : { type: 'sequenceNumbers', set: readSequenceSet<SequenceNumber>(reader) };
}

function readCopy(reader: Reader, name: 'COPY' | 'MOVE', isUid: boolean): Command {
  const messages = readMessages(reader, isUid);
  reader.space();
  return { name, messages, mailbox: readMailbox(reader) };
}

function readStore(reader: Reader, isUid: boolean): Command {
  const start = reader.offset;
  const messages = readMessages(reader, isUid);
  reader.space();
  let unchangedSince: ReturnType<typeof readModSeq> | undefined;
  if (reader.peek() === LPAREN) {
    reader.openList();
    if (!reader.acceptWord('UNCHANGEDSINCE')) reader.fail('an unknown modifier of STORE');
    reader.space();
    unchangedSince = readModSeq(reader);
    reader.closeList();
    reader.space();
  }
  const operation: FlagOperation = reader.accept(PLUS) ? 'add' : reader.accept(MINUS) ? 'remove' : 'replace';
  const word = reader.keyword();
  if (word !== 'FLAGS' && word !== 'FLAGS.SILENT') {
    reader.offset = start;
    return readOther(reader, isUid ? 'UID STORE' : 'STORE');
  }
  reader.space();
  const flags = reader.peek() === LPAREN ? readFlags(reader) : readBareFlags(reader);
  const command = { name: 'STORE', messages, operation, isSilent: word === 'FLAGS.SILENT', flags } as const;
  return unchangedSince === undefined ? command : { ...command, unchangedSince };
}

function readBareFlags(reader: Reader): readonly Flag[] {
  const flags: Flag[] = [];
  for (;;) {
    const flag = readFlag(reader);
    if (flag !== undefined) flags.push(flag);
    if (reader.peek() !== SP || reader.offset + 1 >= reader.end) return flags;
    reader.space();
  }
}

function readFetch(reader: Reader, isUid: boolean): Command {
  const messages = readMessages(reader, isUid);
  reader.space();
  const items = reader.peek() === LPAREN ? readFetchItems(reader) : (readMacro(reader) ?? [readFetchItem(reader)]);
  const command = { name: 'FETCH', messages, items } as const;
  if (reader.peek() !== SP || reader.offset + 1 >= reader.end) return command;
  reader.space();
  return { ...command, ...readFetchModifiers(reader) };
}

interface FetchModifiers {
  changedSince?: ModSeq;
  vanished?: boolean;
  partial?: PartialRange;
}

function readFetchModifiers(reader: Reader): FetchModifiers {
  const modifiers: FetchModifiers = {};
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const word = reader.keyword();
    if (word === 'VANISHED') modifiers.vanished = true;
    else if (word === 'CHANGEDSINCE') {
      reader.space();
      modifiers.changedSince = readModSeq(reader);
    } else if (word === 'PARTIAL') {
      reader.space();
      modifiers.partial = readPartialRange(reader);
    } else reader.fail('an unknown modifier of FETCH');
  }
  return modifiers;
}

const FAST: readonly FetchItem[] = [{ type: 'flags' }, { type: 'internalDate' }, { type: 'size' }];
const ALL: readonly FetchItem[] = [...FAST, { type: 'envelope' }];

function readMacro(reader: Reader): readonly FetchItem[] | undefined {
  if (reader.acceptWord('FAST')) return FAST;
  if (reader.acceptWord('ALL')) return ALL;
  if (reader.acceptWord('FULL')) return [...ALL, { type: 'body' }];
  return undefined;
}
