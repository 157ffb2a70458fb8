/**
 * Labels of Gmail, spelled like mailbox names.
 * @see https://developers.google.com/workspace/gmail/imap/imap-extensions
 * @module
 */
import type { MailboxName } from '@posthorn/mailbox-name';
import { ATOM, BACKSLASH } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { isInClass } from '../tokens/spelling.ts';
import { mailboxFromWire } from './read-mailbox.ts';

/** Reads `(\Inbox "Muy Importante" other)`. */
export function readLabels(reader: Reader): readonly MailboxName[] {
  const labels: MailboxName[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const isSystem = reader.accept(BACKSLASH);
    labels.push(mailboxFromWire(reader, isSystem ? `\\${reader.atom()}` : reader.astring()));
  }
  return labels;
}

/** What writes commands and what writes responses, as far as labels need it. */
interface LabelWriter {
  text(text: string): unknown;
  astring(text: string, what: string): unknown;
  list<Element>(elements: Iterable<Element>, write: (element: Element) => void): unknown;
}

export function writeLabels(writer: LabelWriter, labels: readonly MailboxName[]): void {
  writer.list(labels, ({ wire }) => {
    if (wire.startsWith('\\') && isInClass(wire.slice(1), ATOM)) writer.text(wire);
    else writer.astring(wire, 'a label');
  });
}
