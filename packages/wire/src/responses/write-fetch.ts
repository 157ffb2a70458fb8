/**
 * The items of a FETCH response into octets.
 * @see RFC 9051 section 7.5.2
 * @module
 */
import { formatInternalDate } from '@posthorn/date';
import { ASTRING, ATOM } from '../octets/octets.ts';
import { checkedAtom, checkedModSeq, checkedNumber, checkedNumber64 } from '../tokens/spelling.ts';
import { writeAnnotationAnswer } from '../values/annotation.ts';
import { flagsText } from '../values/flag-text.ts';
import { writeLabels } from '../values/labels.ts';
import { sectionText } from '../values/section-text.ts';
import type { FetchedSection, FetchItems } from './response.ts';
import type { ResponseWriter } from './response-writer.ts';
import { isExtended, writeBody } from './write-body-structure.ts';
import { writeEnvelope } from './write-envelope.ts';

/** Writes `start`, which ends in a parenthesis, the items and the end of their list. */
export function writeFetch(writer: ResponseWriter, start: string, items: FetchItems): void {
  writer.text(start);
  let separator = '';
  const name = (text: string): void => {
    writer.text(separator + text);
    separator = ' ';
  };
  if (items.uid !== undefined) name(`UID ${checkedNumber(items.uid, 'a UID', 1)}`);
  if (items.flags !== undefined) name(`FLAGS ${flagsText(items.flags)}`);
  if (items.internalDate !== undefined) name(`INTERNALDATE "${formatInternalDate(items.internalDate)}"`);
  if (items.size !== undefined) name(`RFC822.SIZE ${checkedNumber(items.size, 'a size')}`);
  if (items.modSeq !== undefined) name(`MODSEQ (${checkedModSeq(items.modSeq)})`);
  if (items.envelope !== undefined) {
    name('ENVELOPE ');
    writeEnvelope(writer, items.envelope);
  }
  if (items.bodyStructure !== undefined) {
    name(isExtended(items.bodyStructure) ? 'BODYSTRUCTURE ' : 'BODY ');
    writeBody(writer, items.bodyStructure);
  }
  writeRareItems(writer, items, name);
  items.sections?.forEach((section, index) => {
    name(`${sectionItemText(section)} `);
    writeSectionValue(writer, section, index);
  });
  for (const { name: itemName, raw } of items.raw ?? []) {
    name(checkedAtom(itemName, ASTRING, 'the name of an item'));
    writer.text(' ').value(raw);
  }
  writer.text(')');
}

function writeRareItems(writer: ResponseWriter, items: FetchItems, name: (text: string) => void): void {
  if (items.emailId !== undefined) name(`EMAILID (${checkedAtom(items.emailId, ATOM, 'an object id')})`);
  if (items.threadId !== undefined)
    name(items.threadId === null ? 'THREADID NIL' : `THREADID (${checkedAtom(items.threadId, ATOM, 'an object id')})`);
  if (items.saveDate !== undefined)
    name(items.saveDate === null ? 'SAVEDATE NIL' : `SAVEDATE "${formatInternalDate(items.saveDate)}"`);
  for (const { size, ...section } of items.binarySizes ?? [])
    name(`BINARY.SIZE[${sectionText(section)}] ${checkedNumber(size, 'a size')}`);
  if (items.annotations !== undefined) {
    name('ANNOTATION ');
    writeAnnotationAnswer(writer, items.annotations);
  }
  if (items.gmailMessageId !== undefined) name(`X-GM-MSGID ${checkedNumber64(items.gmailMessageId)}`);
  if (items.gmailThreadId !== undefined) name(`X-GM-THRID ${checkedNumber64(items.gmailThreadId)}`);
  if (items.gmailLabels !== undefined) {
    name('X-GM-LABELS ');
    writeLabels(writer, items.gmailLabels);
  }
  if (items.preview !== undefined) {
    name('PREVIEW ');
    writer.nstring(items.preview);
  }
}

function sectionItemText({ item, section, origin }: FetchedSection): string {
  if (item !== 'BODY' && item !== 'BINARY') return checkedAtom(item, ATOM, 'the name of an item');
  const text = `${item}[${sectionText(section)}]`;
  return origin === undefined ? text : `${text}<${checkedNumber(origin, 'an offset')}>`;
}

function writeSectionValue(writer: ResponseWriter, { item, value }: FetchedSection, index: number): void {
  const isBinary = item === 'BINARY';
  if (value === null) writer.text('NIL');
  else if (value.type === 'inline') writer.literal(value.bytes, isBinary && value.bytes.includes(0));
  else writer.section(index, value.size, isBinary);
}
