/**
 * STORE of what are no flags: labels of Gmail, and annotations.
 * @see RFC 5257 section 4.5
 * @module
 */

import type { FlagOperation, ModSeq, SequenceNumber, Uid } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { MessageSelector } from '../commands/command.ts';
import type { CommandWriter } from '../commands/command-writer.ts';
import { LPAREN, MINUS, PLUS } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { checkedModSeq } from '../tokens/spelling.ts';
import { type Annotation, readAnnotations, writeAnnotations } from '../values/annotation.ts';
import { readLabels, writeLabels } from '../values/labels.ts';
import { readSequenceSet } from '../values/read-set.ts';
import { readModSeq } from '../values/read-size.ts';
import { setText } from '../values/set-text.ts';

/** A STORE of something other than flags. */
export type StoreCommand =
  | {
      readonly name: 'STORE X-GM-LABELS';
      readonly messages: MessageSelector;
      readonly operation: FlagOperation;
      readonly isSilent: boolean;
      readonly labels: readonly MailboxName[];
      readonly unchangedSince?: ModSeq;
    }
  | {
      readonly name: 'STORE ANNOTATION';
      readonly messages: MessageSelector;
      readonly annotations: readonly Annotation[];
      readonly unchangedSince?: ModSeq;
    };

/** Whether the command is the UID form of itself. */
export function namesUids(messages: MessageSelector): boolean {
  return messages.type === 'uids' || (messages.type === 'saved' && messages.isUid);
}

/** Reads what follows `STORE `. */
export function readStoreCommand(reader: Reader, isUid: boolean): StoreCommand {
  const messages = readMessages(reader, isUid);
  reader.space();
  const unchanged = readUnchangedSince(reader);
  const operation = reader.accept(PLUS) ? 'add' : reader.accept(MINUS) ? 'remove' : 'replace';
  const start = reader.offset;
  const word = reader.keyword();
  if (word === 'ANNOTATION' && operation === 'replace') {
    reader.space();
    return { name: 'STORE ANNOTATION', messages, annotations: readAnnotations(reader), ...unchanged };
  }
  if (word !== 'X-GM-LABELS' && word !== 'X-GM-LABELS.SILENT') {
    reader.offset = start;
    return reader.fail('expected FLAGS');
  }
  reader.space();
  const labels = readLabels(reader);
  return { name: 'STORE X-GM-LABELS', messages, operation, isSilent: word.endsWith('.SILENT'), labels, ...unchanged };
}

function readMessages(reader: Reader, isUid: boolean): MessageSelector {
  if (reader.acceptSaved()) return { type: 'saved', isUid };
  return isUid
    ? { type: 'uids', set: readSequenceSet<Uid>(reader) }
    : { type: 'sequenceNumbers', set: readSequenceSet<SequenceNumber>(reader) };
}

function readUnchangedSince(reader: Reader): { readonly unchangedSince?: ModSeq } {
  if (reader.peek() !== LPAREN) return {};
  reader.openList();
  if (!reader.acceptWord('UNCHANGEDSINCE')) reader.fail('an unknown modifier of STORE');
  reader.space();
  const unchangedSince = readModSeq(reader);
  reader.closeList();
  reader.space();
  return { unchangedSince };
}

/** Writes what follows `STORE `. */
export function writeStoreCommand(writer: CommandWriter, value: StoreCommand): void {
  const { messages, unchangedSince } = value;
  writer.text(messages.type === 'saved' ? '$ ' : `${setText(messages.set)} `);
  if (unchangedSince !== undefined) writer.text(`(UNCHANGEDSINCE ${checkedModSeq(unchangedSince)}) `);
  if (value.name === 'STORE ANNOTATION') {
    writeAnnotations(writer.text('ANNOTATION '), value.annotations);
    return;
  }
  const sign = value.operation === 'add' ? '+' : value.operation === 'remove' ? '-' : '';
  writer.text(`${sign}X-GM-LABELS${value.isSilent ? '.SILENT' : ''} `);
  writeLabels(writer, value.labels);
}
