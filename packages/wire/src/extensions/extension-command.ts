/**
 * Commands of extensions as values, read from the `X` commands of a decoder and written back as such.
 * @see RFC 5256, RFC 9208, RFC 4314, RFC 5464, RFC 4978, RFC 5259, RFC 8437
 * @module
 */

import { assertNever } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import { CommandWriter } from '../commands/command-writer.ts';
import { ATOM, LPAREN, SP, TAG } from '../octets/octets.ts';
import { octetsOfPieces } from '../octets/piece-octets.ts';
import { plainOctets } from '../octets/plain-octets.ts';
import type { Diagnostic } from '../tokens/diagnostic.ts';
import { Fault } from '../tokens/fault.ts';
import { Reader } from '../tokens/reader.ts';
import { checkedAtom, checkedNumber } from '../tokens/spelling.ts';
import { readOctetString, writeOctetString } from '../values/octet-string.ts';
import { readMailbox } from '../values/read-mailbox.ts';
import {
  type ConvertCommand,
  readConversionsCommand,
  readConvertCommand,
  writeConvertCommand,
} from './convert-command.ts';
import type { MalformedExtension } from './extension-response.ts';
import { type AnnotationCommand, readAnnotationCommand, writeAnnotationCommand } from './mailbox-annotation.ts';
import { type NotifyCommand, readNotify, writeNotify } from './notify.ts';
import { type RawCommand, readSearchCommand, type SearchCommand, writeSearchCommand } from './search-command.ts';
import { readSessionCommand, type SessionCommand, writeSessionCommand } from './session-command.ts';
import { namesUids, readStoreCommand, type StoreCommand, writeStoreCommand } from './store-command.ts';
import { readUrlCommand, type UrlCommand, writeUrlCommand } from './url-auth.ts';

/** How far below an entry GETMETADATA looks. @see RFC 5464 section 4.2.2 */
export type MetadataDepth = '0' | '1' | 'infinity';

/** A command of an extension. */
export type ExtensionCommand =
  | SearchCommand
  | NotifyCommand
  | StoreCommand
  | AnnotationCommand
  | UrlCommand
  | ConvertCommand
  | SessionCommand
  /** Ends the updates of searches, which are named by their tags. @see RFC 5267 section 4.5 */
  | { readonly name: 'CANCELUPDATE'; readonly tags: readonly string[] }
  | { readonly name: 'GETQUOTA'; readonly root: string }
  | { readonly name: 'GETQUOTAROOT' | 'GETACL' | 'MYRIGHTS'; readonly mailbox: MailboxName }
  | {
      readonly name: 'SETQUOTA';
      readonly root: string;
      readonly limits: readonly { readonly name: string; readonly limit: number }[];
    }
  | {
      readonly name: 'SETACL';
      readonly mailbox: MailboxName;
      readonly identifier: string;
      /** With `+` or `-` before them to add or remove. */
      readonly rights: string;
    }
  | { readonly name: 'DELETEACL' | 'LISTRIGHTS'; readonly mailbox: MailboxName; readonly identifier: string }
  | {
      readonly name: 'GETMETADATA';
      readonly mailbox: MailboxName;
      readonly entries: readonly string[];
      readonly maxSize?: number;
      readonly depth?: MetadataDepth;
    }
  | {
      readonly name: 'SETMETADATA';
      readonly mailbox: MailboxName;
      /** Values are any octets, spelled as in `MailboxName.wire`; null removes an entry. */
      readonly entries: ReadonlyMap<string, string | null>;
    }
  | { readonly name: 'COMPRESS'; readonly algorithm: string }
  | { readonly name: 'UNAUTHENTICATE' };

/** Reads a command of an extension. Undefined for a command that is not known here either. */
export function readExtensionCommand(
  command: RawCommand,
):
  | (ExtensionCommand & { readonly diagnostics?: readonly Diagnostic[] })
  | (MalformedExtension & { readonly name: string })
  | undefined {
  const isUid = command.command.startsWith('UID ');
  const name = isUid ? command.command.slice(4) : command.command;
  const reader = new Reader(false, 64);
  reader.open(plainOctets(command.raw), 0, command.raw.length);
  try {
    reader.skipSpaces();
    const value = readNamed(reader, name, isUid);
    if (value === undefined) return undefined;
    reader.finish();
    return reader.diagnostics === undefined ? value : { ...value, diagnostics: reader.diagnostics };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    reader.note('SYNTAX', fault.offset, fault.message);
    return { type: 'malformed', name: command.command, diagnostics: reader.diagnostics! };
  }
}

function readNamed(reader: Reader, name: string, isUid: boolean): ExtensionCommand | undefined {
  if (name === 'SEARCH' || name === 'SORT' || name === 'THREAD') return readSearchCommand(reader, name, isUid);
  if (name === 'STORE') return readStoreCommand(reader, isUid);
  if (name === 'CONVERT') return readConvertCommand(reader, isUid);
  if (isUid) return undefined;
  switch (name) {
    case 'ESEARCH':
      return readSearchCommand(reader, name, true);
    case 'CANCELUPDATE':
      return { name, tags: readTags(reader) };
    case 'GETQUOTA':
      return { name, root: reader.astring() };
    case 'GETQUOTAROOT':
    case 'GETACL':
    case 'MYRIGHTS':
      return { name, mailbox: readMailbox(reader) };
    case 'SETQUOTA': {
      const root = reader.astring();
      reader.space();
      return { name, root, limits: readLimits(reader) };
    }
    case 'SETACL': {
      const mailbox = readMailbox(reader);
      reader.space();
      const identifier = reader.astring();
      reader.space();
      return { name, mailbox, identifier, rights: reader.astring() };
    }
    case 'DELETEACL':
    case 'LISTRIGHTS': {
      const mailbox = readMailbox(reader);
      reader.space();
      return { name, mailbox, identifier: reader.astring() };
    }
    case 'GETMETADATA':
      return readGetMetadata(reader);
    case 'SETMETADATA':
      return readSetMetadata(reader);
    case 'NOTIFY':
      return readNotify(reader);
    case 'GETANNOTATION':
    case 'SETANNOTATION':
      return readAnnotationCommand(reader, name);
    case 'GENURLAUTH':
    case 'URLFETCH':
    case 'RESETKEY':
      return readUrlCommand(reader, name);
    case 'CONVERSIONS':
      return readConversionsCommand(reader);
    case 'LANGUAGE':
    case 'COMPARATOR':
    case 'PROXYAUTH':
    case 'GETJMAPACCESS':
    case 'UIDBATCHES':
    case 'XLIST':
    case 'RLIST':
    case 'RLSUB':
      return readSessionCommand(reader, name);
    case 'COMPRESS':
      return { name, algorithm: reader.keyword() };
    case 'UNAUTHENTICATE':
      return { name };
    default:
      return undefined;
  }
}

/** ` "A1" "A2"`. */
function readTags(reader: Reader): readonly string[] {
  const tags = [reader.string()];
  while (reader.peek() === SP && reader.offset + 1 < reader.end) {
    reader.space();
    tags.push(reader.string());
  }
  return tags;
}

function writeTags(writer: CommandWriter, tags: readonly string[]): void {
  if (tags.length === 0) throw new RangeError('CANCELUPDATE needs a tag');
  writer.text(tags.map((tag) => `"${checkedAtom(tag, TAG, 'a tag')}"`).join(' '));
}

function readLimits(reader: Reader): readonly { readonly name: string; readonly limit: number }[] {
  const limits: { readonly name: string; readonly limit: number }[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const name = reader.keyword();
    reader.space();
    limits.push({ name, limit: reader.number() });
  }
  return limits;
}

/** The options stand before the mailbox; the examples of RFC 5464, and clients made after them, put them behind it. */
function readGetMetadata(reader: Reader): ExtensionCommand {
  const options: MetadataOptions = {};
  if (reader.peek() === LPAREN) {
    readMetadataOptions(reader, options);
    reader.space();
  }
  const mailbox = readMailbox(reader);
  reader.space();
  if (reader.peek() === LPAREN && startsWithOption(reader)) {
    reader.quirk('QUIRK_OPTION_ORDER', 'options behind the mailbox');
    readMetadataOptions(reader, options);
    reader.space();
  }
  const entries = reader.peek() === LPAREN ? readEntryList(reader) : readBareEntries(reader);
  if (entries.length === 0) reader.fail('expected an entry');
  return { name: 'GETMETADATA', mailbox, entries, ...options };
}

/** Names of entries begin with a slash. */
function startsWithOption(reader: Reader): boolean {
  const start = reader.offset;
  reader.offset++;
  const isOption = reader.acceptWord('MAXSIZE') || reader.acceptWord('DEPTH');
  reader.offset = start;
  return isOption;
}

function readEntryList(reader: Reader): readonly string[] {
  const entries: string[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) entries.push(reader.astring());
  return entries;
}

function readBareEntries(reader: Reader): readonly string[] {
  const entries = [reader.astring()];
  while (reader.peek() === SP && reader.offset + 1 < reader.end) {
    if (entries.length === 1) reader.quirk('QUIRK_ENTRIES_WITHOUT_LIST', 'entries without parentheses');
    reader.space();
    entries.push(reader.astring());
  }
  return entries;
}

interface MetadataOptions {
  maxSize?: number;
  depth?: MetadataDepth;
}

function readMetadataOptions(reader: Reader, options: MetadataOptions): void {
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const word = reader.keyword();
    reader.space();
    if (word === 'MAXSIZE') options.maxSize = reader.number();
    else if (word === 'DEPTH') {
      const depth = reader.keyword().toLowerCase();
      if (depth !== '0' && depth !== '1' && depth !== 'infinity') reader.fail('a depth is 0, 1 or infinity');
      options.depth = depth as MetadataDepth;
    } else reader.fail('an unknown option of GETMETADATA');
  }
}

function readSetMetadata(reader: Reader): ExtensionCommand {
  const mailbox = readMailbox(reader);
  reader.space();
  const entries = new Map<string, string | null>();
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const entry = reader.astring();
    reader.space();
    entries.set(entry, readOctetString(reader));
  }
  if (entries.size === 0) reader.fail('expected an entry');
  return { name: 'SETMETADATA', mailbox, entries };
}

/**
 * A command of an extension, to send with {@link encodeCommand}.
 * @throws RangeError for values that cannot be sent.
 */
export function extensionCommand(value: ExtensionCommand): RawCommand {
  // Literals are written whole here; `encodeCommand` takes them out again and waits where it must.
  const writer = new CommandWriter({ literalPlus: true });
  writeValue(writer, value);
  const raw = octetsOfPieces(writer.pieces());
  return { name: 'X', command: commandWord(value), raw };
}

function commandWord(value: ExtensionCommand): string {
  if (value.name === 'STORE X-GM-LABELS' || value.name === 'STORE ANNOTATION')
    return namesUids(value.messages) ? 'UID STORE' : 'STORE';
  if (value.name === 'CONVERT') return namesUids(value.messages) ? 'UID CONVERT' : 'CONVERT';
  return 'isUid' in value && value.isUid ? `UID ${value.name}` : value.name;
}

function writeValue(writer: CommandWriter, value: ExtensionCommand): void {
  switch (value.name) {
    case 'SEARCH':
    case 'SORT':
    case 'THREAD':
    case 'ESEARCH':
      writeSearchCommand(writer, value);
      return;
    case 'CANCELUPDATE':
      writeTags(writer, value.tags);
      return;
    case 'GETQUOTA':
      writer.astring(value.root, 'a quota root');
      return;
    case 'GETQUOTAROOT':
    case 'GETACL':
    case 'MYRIGHTS':
      writer.mailbox(value.mailbox);
      return;
    case 'SETQUOTA':
      writer.astring(value.root, 'a quota root').text(' ');
      writer.list(value.limits, ({ name, limit }) =>
        writer.text(`${checkedAtom(name, ATOM, 'a resource')} ${checkedNumber(limit, 'a limit')}`),
      );
      return;
    case 'SETACL':
      writer
        .mailbox(value.mailbox)
        .text(' ')
        .astring(value.identifier, 'an identifier')
        .text(' ')
        .astring(value.rights, 'rights');
      return;
    case 'DELETEACL':
    case 'LISTRIGHTS':
      writer.mailbox(value.mailbox).text(' ').astring(value.identifier, 'an identifier');
      return;
    case 'GETMETADATA':
      writeGetMetadata(writer, value);
      return;
    case 'SETMETADATA':
      if (value.entries.size === 0) throw new RangeError('SETMETADATA needs an entry');
      writer.mailbox(value.mailbox).text(' ');
      writer.list(value.entries, ([entry, text]) => {
        writer.astring(entry, 'an entry').text(' ');
        writeOctetString(writer, text, 'a value');
      });
      return;
    case 'NOTIFY':
      writeNotify(writer, value);
      return;
    case 'STORE X-GM-LABELS':
    case 'STORE ANNOTATION':
      writeStoreCommand(writer, value);
      return;
    case 'GETANNOTATION':
    case 'SETANNOTATION':
      writeAnnotationCommand(writer, value);
      return;
    case 'GENURLAUTH':
    case 'URLFETCH':
    case 'RESETKEY':
      writeUrlCommand(writer, value);
      return;
    case 'CONVERSIONS':
    case 'CONVERT':
      writeConvertCommand(writer, value);
      return;
    case 'LANGUAGE':
    case 'COMPARATOR':
    case 'PROXYAUTH':
    case 'GETJMAPACCESS':
    case 'UIDBATCHES':
    case 'XLIST':
    case 'RLIST':
    case 'RLSUB':
      writeSessionCommand(writer, value);
      return;
    case 'COMPRESS':
      writer.text(checkedAtom(value.algorithm, ATOM, 'an algorithm'));
      return;
    case 'UNAUTHENTICATE':
      return;
    default:
      assertNever(value);
  }
}

function writeGetMetadata(
  writer: CommandWriter,
  value: Extract<ExtensionCommand, { readonly name: 'GETMETADATA' }>,
): void {
  const options: string[] = [];
  if (value.maxSize !== undefined) options.push(`MAXSIZE ${checkedNumber(value.maxSize, 'a size')}`);
  if (value.depth !== undefined) options.push(`DEPTH ${checkedAtom(value.depth, ATOM, 'a depth')}`);
  if (options.length > 0) writer.text(`(${options.join(' ')}) `);
  if (value.entries.length === 0) throw new RangeError('GETMETADATA needs an entry');
  writer
    .mailbox(value.mailbox)
    .text(' ')
    .list(value.entries, (entry) => writer.astring(checkedEntry(entry), 'an entry'));
}

/** @throws RangeError for a name that could be taken for an option. */
function checkedEntry(entry: string): string {
  if (!entry.startsWith('/')) throw new RangeError('the name of an entry begins with a slash');
  return entry;
}
