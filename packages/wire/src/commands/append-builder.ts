/**
 * Reads an APPEND or a REPLACE around the octets that flow by.
 * @see RFC 9051 section 6.3.12, RFC 3502, RFC 4469, RFC 6855 section 4, RFC 8508, RFC 5257 section 4.6
 * @module
 */

import type { SequenceNumber, Uid } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import { ASTERISK, DQUOTE, LPAREN, SP } from '../octets/octets.ts';
import type { Diagnostic } from '../tokens/diagnostic.ts';
import { Fault } from '../tokens/fault.ts';
import { MAX_DIAGNOSTICS, type Reader } from '../tokens/reader.ts';
import { readTag } from '../tokens/tag.ts';
import { readAnnotations } from '../values/annotation.ts';
import { readFlags } from '../values/read-flags.ts';
import { readInternalDate } from '../values/read-internal-date.ts';
import { readMailbox } from '../values/read-mailbox.ts';
import type { AppendMessage, CatenatePart, Command, MessageProperties, ReplacedMessage } from './command.ts';

/** Where messages go. */
export interface AppendTarget {
  readonly mailbox: MailboxName;
  readonly replaces?: ReplacedMessage;
}

/** What is known when octets are about to flow. */
export interface AppendStep {
  readonly message: AppendMessage;
  readonly index: number;
  /** The messages before it, whole, when parts of one may not have been known when its octets flowed. */
  readonly earlier?: readonly AppendMessage[];
  /** Which part of a catenated message they are. */
  readonly part?: number;
}

/** A literal as it is announced. */
export interface AnnouncedLiteral {
  readonly size: number;
  readonly isBinary: boolean;
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** What was read of the message at hand. */
interface Draft {
  /** Messages that are whole. */
  added: AppendMessage[];
  /** The catenated message that is not closed yet. */
  open: { readonly properties: MessageProperties; readonly parts: CatenatePart[] } | undefined;
  /** Whether a `UTF8 (` is to be closed. */
  isUtf8Open: boolean;
}

export class AppendBuilder {
  readonly tag: string;
  readonly target: AppendTarget;
  readonly #messages: AppendMessage[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  #open: Draft['open'];
  #isUtf8Open = false;
  #hasCatenated = false;

  constructor(tag: string, target: AppendTarget) {
    this.tag = tag;
    this.target = target;
  }

  /**
   * Reads up to the mailbox when the frame begins an APPEND or REPLACE. Undefined for another command, or when the
   * mailbox itself is the literal that follows.
   */
  static begin(reader: Reader): AppendBuilder | undefined {
    const tag = readTag(reader);
    if (reader.acceptWord('APPEND')) {
      reader.space();
      return reader.isAtEnd ? undefined : new AppendBuilder(tag, { mailbox: readMailbox(reader) });
    }
    const isUid = reader.acceptWord('UID');
    if (isUid) reader.space();
    if (!reader.acceptWord('REPLACE')) return undefined;
    const replaces = readReplaced(reader, isUid);
    return reader.isAtEnd ? undefined : new AppendBuilder(tag, { mailbox: readMailbox(reader), replaces });
  }

  /**
   * Reads up to an announced literal.
   * @returns Undefined when the literal is an argument, such as a URL: the same octets come again with it.
   */
  next(reader: Reader, literal: AnnouncedLiteral): AppendStep | undefined {
    const draft = this.#draft();
    const start = this.#read(reader, draft, false);
    if (start === 'argument') return undefined;
    if (start === 'end') return reader.fail('expected the literal of a message');
    this.#commit(draft);
    this.#keepDiagnostics(reader);
    this.#isUtf8Open = start.isUtf8;
    const octets: Mutable<Extract<AppendMessage, { readonly size: number }>> = { flags: [], size: literal.size };
    if (start.isUtf8) octets.isUtf8 = true;
    else if (literal.isBinary) octets.isBinary = true;
    const index = this.#messages.length;
    if (this.#open === undefined) {
      const message: AppendMessage = { ...octets, ...start.properties };
      this.#messages.push(message);
      return { message, index, ...this.#earlier() };
    }
    const { flags: _, ...part } = octets;
    this.#open.parts.push({ type: 'text', ...part });
    const { properties, parts } = this.#open;
    return { message: { ...properties, parts: [...parts] }, index, ...this.#earlier(), part: parts.length - 1 };
  }

  #earlier(): Pick<AppendStep, 'earlier'> {
    return this.#hasCatenated ? { earlier: this.#messages } : {};
  }

  /** Reads what follows the last octets that flowed, or the whole when none did. */
  finish(reader: Reader): Command {
    const draft = this.#draft();
    if (this.#read(reader, draft, true) !== 'end') reader.fail('expected the literal of a message');
    this.#commit(draft);
    reader.finish();
    if (this.#diagnostics.length > 0)
      reader.diagnostics = [...this.#diagnostics, ...(reader.diagnostics ?? [])].slice(0, MAX_DIAGNOSTICS);
    const { mailbox, replaces } = this.target;
    const [message, ...others] = this.#messages;
    if (message === undefined) return reader.fail('APPEND and REPLACE need a message');
    if (replaces === undefined) return { name: 'APPEND', mailbox, messages: this.#messages };
    if (others.length > 0) reader.fail('REPLACE takes one message');
    return { name: 'REPLACE', replaces, mailbox, message };
  }

  #draft(): Draft {
    const open = this.#open;
    return {
      added: [],
      open: open && { properties: open.properties, parts: [...open.parts] },
      isUtf8Open: this.#isUtf8Open,
    };
  }

  #commit({ added, open }: Draft): void {
    for (const message of added) this.#messages.push(message);
    // What is added here stands without a literal of its own.
    this.#hasCatenated ||= added.length > 0;
    this.#open = open;
    this.#isUtf8Open = false;
  }

  #keepDiagnostics({ diagnostics }: Reader): void {
    if (diagnostics !== undefined)
      this.#diagnostics.push(...diagnostics.slice(0, MAX_DIAGNOSTICS - this.#diagnostics.length));
  }

  /** Reads up to the end of the octets at hand: that of the command if `isLast`, else of what stands before a literal. */
  #read(
    reader: Reader,
    draft: Draft,
    isLast: boolean,
  ): 'end' | 'argument' | { readonly properties: MessageProperties; readonly isUtf8: boolean } {
    if (draft.isUtf8Open) {
      reader.depth = draft.open === undefined ? 1 : 2;
      reader.closeList();
    }
    let isBehindPart = draft.open !== undefined;
    for (;;) {
      if (draft.open === undefined) {
        if (isLast && onlySpacesLeft(reader)) return 'end';
        reader.space();
        const properties = readProperties(reader);
        if (properties === 'argument') return properties;
        if (reader.isAtEnd) return { properties, isUtf8: false };
        if (reader.acceptWord('UTF8')) {
          openUtf8(reader);
          return { properties, isUtf8: true };
        }
        if (!reader.acceptWord('CATENATE')) return reader.fail('expected the literal of a message');
        reader.space();
        reader.openList();
        draft.open = { properties, parts: [] };
        isBehindPart = false;
      }
      reader.depth = 1;
      const { properties, parts } = draft.open;
      if (!reader.hasNext(!isBehindPart)) {
        if (parts.length === 0) reader.fail('CATENATE needs a part');
        draft.added.push({ ...properties, parts });
        draft.open = undefined;
        continue;
      }
      if (reader.acceptWord('TEXT')) {
        reader.space();
        if (!reader.isAtEnd) reader.fail('expected the literal of a part');
        return { properties, isUtf8: false };
      }
      if (reader.acceptWord('UTF8')) {
        openUtf8(reader);
        return { properties, isUtf8: true };
      }
      if (!reader.acceptWord('URL')) reader.fail('expected TEXT or URL');
      reader.space();
      if (reader.isAtEnd) return 'argument';
      parts.push({ type: 'url', url: reader.astring() });
      isBehindPart = true;
    }
  }
}

/** Reads what follows the name of a REPLACE, up to the space before the mailbox. */
function readReplaced(reader: Reader, isUid: boolean): ReplacedMessage {
  reader.space();
  const number = reader.accept(ASTERISK) ? '*' : reader.nonZero();
  reader.space();
  return isUid
    ? { type: 'uid', uid: number as Uid | '*' }
    : { type: 'sequenceNumber', sequenceNumber: number as SequenceNumber | '*' };
}

/** The flags, date and extensions of a message; `argument` when what is at hand ends within one. */
function readProperties(reader: Reader): MessageProperties | 'argument' {
  const hasFlags = reader.peek() === LPAREN;
  const properties: Mutable<MessageProperties> = { flags: hasFlags ? readFlags(reader) : [] };
  if (hasFlags) reader.space();
  if (reader.peek() === DQUOTE) {
    properties.internalDate = readInternalDate(reader);
    reader.space();
  }
  while (reader.acceptWord('ANNOTATION')) {
    reader.space();
    try {
      properties.annotations = readAnnotations(reader);
    } catch (fault) {
      if (fault instanceof Fault && fault.offset >= reader.end) return 'argument';
      throw fault;
    }
    reader.space();
  }
  return properties;
}

function openUtf8(reader: Reader): void {
  reader.space();
  reader.openList();
  if (!reader.isAtEnd) reader.fail('expected the literal of a message');
}

function onlySpacesLeft(reader: Reader): boolean {
  for (let offset = reader.offset; offset < reader.end; offset++) if (reader.bytes[offset] !== SP) return false;
  return true;
}

/** Reads an APPEND or REPLACE behind its name, in whose frame no octets flowed. */
export function readAppend(reader: Reader, isReplacement: boolean, isUid: boolean): Command {
  const replaces = isReplacement ? readReplaced(reader, isUid) : undefined;
  if (replaces === undefined) reader.space();
  const mailbox = readMailbox(reader);
  return new AppendBuilder('', replaces === undefined ? { mailbox } : { mailbox, replaces }).finish(reader);
}
