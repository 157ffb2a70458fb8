import { type AccountMetadata, type MailboxPath, type MetadataEntries, utf8Bytes } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { Response } from '@posthorn/wire';
import { extensionResponse, type MetadataDepth } from '@posthorn/wire/extensions';
import { bad, CommandRefused, type Completion, no, ok } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';
import type { CommandOf } from './command-of.ts';
import { existingPath } from './mailboxes.ts';

/** Octets of one value. @see RFC 5464 section 4.1 */
const MAX_VALUE_BYTES = 65_536;
/** Entries of one mailbox, or of the account. */
const MAX_ENTRIES = 1000;

/** @see RFC 5464 section 4.2 */
export async function getMetadata(session: Session, command: CommandOf<'GETMETADATA'>): Promise<Completion> {
  const { mailbox, entries: asked, maxSize = Number.POSITIVE_INFINITY, depth = '0' } = command;
  const kept = await metadataOf(session).entries(pathOrServer(session, mailbox), { signal: session.signal });
  const found = foundEntries(kept, asked.map(depth === '0' ? entryName : branchName), depth);
  const values = new Map<string, string | null>();
  let longest = 0;
  for (const [name, value] of found) {
    const size = value === null ? 0 : utf8Bytes(value).length;
    if (size > maxSize) longest = Math.max(longest, size);
    else values.set(name, value);
  }
  if (values.size > 0) await session.send([metadataResponse(mailbox, values)]);
  return ok('Done', longest === 0 ? undefined : { type: 'metadata', reason: 'LONGENTRIES', octets: longest });
}

/** @see RFC 5464 section 4.3 */
export async function setMetadata(
  session: Session,
  { mailbox, entries }: CommandOf<'SETMETADATA'>,
): Promise<Completion> {
  const { signal } = session;
  const metadata = metadataOf(session);
  const path = pathOrServer(session, mailbox);
  const changes = new Map<string, string | null>();
  for (const [name, value] of entries) {
    if (value !== null && utf8Bytes(value).length > MAX_VALUE_BYTES) {
      return no('The value is too long', { type: 'metadata', reason: 'MAXSIZE', octets: MAX_VALUE_BYTES });
    }
    changes.set(entryName(name), value);
  }
  const names = new Set((await metadata.entries(path, { signal })).keys());
  for (const [name, value] of changes) {
    if (value === null) names.delete(name);
    else names.add(name);
  }
  if (names.size > MAX_ENTRIES) return no('There are too many entries', { type: 'metadata', reason: 'TOOMANY' });
  await metadata.change(path, changes, { signal });
  return ok('Done');
}

/** Entries of a mailbox for LIST; null stands for those it does not have. @see RFC 9590 */
export async function listedMetadata(
  session: Session,
  path: MailboxPath,
  mailbox: MailboxName,
  asked: readonly string[],
): Promise<void> {
  const kept = await metadataOf(session).entries(path, { signal: session.signal });
  await session.send([metadataResponse(mailbox, foundEntries(kept, asked.map(entryName), '0'))]);
}

function metadataResponse(mailbox: MailboxName, values: ReadonlyMap<string, string | null>): Response {
  return extensionResponse({ type: 'metadata', mailbox, names: [...values.keys()], values });
}

/** @see RFC 5464 section 4.2.2 */
function foundEntries(
  kept: MetadataEntries,
  asked: readonly string[],
  depth: MetadataDepth,
): ReadonlyMap<string, string | null> {
  const found = new Map<string, string | null>();
  for (const name of asked) {
    if (kept.has(name) || depth === '0') found.set(name, kept.get(name) ?? null);
    if (depth === '0') continue;
    for (const [below, value] of kept) {
      if (!below.startsWith(`${name}/`)) continue;
      if (depth === 'infinity' || !below.slice(name.length + 1).includes('/')) found.set(below, value);
    }
  }
  return found;
}

function metadataOf(session: Session): AccountMetadata {
  const { metadata } = session.openAccount();
  if (metadata === undefined) throw new CommandRefused(no('There is no metadata here', 'CANNOT'));
  return metadata;
}

/** The empty name is the server. @see RFC 5464 section 4.1 */
function pathOrServer(session: Session, mailbox: MailboxName): MailboxPath | undefined {
  return mailbox.wire === '' ? undefined : existingPath(session, mailbox);
}

/** A name below which entries are asked for: that of an entry, or of everything private or shared. */
function branchName(text: string): string {
  const name = text.toLowerCase();
  return name === '/private' || name === '/shared' ? name : entryName(text);
}

/** @see RFC 5464 section 3.2: without regard to case, never ending in a slash, without wildcards */
function entryName(text: string): string {
  const name = text.toLowerCase();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters refused
  if (/^\/(private|shared)(\/[^/*%\u0000-\u001f\u007f-\uffff]+)+$/.test(name)) return name;
  throw new CommandRefused(bad('An entry begins with /private/ or /shared/'));
}
