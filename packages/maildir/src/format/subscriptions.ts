/**
 * The file of subscribed names, in both forms Dovecot has: version 1 is a name per line with the separator of the
 * layout between the parts of a hierarchy, version 2 begins with `V<TAB>2` and an empty line and has tabs between the parts.
 * @module
 */
import { readFileSync } from 'node:fs';
import type { MailboxPath } from '@posthorn/core';
import { isMissing } from '../disk/disk.ts';
import type { Layout } from '../layout/layout.ts';
import type { Settings } from '../settings.ts';
import { withDotlock } from './dotlock.ts';
import { decodePart, encodePart, isInboxPath, pathKey } from './folder-name.ts';

const FILE = 'subscriptions';
const COURIER_FILE = 'courierimapsubscribed';
const HEADER = 'V\t2\n\n';

/** How names are written. */
type Spelling = Pick<Layout, 'separator' | 'encoding'>;

const COURIER: Spelling = { separator: '.', encoding: 'utf-7' };

/** A subscriptions file, line by line: what makes no sense here is kept. */
export interface Subscriptions {
  readonly version: 1 | 2;
  readonly lines: readonly string[];
}

export function parseSubscriptions(text: string): Subscriptions {
  const header = /^V\t(\d+)\r?\n(?:\r?\n)?/.exec(text);
  const body = header === null ? text : text.slice(header[0].length);
  return { version: header === null ? 1 : 2, lines: body.split(/\r?\n/).filter((line) => line !== '') };
}

export function formatSubscriptions({ version, lines }: Subscriptions): string {
  return (version === 2 ? HEADER : '') + lines.map((line) => `${line}\n`).join('');
}

/** The keys of the subscribed paths, as `pathKey` makes them. */
export function subscribedKeys({ version, lines }: Subscriptions, spelling: Spelling): ReadonlySet<string> {
  return new Set(lines.map((line) => pathKey(pathOfLine(line, version, spelling))));
}

/** The subscribed paths. */
export function subscribedPaths({ version, lines }: Subscriptions, spelling: Spelling): readonly MailboxPath[] {
  return lines.map((line) => pathOfLine(line, version, spelling)).filter((path) => !path.includes(''));
}

/** The file with a name added or removed. */
export function withSubscription(
  subscriptions: Subscriptions,
  path: MailboxPath,
  on: boolean,
  spelling: Spelling,
): Subscriptions {
  const { version, lines } = subscriptions;
  const key = pathKey(path);
  const others = lines.filter((line) => pathKey(pathOfLine(line, version, spelling)) !== key);
  if (!on) return { version, lines: others };
  return others.length < lines.length ? subscriptions : { version, lines: [...lines, lineOf(path, version, spelling)] };
}

/** The subscriptions of an account; those of Courier when nobody else wrote any. */
export function readSubscriptions(root: string, spelling: Spelling): Subscriptions {
  const text = readText(`${root}/${FILE}`);
  if (text !== undefined) return parseSubscriptions(text);
  const courier = readText(`${root}/${COURIER_FILE}`);
  if (courier === undefined) return { version: 2, lines: [] };
  const lines = courier
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => line.replace(/^INBOX\.(?=.)/, ''));
  return { version: 2, lines: lines.map((line) => lineOf(pathOfLine(line, 1, COURIER), 2, spelling)) };
}

/** Marks a name as subscribed or not. */
export async function writeSubscription(
  settings: Settings,
  root: string,
  path: MailboxPath,
  on: boolean,
): Promise<void> {
  const file = `${root}/${FILE}`;
  await withDotlock(settings, file, async () => {
    const before = readSubscriptions(root, settings.layout);
    const after = withSubscription(before, path, on, settings.layout);
    if (after.lines.length !== before.lines.length)
      await settings.disk.replace(file, Buffer.from(formatSubscriptions(after)));
  });
}

function pathOfLine(line: string, version: 1 | 2, { separator, encoding }: Spelling): MailboxPath {
  const parts = version === 2 ? line.split('\t').map(unescapeTabs) : line.split(separator);
  return parts.map((part) => decodePart(part, encoding)) as unknown as MailboxPath;
}

function lineOf(path: MailboxPath, version: 1 | 2, { separator, encoding }: Spelling): string {
  const parts = isInboxPath(path) ? ['INBOX'] : path.map((part) => encodePart(part, encoding));
  return version === 2 ? parts.map(escapeTabs).join('\t') : parts.join(separator);
}

const ESCAPES: readonly (readonly [string, string])[] = [
  ['\u0001', '1'],
  ['\u0000', '0'],
  ['\t', 't'],
  ['\r', 'r'],
  ['\n', 'n'],
];

function escapeTabs(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters escaped
  return text.replace(/[\u0000\u0001\t\r\n]/g, (character) => `\u0001${new Map(ESCAPES).get(character)}`);
}

function unescapeTabs(text: string): string {
  const plain = new Map(ESCAPES.map(([character, letter]) => [letter, character]));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character
  return text.replace(/\u0001(.)/g, (_, letter: string) => plain.get(letter) ?? letter);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
