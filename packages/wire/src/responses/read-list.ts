/**
 * The mailboxes that LIST finds, and the namespaces they lie in.
 * @see RFC 9051 section 7.3.1, section 7.3.2, RFC 5258
 * @module
 */
import type { MailboxName } from '@posthorn/mailbox-name';
import { BACKSLASH, DQUOTE, LPAREN, RPAREN, SP } from '../octets/octets.ts';
import { Fault } from '../tokens/fault.ts';
import { rawOctets } from '../tokens/raw-octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { skipValue } from '../tokens/skip-value.ts';
import { canonicalAttribute } from '../values/attributes.ts';
import { readFlag } from '../values/read-flags.ts';
import { readListedMailbox, readMailbox } from '../values/read-mailbox.ts';
import type { ListData, NamespaceData, NamespaceEntry, RawItem } from './response.ts';

/** The delimiter backslash as some servers quote it, with the space behind it. */
const LONE_BACKSLASH: readonly number[] = [DQUOTE, BACKSLASH, DQUOTE];

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Reads what follows the name of the response. */
export function readList(reader: Reader, name: 'LIST' | 'XLIST' | 'LSUB'): ListData {
  reader.space();
  const attributes: string[] = [];
  for (let isFirst = true, goesOn = reader.openListOrNil(); goesOn && reader.hasNext(isFirst); isFirst = false) {
    const attribute = readFlag(reader);
    if (attribute !== undefined) attributes.push(canonicalAttribute(attribute));
  }
  reader.space();
  const delimiter = readDelimiter(reader);
  reader.space();
  const mailbox = readListedMailbox(reader);
  const data: Mutable<ListData> = { type: name === 'LSUB' ? 'lsub' : 'list', attributes, delimiter, mailbox };
  if (name === 'XLIST') data.isXlist = true;
  if (reader.peek() !== SP || !reader.isFollowedBy(LPAREN)) return data;
  reader.space();
  const extended: RawItem[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const item = readExtendedItem(reader);
    if (!readListItem(reader, item, data)) extended.push(item);
  }
  if (extended.length > 0) data.extended = extended;
  return data;
}

/** Makes a value of an extended item. False for one that is not known, or whose value makes no sense. */
function readListItem(reader: Reader, { name, raw }: RawItem, data: Mutable<ListData>): boolean {
  if (name !== 'CHILDINFO' && name !== 'OLDNAME') return false;
  const { offset, end, depth } = reader;
  reader.offset = offset - raw.length;
  reader.end = offset;
  try {
    const words: string[] = [];
    let oldName: MailboxName | undefined;
    reader.openList();
    for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
      if (name === 'OLDNAME' && isFirst) oldName = readMailbox(reader);
      else words.push(reader.astring().toUpperCase());
    }
    if (name === 'CHILDINFO') data.childInfo = words;
    else if (oldName === undefined || words.length > 0) reader.fail('expected one mailbox');
    else data.oldName = oldName;
    return true;
  } catch (fault) {
    if (!(fault instanceof Fault) || reader.isStrict) throw fault;
    reader.noteFault('SYNTAX', fault, name);
    return false;
  } finally {
    reader.offset = offset;
    reader.end = end;
    reader.depth = depth;
  }
}

/** Reads what follows the name of the response. */
export function readNamespace(reader: Reader): NamespaceData {
  reader.space();
  const personal = readNamespaces(reader);
  reader.space();
  const otherUsers = readNamespaces(reader);
  reader.space();
  const shared = readNamespaces(reader);
  return { type: 'namespace', personal, otherUsers, shared };
}

function readNamespaces(reader: Reader): readonly NamespaceEntry[] {
  const entries: NamespaceEntry[] = [];
  if (reader.peek() !== LPAREN) {
    if (!reader.nil()) reader.fail('expected a list of namespaces');
    return entries;
  }
  reader.openList();
  while (reader.peek() !== RPAREN) {
    if (reader.peek() === SP) {
      reader.quirk('QUIRK_EXTRA_SPACE', 'a space between two namespaces');
      reader.offset++;
      continue;
    }
    reader.openList();
    const prefix = readMailbox(reader);
    reader.space();
    const delimiter = readDelimiter(reader);
    const extended: RawItem[] = [];
    while (reader.hasNext(false)) extended.push(readExtendedItem(reader));
    entries.push(extended.length === 0 ? { prefix, delimiter } : { prefix, delimiter, extended });
  }
  reader.closeList();
  return entries;
}

function readExtendedItem(reader: Reader): RawItem {
  const name = reader.astring().toUpperCase();
  reader.space();
  const start = reader.offset;
  skipValue(reader);
  return { name, raw: rawOctets(reader, start) };
}

function readDelimiter(reader: Reader): string | null {
  if (reader.acceptOctets(LONE_BACKSLASH)) {
    reader.quirk('QUIRK_LONE_BACKSLASH', 'a backslash that escapes nothing');
    return '\\';
  }
  const delimiter = reader.nstring();
  if (delimiter === null || delimiter.length === 1) return delimiter;
  reader.quirk('QUIRK_DELIMITER', 'a delimiter is not one character');
  return delimiter === '' ? null : delimiter.charAt(0);
}
