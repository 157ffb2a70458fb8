import type { Flag, ModSeq, SequenceNumber, Uid } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { SequenceSet } from '@posthorn/message-set';
import { readOctets } from '../tokens/read-octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { readFlag } from '../values/read-flags.ts';
import { readMailbox } from '../values/read-mailbox.ts';
import { readSequenceSet } from '../values/read-set.ts';
import { readModSeq } from '../values/read-size.ts';

/** Reads the value of a word that an {@link ExtensionTable} adds. What does not fit is refused by itself. */
export interface ValueReader {
  /** Whether all was read. */
  readonly isAtEnd: boolean;
  /** Whether this ASCII character comes next. */
  isAt(character: string): boolean;
  /** One space. */
  space(): void;
  /** This ASCII character. */
  expect(character: string): void;
  /** Steps over a word, given in upper case, when it stands here in any case. */
  accept(word: string): boolean;
  atom(): string;
  /** An atom in upper case. */
  keyword(): string;
  /** An atom, a quoted string or a literal. */
  astring(): string;
  /** A quoted string or a literal. */
  string(): string;
  /** A string or NIL. */
  nstring(): string | null;
  /** The octets of a string, or NIL. */
  octets(): Uint8Array | null;
  /** Digits, up to the largest safe integer. */
  number(): number;
  modSeq(): ModSeq;
  mailbox(): MailboxName;
  flag(): Flag;
  uids(): SequenceSet<Uid>;
  sequenceNumbers(): SequenceSet<SequenceNumber>;
  /** Elements in parentheses, with spaces between them. */
  list<Element>(read: () => Element): readonly Element[];
  /** Refuses the value. */
  fail(message: string): never;
}

/** What a table reads with. */
export function valueReader(reader: Reader): ValueReader {
  return {
    get isAtEnd() {
      return reader.isAtEnd;
    },
    isAt: (character) => reader.peek() === character.charCodeAt(0),
    space: () => reader.space(),
    expect: (character) => reader.expect(character.charCodeAt(0)),
    accept: (word) => reader.acceptWord(word),
    atom: () => reader.atom(),
    keyword: () => reader.keyword(),
    astring: () => reader.astring(),
    string: () => reader.string(),
    nstring: () => reader.nstring(),
    octets: () => readOctets(reader),
    number: () => reader.number(),
    modSeq: () => readModSeq(reader),
    mailbox: () => readMailbox(reader),
    flag: () => readFlag(reader) ?? reader.fail('expected a flag'),
    uids: () => readSequenceSet<Uid>(reader),
    sequenceNumbers: () => readSequenceSet<SequenceNumber>(reader),
    list: (read) => {
      const elements: ReturnType<typeof read>[] = [];
      reader.openList();
      for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) elements.push(read());
      return elements;
    },
    fail: (message) => reader.fail(message),
  };
}
