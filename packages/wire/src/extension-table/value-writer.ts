import type { Flag, ModSeq, SequenceNumber, Uid } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { SequenceSet } from '@posthorn/message-set';
import { ATOM } from '../octets/octets.ts';
import { checkedAtom, checkedModSeq, checkedNumber } from '../tokens/spelling.ts';
import { flagText } from '../values/flag-text.ts';
import { setText } from '../values/set-text.ts';

/**
 * Writes the value of a word that an {@link ExtensionTable} adds. Whatever it is given, no value can end the line.
 * Each throws a RangeError for what cannot be sent.
 */
export interface ValueWriter {
  space(): ValueWriter;
  atom(text: string): ValueWriter;
  /** As an atom where possible, else as a string. */
  astring(text: string): ValueWriter;
  /** In quotes where possible, else as a literal. */
  string(text: string): ValueWriter;
  nstring(text: string | null): ValueWriter;
  /** As a literal, or NIL. */
  octets(bytes: Uint8Array | null): ValueWriter;
  /** An integer that is not negative. */
  number(value: number): ValueWriter;
  modSeq(value: ModSeq): ValueWriter;
  mailbox(mailbox: MailboxName): ValueWriter;
  flag(flag: Flag): ValueWriter;
  uids(set: SequenceSet<Uid>): ValueWriter;
  sequenceNumbers(set: SequenceSet<SequenceNumber>): ValueWriter;
  /** One of the characters that stand between values, such as `(`, `)`, `:` or `<`. */
  mark(character: string): ValueWriter;
  /** Elements in parentheses, with spaces between them. */
  list<Element>(elements: Iterable<Element>, write: (element: Element) => void): ValueWriter;
}

/** What writes commands and what writes responses, as far as values need it. */
interface LineWriter {
  text(text: string): unknown;
  astring(text: string, what: string): unknown;
  string(text: string, what: string): unknown;
  nstring(text: string | null, what: string): unknown;
  literal(bytes: Uint8Array): unknown;
  list<Element>(elements: Iterable<Element>, write: (element: Element) => void): unknown;
}

const WHAT = 'a value';

/** What a table writes with. */
export function valueWriter(line: LineWriter): ValueWriter {
  const then = (_: unknown): ValueWriter => writer;
  const writer: ValueWriter = {
    space: () => then(line.text(' ')),
    atom: (text) => then(line.text(checkedAtom(text, ATOM, 'an atom'))),
    astring: (text) => then(line.astring(text, WHAT)),
    string: (text) => then(line.string(text, WHAT)),
    nstring: (text) => then(line.nstring(text, WHAT)),
    octets: (bytes) => then(bytes === null ? line.text('NIL') : line.literal(bytes)),
    number: (value) => then(line.text(checkedNumber(value, 'a number'))),
    modSeq: (value) => then(line.text(checkedModSeq(value))),
    mailbox: ({ wire }) => then(line.astring(wire, 'a mailbox name')),
    flag: (flag) => then(line.text(flagText(flag))),
    uids: (set) => then(line.text(setText(set))),
    sequenceNumbers: (set) => then(line.text(setText(set))),
    mark: (character) => {
      if (!/^[!-~]$/.test(character) || /["\\{}]/.test(character)) throw new RangeError('a mark is one character');
      return then(line.text(character));
    },
    list: (elements, write) => then(line.list(elements, write)),
  };
  return writer;
}
