/**
 * Commands into octets.
 * @see RFC 9051 section 6
 * @module
 */
import { assertNever, type Uid } from '@posthorn/core';
import { formatInternalDate } from '@posthorn/date';
import type { SequenceSet } from '@posthorn/message-set';
import { plainCommand } from '../extension-table/extend.ts';
import type { CommandWith, ExtensionOption, ExtensionTable, NoExtensions } from '../extension-table/extension-table.ts';
import { toBase64 } from '../octets/base64.ts';
import { ATOM, TAG } from '../octets/octets.ts';
import { checkedAtom, checkedModSeq, checkedNumber } from '../tokens/spelling.ts';
import { MAX_TAG_LENGTH } from '../tokens/tag.ts';
import { writeAnnotations } from '../values/annotation.ts';
import { flagText } from '../values/flag-text.ts';
import { partialRangeText } from '../values/partial-range.ts';
import { setText } from '../values/set-text.ts';
import type { AppendMessage, Command, FlowingOctets, MessageSelector, ReplacedMessage } from './command.ts';
import { type CommandEncodeOptions, type CommandPiece, CommandWriter } from './command-writer.ts';
import { fetchItemText } from './fetch-item-text.ts';
import { writeRawCommand } from './raw-command.ts';

/**
 * One command as octets, with the points at which to wait. No argument can add a line to what is sent.
 *
 * @param tag - One to 64 characters that a tag may hold.
 * @throws RangeError for an argument that cannot be sent, before there is any octet.
 */
export function encodeCommand<Table extends ExtensionTable = NoExtensions>(
  tag: string,
  command: CommandWith<Table>,
  options: CommandEncodeOptions & ExtensionOption<Table> = {},
): readonly CommandPiece[] {
  const writer = new CommandWriter(options);
  checkedAtom(tag, TAG, 'a tag');
  if (tag.length > MAX_TAG_LENGTH) throw new RangeError(`a tag has at most ${MAX_TAG_LENGTH} characters`);
  writer.text(`${tag} `);
  writeCommand(writer, plainCommand(command, options.extensions), options);
  return writer.finish();
}

/** A SASL response: base64 and a line end. */
export function encodeSaslResponse(data: Uint8Array): Uint8Array {
  return new TextEncoder().encode(`${toBase64(data)}\r\n`);
}

/** Gives up a SASL exchange. */
export function encodeSaslCancel(): Uint8Array {
  return Uint8Array.of(0x2a, 0x0d, 0x0a);
}

/** Ends IDLE. @see RFC 2177 */
export function encodeDone(): Uint8Array {
  return Uint8Array.of(0x44, 0x4f, 0x4e, 0x45, 0x0d, 0x0a);
}

function writeCommand(writer: CommandWriter, command: Command, options: CommandEncodeOptions): void {
  switch (command.name) {
    case 'CAPABILITY':
    case 'NOOP':
    case 'LOGOUT':
    case 'STARTTLS':
    case 'IDLE':
    case 'CLOSE':
    case 'UNSELECT':
    case 'CHECK':
    case 'NAMESPACE':
      writer.text(command.name);
      return;
    case 'LOGIN':
      writer.text('LOGIN ');
      writer.secret(() =>
        writer.astring(command.user, 'a user name').text(' ').astring(command.password, 'a password'),
      );
      return;
    case 'AUTHENTICATE':
      writer.text(`AUTHENTICATE ${checkedAtom(command.mechanism, ATOM, 'a mechanism')}`);
      writeInitialResponse(writer, command.initialResponse);
      return;
    case 'ENABLE':
      writer.text('ENABLE');
      for (const name of nonEmpty(command.capabilities, 'ENABLE needs a capability'))
        writer.text(` ${checkedAtom(name, ATOM, 'a capability')}`);
      return;
    case 'ID':
      writer.text('ID ');
      if (command.parameters === null) writer.text('NIL');
      else
        writer.list(command.parameters, ([name, value]) =>
          writer.string(name, 'an ID field').text(' ').nstring(value, 'an ID value'),
        );
      return;
    case 'SELECT':
    case 'EXAMINE':
      writer.text(`${command.name} `).mailbox(command.mailbox);
      writeSelectParameters(writer, command);
      return;
    case 'CREATE':
      writer.text('CREATE ').mailbox(command.mailbox);
      if (command.specialUse !== undefined) {
        writer
          .text(' (USE ')
          .list(command.specialUse, (use) => writer.text(flagText(use)))
          .text(')');
      }
      return;
    case 'DELETE':
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      writer.text(`${command.name} `).mailbox(command.mailbox);
      return;
    case 'RENAME':
      writer.text('RENAME ').mailbox(command.from).text(' ').mailbox(command.to);
      return;
    case 'LIST':
      writeList(writer, command);
      return;
    case 'LSUB':
      writer.text('LSUB ').mailbox(command.reference).text(' ').pattern(command.pattern);
      return;
    case 'STATUS':
      writer.text('STATUS ').mailbox(command.mailbox).text(' ');
      writer.list(nonEmpty(command.items, 'STATUS needs an item'), (item) =>
        writer.text(checkedAtom(item, ATOM, 'a status item')),
      );
      return;
    case 'APPEND':
      writer.text('APPEND ').mailbox(command.mailbox);
      for (const [index, message] of nonEmpty(command.messages, 'APPEND needs a message').entries()) {
        writeAppendMessage(writer, message, index, options);
      }
      return;
    case 'REPLACE':
      writer.text(`${replacedText(command.replaces)} `).mailbox(command.mailbox);
      writeAppendMessage(writer, command.message, 0, options);
      return;
    case 'EXPUNGE':
      writer.text(command.uids === undefined ? 'EXPUNGE' : `UID EXPUNGE ${uidsText(command.uids)}`);
      return;
    case 'FETCH':
      writeFetch(writer, command);
      return;
    case 'STORE':
      writeStore(writer, command);
      return;
    case 'COPY':
    case 'MOVE':
      writer.text(`${selected(command.name, command.messages)} `).mailbox(command.mailbox);
      return;
    case 'X':
      writeRawCommand(writer, command.command, command.raw);
      return;
    default:
      assertNever(command);
  }
}

function writeSelectParameters(
  writer: CommandWriter,
  { condstore, annotate, qresync }: Extract<Command, { name: 'SELECT' | 'EXAMINE' }>,
): void {
  const parameters: string[] = [];
  if (condstore === true) parameters.push('CONDSTORE');
  if (annotate === true) parameters.push('ANNOTATE');
  if (qresync !== undefined) {
    const words = [checkedNumber(qresync.uidValidity, 'UIDVALIDITY', 1), checkedModSeq(qresync.modSeq)];
    if (qresync.knownUids !== undefined) words.push(setText(qresync.knownUids));
    if (qresync.match !== undefined)
      words.push(`(${setText(qresync.match.sequenceNumbers)} ${setText(qresync.match.uids)})`);
    parameters.push(`QRESYNC (${words.join(' ')})`);
  }
  if (parameters.length > 0) writer.text(` (${parameters.join(' ')})`);
}

function writeInitialResponse(writer: CommandWriter, response: Uint8Array | undefined): void {
  if (response === undefined) return;
  writer.text(' ').secret(() => writer.text(response.length === 0 ? '=' : toBase64(response)));
}

function writeList(writer: CommandWriter, command: Extract<Command, { name: 'LIST' }>): void {
  const options = (names: readonly string[], what: string): readonly string[] =>
    names.map((name) => checkedAtom(name, ATOM, what));
  writer.text('LIST ');
  if (command.select !== undefined) writer.text(`(${options(command.select, 'a selection option').join(' ')}) `);
  writer.mailbox(command.reference).text(' ');
  const patterns = nonEmpty(command.patterns, 'LIST needs a pattern');
  if (patterns.length === 1) writer.pattern(patterns[0]!);
  else writer.list(patterns, (pattern) => writer.pattern(pattern));
  const { metadataEntries } = command;
  if (command.return === undefined && command.statusItems === undefined && metadataEntries === undefined) return;
  const returned = [...options(command.return ?? [], 'a return option')].filter(
    (name) => name.toUpperCase() !== 'STATUS' && name.toUpperCase() !== 'METADATA',
  );
  if (command.statusItems !== undefined) {
    const items = nonEmpty(command.statusItems, 'STATUS needs an item');
    returned.push(`STATUS (${items.map((item) => checkedAtom(item, ATOM, 'a status item')).join(' ')})`);
  }
  writer.text(` RETURN (${returned.join(' ')}`);
  if (metadataEntries !== undefined) {
    writer.text(`${returned.length === 0 ? '' : ' '}METADATA `);
    writer.list(nonEmpty(metadataEntries, 'METADATA needs an entry'), (entry) => writer.astring(entry, 'an entry'));
  }
  writer.text(')');
}

function writeAppendMessage(
  writer: CommandWriter,
  message: AppendMessage,
  index: number,
  options: CommandEncodeOptions,
): void {
  const { flags, internalDate, annotations } = message;
  if (flags.length > 0 || options.flagLists === true)
    writer.text(' ').list(flags, (flag) => writer.text(flagText(flag)));
  if (internalDate !== undefined) writer.text(` "${formatInternalDate(internalDate)}"`);
  if (annotations !== undefined) writeAnnotations(writer.text(' ANNOTATION '), annotations);
  writer.text(' ');
  if (!('parts' in message)) {
    writeOctets(writer, message, options, '', index);
    return;
  }
  writer.text('CATENATE ');
  writer.list(nonEmpty([...message.parts.entries()], 'CATENATE needs a part'), ([number, part]) => {
    if (part.type === 'url') writer.text('URL ').astring(part.url, 'a URL');
    else writeOctets(writer, part, options, 'TEXT ', index, number);
  });
}

/** The point where octets flow, behind `name` unless they are UTF-8. */
function writeOctets(
  writer: CommandWriter,
  { size, isBinary = false, isUtf8 = false }: FlowingOctets,
  options: CommandEncodeOptions,
  name: string,
  index: number,
  part?: number,
): void {
  checkedNumber(size, 'the size of a message');
  if (isUtf8 && options.utf8 !== true) throw new RangeError('a message with UTF-8 in its header needs UTF8=ACCEPT');
  if (isBinary && options.binary !== true) throw new RangeError('a literal8 needs a server that offers BINARY');
  if (isUtf8) writer.text('UTF8 (').message(index, size, true, part).text(')');
  else writer.text(name).message(index, size, isBinary, part);
}

function replacedText(replaces: ReplacedMessage): string {
  const number = replaces.type === 'uid' ? replaces.uid : replaces.sequenceNumber;
  const text = number === '*' ? number : checkedNumber(number, 'a message number', 1);
  return replaces.type === 'uid' ? `UID REPLACE ${text}` : `REPLACE ${text}`;
}

function writeFetch(writer: CommandWriter, command: Extract<Command, { name: 'FETCH' }>): void {
  const items = nonEmpty(command.items, 'FETCH needs an item').map(fetchItemText);
  writer.text(`${selected('FETCH', command.messages)} `);
  // What follows a single item in parentheses reads as modifiers.
  writer.text(items.length === 1 && !items[0]!.endsWith(')') ? items[0]! : `(${items.join(' ')})`);
  const modifiers: string[] = [];
  if (command.changedSince !== undefined) modifiers.push(`CHANGEDSINCE ${checkedModSeq(command.changedSince)}`);
  if (command.vanished === true) modifiers.push('VANISHED');
  if (command.partial !== undefined) modifiers.push(`PARTIAL ${partialRangeText(command.partial)}`);
  if (modifiers.length > 0) writer.text(` (${modifiers.join(' ')})`);
}

function writeStore(writer: CommandWriter, command: Extract<Command, { name: 'STORE' }>): void {
  writer.text(`${selected('STORE', command.messages)} `);
  if (command.unchangedSince !== undefined) writer.text(`(UNCHANGEDSINCE ${checkedModSeq(command.unchangedSince)}) `);
  const sign = command.operation === 'add' ? '+' : command.operation === 'remove' ? '-' : '';
  writer
    .text(`${sign}FLAGS${command.isSilent ? '.SILENT' : ''} `)
    .list(command.flags, (flag) => writer.text(flagText(flag)));
}

/** The command's name with the messages it is for. */
function selected(name: string, messages: MessageSelector): string {
  if (messages.type === 'saved') return messages.isUid ? `UID ${name} $` : `${name} $`;
  const set = setText(messages.set);
  return messages.type === 'uids' ? `UID ${name} ${set}` : `${name} ${set}`;
}

function uidsText(uids: SequenceSet<Uid> | '$'): string {
  return uids === '$' ? uids : setText(uids);
}

function nonEmpty<Element>(elements: readonly Element[], message: string): readonly Element[] {
  if (elements.length === 0) throw new RangeError(message);
  return elements;
}
