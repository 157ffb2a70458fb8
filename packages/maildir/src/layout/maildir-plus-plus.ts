/**
 * Maildir++: `['A', 'B']` is the directory `.A.B` of the root, and INBOX is the root.
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

/** File systems hold names of 255 octets. */
const MAX_DIRECTORY_NAME = 255;

export function maildirPlusPlus(encoding: NameEncoding): Layout {
  const tryDirectoryOf = (path: MailboxPath): string | undefined => {
    if (isInboxPath(path)) return '';
    if (path.length === 0 || !path.every(isDotless) || path[0].startsWith('~')) return undefined;
    const name = `.${canonicalPath(path)
      .map((part) => encodePart(part, encoding))
      .join('.')}`;
    return Buffer.byteLength(name) <= MAX_DIRECTORY_NAME ? name : undefined;
  };
  const directoryOf = (path: MailboxPath): string => {
    const name = tryDirectoryOf(path);
    if (name !== undefined) return name;
    throw cannotHold(
      'a Maildir++ folder has no part that is empty, holds ".", "/" or control characters, or begins with "~", and at most 255 octets',
    );
  };
  return {
    separator: '.',
    encoding,
    nests: false,
    privatePlace: '',
    isReserved: () => true,
    tryDirectoryOf,
    directoryOf,
    isFolder,
    entries: (root, logger) => {
      const found = new Map<string, FolderEntry>();
      for (const { path, directoryName } of listEntries(root, encoding, logger)) {
        const key = pathKey(path);
        // Of two spellings of one name the usual one counts.
        if (!found.has(key) || directoryName === tryDirectoryOf(path)) found.set(key, { path, directoryName });
      }
      return [...found.values()];
    },
  };
}

/**
 * The path that a directory of the root holds, or undefined for one that holds no mailbox. A name in raw UTF-8, which
 * other programs write, is read as it stands.
 */
export function pathOf(directory: string, encoding: NameEncoding): MailboxPath | undefined {
  if (!directory.startsWith('.') || directory.includes('\ufffd')) return undefined;
  const parts = directory.slice(1).split('.');
  const path = parts.map((part) => decodePart(part, encoding)) as unknown as MailboxPath;
  if (!path.every(isDotless) || path[0].startsWith('~') || isInboxPath(path)) return undefined;
  return canonicalPath(path);
}

function* listEntries(root: string, encoding: NameEncoding, logger: Logger): Iterable<FolderEntry> {
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    const path = pathOf(entry.name, encoding);
    if (path === undefined) continue;
    if (entry.isSymbolicLink()) logger.warn('a link is not followed', { path: `${root}/${entry.name}` });
    else if (entry.isDirectory() && isFolder(root, entry.name)) yield { path, directoryName: entry.name };
  }
}

function isFolder(root: string, directoryName: string): boolean {
  if (directoryName === '') return true;
  const path = `${root}/${directoryName}`;
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  return ['cur', 'new', 'maildirfolder'].some(
    (name) => lstatSync(`${path}/${name}`, { throwIfNoEntry: false }) !== undefined,
  );
}

function isDotless(part: string): boolean {
  return isPart(part) && !part.includes('.');
}
