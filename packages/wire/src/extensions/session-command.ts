/**
 * Commands about the session and about lists of mailboxes.
 * @see RFC 5255, RFC 9698, RFC 2193, draft-ietf-mailmaint-imap-uidbatches
 * @module
 */
import { assertNever } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { CommandWriter } from '../commands/command-writer.ts';
import { COLON, DQUOTE, LBRACE, PATTERN, SP } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { checkedNumber } from '../tokens/spelling.ts';
import { mailboxFromWire, readMailbox } from '../values/read-mailbox.ts';

/** A rare command about the session, or about mailboxes elsewhere. */
export type SessionCommand =
  /** Languages of texts for people, the best first; none asks which there are. @see RFC 5255 section 3.2 */
  | { readonly name: 'LANGUAGE'; readonly languages: readonly string[] }
  /** Comparators of strings, the best first; none asks which is in use. @see RFC 5255 section 4.7 */
  | { readonly name: 'COMPARATOR'; readonly comparators: readonly string[] }
  /** Acts as another user, for administrators. */
  | { readonly name: 'PROXYAUTH'; readonly user: string }
  | { readonly name: 'GETJMAPACCESS' }
  /** Asks for ranges of UIDs that hold `size` messages each: all of them, or from one to another, newest first. */
  | {
      readonly name: 'UIDBATCHES';
      readonly size: number;
      readonly range?: { readonly first: number; readonly last: number };
    }
  /** LIST before SPECIAL-USE, and LIST and LSUB that tell of other servers. @see RFC 2193 section 4 */
  | { readonly name: 'XLIST' | 'RLIST' | 'RLSUB'; readonly reference: MailboxName; readonly pattern: MailboxName };

/** Reads what follows the name of the command. */
export function readSessionCommand(reader: Reader, name: SessionCommand['name']): SessionCommand {
  switch (name) {
    case 'LANGUAGE':
      return { name, languages: readWords(reader) };
    case 'COMPARATOR':
      return { name, comparators: readWords(reader) };
    case 'PROXYAUTH':
      return { name, user: reader.astring() };
    case 'GETJMAPACCESS':
      return { name };
    case 'UIDBATCHES': {
      const size = reader.nonZero();
      if (reader.peek() !== SP || reader.offset + 1 >= reader.end) return { name, size };
      reader.space();
      const first = reader.nonZero();
      reader.expect(COLON);
      return { name, size, range: { first, last: reader.nonZero() } };
    }
    default: {
      const reference = readMailbox(reader);
      reader.space();
      const octet = reader.peek();
      const isString = octet === DQUOTE || octet === LBRACE;
      return {
        name,
        reference,
        pattern: mailboxFromWire(reader, isString ? reader.string() : reader.word(PATTERN)),
      };
    }
  }
}

function readWords(reader: Reader): readonly string[] {
  const words: string[] = [];
  while (!reader.isAtEnd) {
    if (words.length > 0) {
      if (reader.offset + 1 >= reader.end) break;
      reader.space();
    }
    words.push(reader.astring());
  }
  return words;
}

export function writeSessionCommand(writer: CommandWriter, value: SessionCommand): void {
  switch (value.name) {
    case 'LANGUAGE':
      writeWords(writer, value.languages, 'a language');
      return;
    case 'COMPARATOR':
      writeWords(writer, value.comparators, 'a comparator');
      return;
    case 'PROXYAUTH':
      writer.astring(value.user, 'a user name');
      return;
    case 'GETJMAPACCESS':
      return;
    case 'UIDBATCHES':
      writer.text(checkedNumber(value.size, 'a size', 1));
      if (value.range === undefined) return;
      writer.text(
        ` ${checkedNumber(value.range.first, 'a batch', 1)}:${checkedNumber(value.range.last, 'a batch', 1)}`,
      );
      return;
    case 'XLIST':
    case 'RLIST':
    case 'RLSUB':
      writer.mailbox(value.reference).text(' ').pattern(value.pattern);
      return;
    default:
      assertNever(value);
  }
}

function writeWords(writer: CommandWriter, words: readonly string[], what: string): void {
  words.forEach((word, index) => {
    if (index > 0) writer.text(' ');
    writer.astring(word, what);
  });
}
