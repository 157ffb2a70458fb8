/**
 * The file `dovecot-acl` of a mailbox: lines `<identifier> <rights>`, such as `user=bob lrs`, `group=staff lr`,
 * `anyone l` and `-user=bob x`, where named rights may follow behind a colon.
 * @module
 */
import type { AclEntry } from '@posthorn/core';

/** @see RFC 4314 section 2.1 */
export const ALL_RIGHTS = 'lrswipkxtea';

const NAMED: ReadonlyMap<string, string> = new Map([
  ['lookup', 'l'],
  ['read', 'r'],
  ['write', 'w'],
  ['write-seen', 's'],
  ['write-deleted', 't'],
  ['insert', 'i'],
  ['post', 'p'],
  ['expunge', 'e'],
  ['create', 'k'],
  ['delete', 'x'],
  ['admin', 'a'],
]);
/** Words that stand for themselves, in the file as in IMAP. */
const WORDS = ['anyone', 'authenticated', 'owner'];

/** The entries of a file, the identifiers as IMAP has them. Other lines are passed over. */
export function parseAcl(text: string): readonly AclEntry[] {
  return text.split(/\r?\n/).flatMap((line) => parseLine(line) ?? []);
}

/** The file with the entry of an identifier changed, or taken away. What makes no sense here stays. */
export function withEntry(text: string, identifier: string, rights: string | undefined): string {
  const lines = text.split(/\r?\n/).filter((line) => line !== '' && parseLine(line)?.identifier !== identifier);
  if (rights !== undefined) lines.push(`${quoted(fileIdentifier(identifier))} ${rights}`);
  return lines.map((line) => `${line}\n`).join('');
}

/** Rights in the usual order, each once. */
export function inOrder(rights: string): string {
  return [...ALL_RIGHTS].filter((right) => rights.includes(right)).join('');
}

function parseLine(line: string): AclEntry | undefined {
  const match = /^(?:"((?:[^"\\]|\\.)*)"|([^#\s"]\S*))(?:\s+(.*))?$/.exec(line);
  if (match === null) return undefined;
  const identifier = imapIdentifier(match[1]?.replace(/\\(.)/g, '$1') ?? match[2]!);
  const [letters = '', names = ''] = (match[3] ?? '').split(':', 2);
  const named = names.split(/\s+/).map((name) => NAMED.get(name) ?? '');
  return identifier === undefined ? undefined : { identifier, rights: inOrder(letters + named.join('')) };
}

function imapIdentifier(text: string): string | undefined {
  const sign = text.startsWith('-') ? '-' : '';
  const id = text.slice(sign.length);
  if (WORDS.includes(id)) return `${sign}${id}`;
  const [, kind, name] = /^(user|group|group-override)=(.+)$/.exec(id) ?? [];
  if (name === undefined) return undefined;
  return `${sign}${kind === 'user' ? '' : kind === 'group' ? '$' : '!$'}${name}`;
}

function fileIdentifier(identifier: string): string {
  const sign = identifier.startsWith('-') ? '-' : '';
  const id = identifier.slice(sign.length);
  if (WORDS.includes(id)) return `${sign}${id}`;
  if (id.startsWith('!$')) return `${sign}group-override=${id.slice(2)}`;
  return id.startsWith('$') ? `${sign}group=${id.slice(1)}` : `${sign}user=${id}`;
}

function quoted(text: string): string {
  return /[\s"\\]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
}
