/**
 * Responses of extensions as values, read from the `unknown` responses of a decoder and written back as such.
 * @see RFC 9051 section 7.3.4, RFC 5256, RFC 9208, RFC 4314, RFC 5464, RFC 5259, RFC 9394
 * @module
 */

import { assertNever, type ModSeq } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import { ATOM, LPAREN, RPAREN, SP } from '../octets/octets.ts';
import { octetsOfPieces } from '../octets/piece-octets.ts';
import { plainOctets } from '../octets/plain-octets.ts';
import type { UnknownData } from '../responses/response.ts';
import { ResponseWriter } from '../responses/response-writer.ts';
import type { Diagnostic } from '../tokens/diagnostic.ts';
import { Fault } from '../tokens/fault.ts';
import { Reader } from '../tokens/reader.ts';
import { checkedAtom, checkedModSeq, checkedNumber } from '../tokens/spelling.ts';
import { readOctetString, writeOctetString } from '../values/octet-string.ts';
import { readMailbox } from '../values/read-mailbox.ts';
import { readModSeq, readSize } from '../values/read-size.ts';
import { type ConvertData, readConversion, readConverted, writeConvertData } from './converted-data.ts';
import { type ExtendedSearchData, readExtendedSearch, writeExtendedSearch } from './extended-search.ts';
import { type MailboxAnnotationData, readMailboxAnnotation, writeMailboxAnnotation } from './mailbox-annotation.ts';
import { readSessionData, type SessionData, writeSessionData } from './session-data.ts';
import { readThreads, type ThreadNode, threadsText } from './threads.ts';
import { readUrlData, type UrlData, writeUrlData } from './url-auth.ts';

/** How much of a resource a quota root has used, and may use. @see RFC 9208 section 3.1 and section 5 */
export interface QuotaResource {
  /** Such as `STORAGE`, counted in units of 1024 octets, and `MESSAGE`. */
  readonly name: string;
  readonly usage: number;
  readonly limit: number;
}

/** A response of an extension. */
export type ExtensionData =
  | ExtendedSearchData
  | MailboxAnnotationData
  | UrlData
  | ConvertData
  | SessionData
  | { readonly type: 'sort'; readonly numbers: readonly number[]; readonly modSeq?: ModSeq }
  | { readonly type: 'thread'; readonly threads: readonly ThreadNode[] }
  | { readonly type: 'quota'; readonly root: string; readonly resources: readonly QuotaResource[] }
  | { readonly type: 'quotaRoot'; readonly mailbox: MailboxName; readonly roots: readonly string[] }
  | {
      readonly type: 'acl';
      readonly mailbox: MailboxName;
      readonly entries: readonly { readonly identifier: string; readonly rights: string }[];
    }
  | { readonly type: 'myRights'; readonly mailbox: MailboxName; readonly rights: string }
  | {
      readonly type: 'listRights';
      readonly mailbox: MailboxName;
      readonly identifier: string;
      readonly required: string;
      readonly optional: readonly string[];
    }
  /** Entries with their values, which are any octets, spelled as in `MailboxName.wire`; without `values`, the names of entries that changed. */
  | {
      readonly type: 'metadata';
      readonly mailbox: MailboxName;
      readonly names: readonly string[];
      readonly values?: ReadonlyMap<string, string | null>;
    };

/** A response of a known extension that does not parse. */
export interface MalformedExtension {
  readonly type: 'malformed';
  readonly name: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a response of an extension. Undefined for a response that is not known here either. */
export function readExtension(
  response: UnknownData,
): (ExtensionData & { readonly diagnostics?: readonly Diagnostic[] }) | MalformedExtension | undefined {
  const reader = new Reader(false, 64);
  reader.open(plainOctets(response.raw), 0, response.raw.length);
  try {
    reader.skipSpaces();
    const data =
      response.number === undefined
        ? readNamed(reader, response.name)
        : readNumbered(reader, response.name, response.number);
    if (data === undefined) return undefined;
    reader.finish();
    return reader.diagnostics === undefined ? data : { ...data, diagnostics: reader.diagnostics };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    reader.note('SYNTAX', fault.offset, fault.message);
    return { type: 'malformed', name: response.name, diagnostics: reader.diagnostics! };
  }
}

/** Reads an answer about one message. */
function readNumbered(reader: Reader, name: string, number: number): ExtensionData | undefined {
  return name === 'CONVERTED' ? readConverted(reader, number) : undefined;
}

function readNamed(reader: Reader, name: string): ExtensionData | undefined {
  switch (name) {
    case 'ESEARCH':
      return readExtendedSearch(reader);
    case 'SORT':
      return readSort(reader);
    case 'THREAD':
      return { type: 'thread', threads: readThreads(reader) };
    case 'QUOTA':
      return readQuota(reader);
    case 'QUOTAROOT':
      return { type: 'quotaRoot', mailbox: readMailbox(reader), roots: readRest(reader) };
    case 'ACL':
      return readAcl(reader);
    case 'MYRIGHTS': {
      const mailbox = readMailbox(reader);
      reader.space();
      return { type: 'myRights', mailbox, rights: reader.astring() };
    }
    case 'LISTRIGHTS': {
      const mailbox = readMailbox(reader);
      reader.space();
      const identifier = reader.astring();
      reader.space();
      return { type: 'listRights', mailbox, identifier, required: reader.astring(), optional: readRest(reader) };
    }
    case 'METADATA':
      return readMetadata(reader);
    case 'ANNOTATION':
      return readMailboxAnnotation(reader);
    case 'GENURLAUTH':
    case 'URLFETCH':
      return readUrlData(reader, name);
    case 'CONVERSION':
      return readConversion(reader);
    case 'LANGUAGE':
    case 'COMPARATOR':
    case 'JMAPACCESS':
    case 'UIDBATCHES':
      return readSessionData(reader, name);
    default:
      return undefined;
  }
}

/** ` a b c` up to the end. */
function readRest(reader: Reader): readonly string[] {
  const rest: string[] = [];
  while (reader.peek() === SP && reader.offset + 1 < reader.end) {
    reader.space();
    rest.push(reader.astring());
  }
  return rest;
}

function readSort(reader: Reader): ExtensionData {
  const numbers: number[] = [];
  while (!reader.isAtEnd) {
    if (reader.peek() === LPAREN) {
      reader.openList();
      if (!reader.acceptWord('MODSEQ')) reader.fail('expected MODSEQ');
      reader.space();
      const modSeq = readModSeq(reader);
      reader.closeList();
      return { type: 'sort', numbers, modSeq };
    }
    const number = reader.number32();
    if (number === 0) reader.quirk('QUIRK_ZERO_NUMBER', 'a number is zero');
    else numbers.push(number);
    if (reader.peek() !== SP || reader.offset + 1 >= reader.end) break;
    reader.space();
  }
  return { type: 'sort', numbers };
}

function readQuota(reader: Reader): ExtensionData {
  const root = reader.astring();
  const resources: QuotaResource[] = [];
  // QUIRK: Courier leaves the list out for a root that limits nothing.
  if (reader.isAtEnd) return { type: 'quota', root, resources };
  reader.space();
  for (let isFirst = true, goesOn = reader.openListOrNil(); goesOn && reader.hasNext(isFirst); isFirst = false) {
    const name = reader.keyword();
    reader.space();
    const usage = readSize(reader, true);
    reader.space();
    resources.push({ name, usage, limit: readSize(reader, true) });
  }
  return { type: 'quota', root, resources };
}

function readAcl(reader: Reader): ExtensionData {
  const mailbox = readMailbox(reader);
  const words = readRest(reader);
  if (words.length % 2 !== 0) reader.fail('an identifier without its rights');
  const entries: { readonly identifier: string; readonly rights: string }[] = [];
  for (let index = 0; index < words.length; index += 2)
    entries.push({ identifier: words[index]!, rights: words[index + 1]! });
  return { type: 'acl', mailbox, entries };
}

function readMetadata(reader: Reader): ExtensionData {
  const mailbox = readMailbox(reader);
  if (reader.peek() !== SP || !reader.isFollowedBy(LPAREN))
    return { type: 'metadata', mailbox, names: readRest(reader) };
  reader.space();
  const values = new Map<string, string | null>();
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const name = reader.astring();
    reader.space();
    values.set(name, readOctetString(reader));
    if (reader.peek() === RPAREN) continue;
  }
  return { type: 'metadata', mailbox, names: [...values.keys()], values };
}

/**
 * A response of an extension, to send with {@link encodeResponse}.
 * @throws RangeError for values that cannot be sent.
 */
export function extensionResponse(data: ExtensionData): UnknownData {
  const writer = new ResponseWriter({});
  const name = writeData(writer, data);
  const raw = octetsOfPieces(writer.pieces());
  return data.type === 'converted'
    ? { type: 'unknown', name, number: data.sequenceNumber, raw }
    : { type: 'unknown', name, raw };
}

function writeData(writer: ResponseWriter, data: ExtensionData): string {
  switch (data.type) {
    case 'extendedSearch':
      writeExtendedSearch(writer, data);
      return 'ESEARCH';
    case 'sort': {
      const words = data.numbers.map((number) => checkedNumber(number, 'a message number', 1));
      if (data.modSeq !== undefined) words.push(`(MODSEQ ${checkedModSeq(data.modSeq)})`);
      writer.text(words.join(' '));
      return 'SORT';
    }
    case 'thread':
      writer.text(threadsText(data.threads));
      return 'THREAD';
    case 'quota':
      writer.astring(data.root).text(' ');
      writer.list(data.resources, ({ name, usage, limit }) =>
        writer.text(
          `${checkedAtom(name, ATOM, 'a resource')} ${checkedNumber(usage, 'a usage')} ${checkedNumber(limit, 'a limit')}`,
        ),
      );
      return 'QUOTA';
    case 'quotaRoot':
      writer.astring(data.mailbox.wire);
      for (const root of data.roots) writer.text(' ').astring(root);
      return 'QUOTAROOT';
    case 'acl':
      writer.astring(data.mailbox.wire);
      for (const { identifier, rights } of data.entries) writer.text(' ').astring(identifier).text(' ').astring(rights);
      return 'ACL';
    case 'myRights':
      writer.astring(data.mailbox.wire).text(' ').astring(data.rights);
      return 'MYRIGHTS';
    case 'listRights':
      writer.astring(data.mailbox.wire).text(' ').astring(data.identifier).text(' ').astring(data.required);
      for (const rights of data.optional) writer.text(' ').astring(rights);
      return 'LISTRIGHTS';
    case 'metadata':
      writer.astring(data.mailbox.wire);
      if (data.values === undefined) for (const name of data.names) writer.text(' ').astring(name);
      else
        writer.text(' ').list(data.values, ([name, value]) => {
          writer.astring(name).text(' ');
          writeOctetString(writer, value, 'a value');
        });
      return 'METADATA';
    case 'mailboxAnnotation':
      return writeMailboxAnnotation(writer, data);
    case 'signedUrls':
    case 'urlData':
      return writeUrlData(writer, data);
    case 'conversion':
    case 'converted':
      return writeConvertData(writer, data);
    case 'language':
    case 'comparator':
    case 'jmapAccess':
    case 'uidBatches':
      return writeSessionData(writer, data);
    default:
      return assertNever(data);
  }
}
