/**
 * Annotations of mailboxes as Cyrus had them before METADATA.
 * @see draft-daboo-imap-annotatemore-05 section 6
 * @module
 */
import type { MailboxName } from '@posthorn/mailbox-name';
import type { CommandWriter } from '../commands/command-writer.ts';
import { DQUOTE, LBRACE, LPAREN, PATTERN, SP } from '../octets/octets.ts';
import type { ResponseWriter } from '../responses/response-writer.ts';
import type { Reader } from '../tokens/reader.ts';
import type { Annotation } from '../values/annotation.ts';
import { readOctetString, writeOctetString } from '../values/octet-string.ts';
import { mailboxFromWire, readMailbox } from '../values/read-mailbox.ts';

/** A command of ANNOTATEMORE. @see draft-daboo-imap-annotatemore-05 section 4 */
export type AnnotationCommand =
  /** `mailbox`, `entries` and `attributes` may hold `*` and `%`. */
  | {
      readonly name: 'GETANNOTATION';
      readonly mailbox: MailboxName;
      readonly entries: readonly string[];
      readonly attributes: readonly string[];
    }
  | { readonly name: 'SETANNOTATION'; readonly mailbox: MailboxName; readonly annotations: readonly Annotation[] };

/** Entries of a mailbox with their attributes; without any, the entries that have changed. */
export interface MailboxAnnotationData {
  readonly type: 'mailboxAnnotation';
  readonly mailbox: MailboxName;
  readonly annotations: readonly Annotation[];
}

/** Reads what follows the name of the command. */
export function readAnnotationCommand(reader: Reader, name: AnnotationCommand['name']): AnnotationCommand {
  const octet = reader.peek();
  const isString = octet === DQUOTE || octet === LBRACE;
  const mailbox = mailboxFromWire(reader, isString ? reader.string() : reader.word(PATTERN));
  reader.space();
  if (name === 'GETANNOTATION') {
    const entries = readNames(reader);
    reader.space();
    return { name, mailbox, entries, attributes: readNames(reader) };
  }
  const isList = reader.peek() === LPAREN;
  if (isList) reader.openList();
  const annotations = readEntries(reader);
  if (isList) reader.closeList();
  if (annotations.some(({ attributes }) => attributes.size === 0)) reader.fail('expected an attribute');
  return { name, mailbox, annotations };
}

function readNames(reader: Reader): readonly string[] {
  if (reader.peek() !== LPAREN) return [readName(reader)];
  const names: string[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) names.push(readName(reader));
  if (names.length === 0) reader.fail('expected a name');
  return names;
}

function readName(reader: Reader): string {
  return reader.peek() === DQUOTE || reader.peek() === LBRACE ? reader.string() : reader.word(PATTERN);
}

/** `"/comment" ("value.priv" "x") "/other"`. */
function readEntries(reader: Reader): readonly Annotation[] {
  const annotations: Annotation[] = [];
  do {
    if (annotations.length > 0) reader.space();
    const entry = reader.astring();
    const attributes = new Map<string, string | null>();
    if (reader.peek() === SP && reader.isFollowedBy(LPAREN)) {
      reader.space();
      reader.openList();
      for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
        const name = reader.astring();
        reader.space();
        attributes.set(name, readOctetString(reader));
      }
      if (attributes.size === 0) reader.fail('expected an attribute');
    }
    annotations.push({ entry, attributes });
  } while (reader.peek() === SP && reader.offset + 1 < reader.end);
  return annotations;
}

export function readMailboxAnnotation(reader: Reader): MailboxAnnotationData {
  const mailbox = readMailbox(reader);
  reader.space();
  return { type: 'mailboxAnnotation', mailbox, annotations: readEntries(reader) };
}

/** Names are strings in this draft, and never atoms. */
export function writeAnnotationCommand(writer: CommandWriter, value: AnnotationCommand): void {
  writer.pattern(value.mailbox).text(' ');
  if (value.name === 'GETANNOTATION') {
    writeNames(writer, value.entries, 'an entry');
    writer.text(' ');
    writeNames(writer, value.attributes, 'an attribute');
    return;
  }
  if (value.annotations.length === 0) throw new RangeError('SETANNOTATION needs an entry');
  const isList = value.annotations.length > 1;
  if (isList) writer.text('(');
  value.annotations.forEach(({ entry, attributes }, index) => {
    if (attributes.size === 0) throw new RangeError('an annotation needs an attribute');
    if (index > 0) writer.text(' ');
    writer.string(entry, 'an entry').text(' ');
    writer.list(attributes, ([name, text]) => {
      writer.string(name, 'an attribute').text(' ');
      writeOctetString(writer, text, 'the value of an annotation');
    });
  });
  if (isList) writer.text(')');
}

function writeNames(writer: CommandWriter, names: readonly string[], what: string): void {
  const [first, ...others] = names;
  if (first === undefined) throw new RangeError(`GETANNOTATION needs ${what}`);
  if (others.length === 0) writer.string(first, what);
  else writer.list(names, (name) => writer.string(name, what));
}

export function writeMailboxAnnotation(writer: ResponseWriter, data: MailboxAnnotationData): string {
  if (data.annotations.length === 0) throw new RangeError('ANNOTATION needs an entry');
  writer.astring(data.mailbox.wire);
  for (const { entry, attributes } of data.annotations) {
    writer.text(' ').string(entry);
    if (attributes.size === 0) continue;
    writer.text(' ').list(attributes, ([name, value]) => {
      writer.string(name).text(' ');
      writeOctetString(writer, value, 'the value of an annotation');
    });
  }
  return 'ANNOTATION';
}
