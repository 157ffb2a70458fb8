/**
 * The layout that Dovecot calls `fs`: `['A', 'B']` is the directory `A/B` of the root, and INBOX is the root. A
 * directory without `cur` only holds children.
 * @module
 */
import { lstatSync, readdirSync } from 'node:fs';
import type { Logger, MailboxPath } from '@posthorn/core';
import { canonicalPath } from '@posthorn/mailbox-name';
import {
  cannotHold,
  decodePart,
  encodePart,
  isInboxPath,
  isPart,
  type NameEncoding,
  pathKey,
} from '../format/folder-name.ts';
import type { FolderEntry, Layout } from './layout.ts';

/** File systems hold names of 255 octets, and paths of 4,096. */
const MAX_PART = 255;
const MAX_PATH = 3_000;
/** What lies beside `cur` in a mailbox, where a child of that name would be in its way. */
const RESERVED =
  /^(?:cur|new|tmp|\.dovecot\.sieve.*|subscriptions|maildir(?:folder|size)|dovecot(?:\.(?:index|list|mailbox)|-(?:uid|keywords|acl)).*|posthorn-.*|courierimap.*)$/;

export function fsLayout(encoding: NameEncoding): Layout {
  const tryDirectoryOf = (path: MailboxPath): string | undefined => {
    if (isInboxPath(path)) return '';
    if (path.length === 0 || path[0].startsWith('~')) return undefined;
    const parts = canonicalPath(path).map((part) => encodePart(part, encoding));
    const name = parts.join('/');
    const isPossible = path.every(isPart) && parts.every(isDirectory) && Buffer.byteLength(name) <= MAX_PATH;
    return isPossible ? name : undefined;
  };
  const directoryOf = (path: MailboxPath): string => {
    const name = tryDirectoryOf(path);
    if (name !== undefined) return name;
    throw cannotHold(
      'a folder has no part that is empty, begins with "~" or two dots, holds "/" or control characters, or is a name that Maildirs use themselves, and at most 255 octets in each part',
    );
  };
  return {
    separator: '/',
    encoding,
    nests: true,
    privatePlace: 'tmp/',
    isReserved: (name) => RESERVED.test(name),
    tryDirectoryOf,
    directoryOf,
    isFolder,
    entries: (root, logger) => {
      const found = new Map<string, FolderEntry>();
      for (const directoryName of directoriesIn(root, '', logger)) {
        const path = pathOf(directoryName, encoding);
        if (path === undefined) continue;
        const key = pathKey(path);
        if (!found.has(key) || directoryName === tryDirectoryOf(path)) found.set(key, { path, directoryName });
      }
      return [...found.values()];
    },
  };
}

function pathOf(directoryName: string, encoding: NameEncoding): MailboxPath | undefined {
  const path = directoryName.split('/').map((part) => decodePart(part, encoding)) as unknown as MailboxPath;
  return path.every(isPart) && !path[0].startsWith('~') && !isInboxPath(path) ? canonicalPath(path) : undefined;
}

/** The directories below one that hold messages, at any depth. */
function* directoriesIn(root: string, above: string, logger: Logger): Iterable<string> {
  for (const entry of listDirectory(`${root}/${above}`)) {
    if (!isDirectory(entry.name)) continue;
    const name = `${above}${entry.name}`;
    if (entry.isSymbolicLink()) logger.warn('a link is not followed', { path: `${root}/${name}` });
    if (!entry.isDirectory()) continue;
    if (holdsMessages(`${root}/${name}`)) yield name;
    yield* directoriesIn(root, `${name}/`, logger);
  }
}

function listDirectory(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    // Taken away between two looks.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return [];
    throw error;
  }
}

function isFolder(root: string, directoryName: string): boolean {
  if (directoryName === '') return true;
  const parts = directoryName.split('/');
  // A link on the way would lead elsewhere.
  for (let length = 1; length <= parts.length; length++) {
    const path = `${root}/${parts.slice(0, length).join('/')}`;
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  }
  return holdsMessages(`${root}/${directoryName}`);
}

function holdsMessages(directory: string): boolean {
  return lstatSync(`${directory}/cur`, { throwIfNoEntry: false }) !== undefined;
}

function isDirectory(name: string): boolean {
  if (name === '.' || name.startsWith('..') || name.includes('\ufffd')) return false;
  return Buffer.byteLength(name) <= MAX_PART && !RESERVED.test(name);
}
