/**
 * ANNOTATEMORE, the draft that METADATA came from, as Cyrus and others still offer it.
 * @module
 */
import { concatBytes, utf8Bytes } from '@posthorn/core';
import { type MailboxName, mailboxNameFromWire } from '@posthorn/mailbox-name';
import type { UntaggedEvent } from '../connection/client-events.ts';
import type { Connection } from '../connection/connection.ts';
import { argument, readTokens, spaced, type Token } from '../connection/raw-tokens.ts';
import { MOST_ANSWERS } from '../connection/run-extension.ts';
import { ImapError } from '../errors.ts';

/** What is noted about a mailbox under one entry. */
export interface Annotation {
  readonly mailbox: MailboxName;
  /** Such as `/comment`. */
  readonly entry: string;
  /** Values by attribute, such as `value.shared`. */
  readonly attributes: ReadonlyMap<string, string | null>;
}

export async function getAnnotations(
  connection: Connection,
  wanted: {
    readonly mailbox: MailboxName;
    readonly entries: readonly string[];
    readonly attributes: readonly string[];
  },
  signal: AbortSignal | undefined,
): Promise<readonly Annotation[]> {
  const found: Annotation[] = [];
  let isBroken = false;
  const accept = (event: UntaggedEvent): boolean => {
    if (event.type !== 'unknown' || event.name !== 'ANNOTATION') return false;
    const annotations = readAnnotations(readTokens(event.raw));
    if (annotations === undefined || found.length > MOST_ANSWERS) isBroken = true;
    else for (const annotation of annotations) found.push(annotation);
    return true;
  };
  const raw = spaced([argument(wanted.mailbox.wire), list(wanted.entries), list(wanted.attributes)]);
  await connection.run({ name: 'X', command: 'GETANNOTATION', raw }, { signal, accept });
  if (isBroken) throw new ImapError('IMAP_PROTOCOL', 'the server answered GETANNOTATION with something unreadable');
  return found;
}

export async function setAnnotations(
  connection: Connection,
  change: {
    readonly mailbox: MailboxName;
    readonly entry: string;
    readonly attributes: Readonly<Record<string, string | null>>;
  },
  signal: AbortSignal | undefined,
): Promise<void> {
  const values = Object.entries(change.attributes).flatMap(([name, value]) => [
    argument(name),
    value === null ? utf8Bytes('NIL') : argument(value),
  ]);
  const raw = spaced([argument(change.mailbox.wire), argument(change.entry), parenthesized(values)]);
  await connection.run({ name: 'X', command: 'SETANNOTATION', raw }, { signal });
}

/** `INBOX /comment (value.shared "x" value.priv NIL)`, entry after entry. */
function readAnnotations(tokens: readonly Token[] | undefined): readonly Annotation[] | undefined {
  const [mailbox, ...rest] = tokens ?? [];
  if (typeof mailbox !== 'string' || rest.length % 2 !== 0) return undefined;
  const annotations: Annotation[] = [];
  for (let index = 0; index < rest.length; index += 2) {
    const [entry, values] = [rest[index], rest[index + 1]];
    const attributes = new Map<string, string | null>();
    if (typeof entry !== 'string' || !Array.isArray(values) || values.length % 2 !== 0) return undefined;
    for (let at = 0; at < values.length; at += 2) {
      const [name, value]: readonly Token[] = values.slice(at, at + 2);
      if (typeof name !== 'string' || Array.isArray(value)) return undefined;
      attributes.set(name, (value ?? null) as string | null);
    }
    annotations.push({ mailbox: mailboxNameFromWire(mailbox), entry, attributes });
  }
  return annotations;
}

function list(words: readonly string[]): Uint8Array {
  if (words.length === 0) throw new RangeError('GETANNOTATION needs an entry and an attribute');
  return words.length === 1 ? argument(words[0]!) : parenthesized(words.map(argument));
}

function parenthesized(words: readonly Uint8Array[]): Uint8Array {
  return concatBytes([utf8Bytes('('), spaced(words), utf8Bytes(')')]);
}
