/**
 * Reads an APPEND around the messages that flow by.
 * @see RFC 9051 section 6.3.12, RFC 3502, RFC 6855 section 4
 * @module
 */
import type { MailboxName } from '@posthorn/mailbox-name';
import type { AppendMessage, Command } from './command.ts';
import type { Diagnostic } from './diagnostic.ts';
import { DQUOTE, LPAREN } from './octets.ts';
import { readTag } from './read-command.ts';
import { readFlags } from './read-flags.ts';
import { readInternalDate } from './read-internal-date.ts';
import { readMailbox } from './read-mailbox.ts';
import { MAX_DIAGNOSTICS, type Reader } from './reader.ts';

/** What is known of a message before its octets. */
export type MessageStart = Omit<AppendMessage, 'size'>;

export class AppendBuilder {
  readonly tag: string;
  readonly mailbox: MailboxName;
  readonly #messages: AppendMessage[] = [];
  readonly #diagnostics: Diagnostic[] = [];

  constructor(tag: string, mailbox: MailboxName) {
    this.tag = tag;
    this.mailbox = mailbox;
  }

  /**
   * Reads `TAG APPEND MAILBOX` when that is what the frame begins with. Undefined for another command, or when
   * the mailbox itself is the literal that follows.
   */
  static begin(reader: Reader): AppendBuilder | undefined {
    const tag = readTag(reader);
    if (!reader.acceptWord('APPEND')) return undefined;
    reader.space();
    return reader.isAtEnd ? undefined : new AppendBuilder(tag, readMailbox(reader));
  }

  /** How many messages came so far. */
  get count(): number {
    return this.#messages.length;
  }

  /** Reads from the end of the mailbox, or of a message, up to the literal of the next one. */
  readMessage(reader: Reader): MessageStart {
    this.#closeMessage(reader);
    reader.space();
    const hasFlags = reader.peek() === LPAREN;
    const flags = hasFlags ? readFlags(reader) : [];
    if (hasFlags) reader.space();
    const start: { -readonly [Key in keyof MessageStart]: MessageStart[Key] } = { flags };
    if (reader.peek() === DQUOTE) {
      start.internalDate = readInternalDate(reader);
      reader.space();
    }
    if (reader.acceptWord('UTF8')) {
      reader.space();
      reader.openList();
      start.isUtf8 = true;
    }
    if (!reader.isAtEnd) reader.fail('expected the literal of a message');
    return start;
  }

  add(message: AppendMessage): void {
    this.#messages.push(message);
  }

  /** Holds on to what was noted before the literal of a message, for the whole command. */
  keepDiagnostics({ diagnostics }: Reader): void {
    if (diagnostics !== undefined)
      this.#diagnostics.push(...diagnostics.slice(0, MAX_DIAGNOSTICS - this.#diagnostics.length));
  }

  /** Reads what follows the last message. */
  finish(reader: Reader): Command {
    this.#closeMessage(reader);
    reader.finish();
    if (this.#diagnostics.length > 0)
      reader.diagnostics = [...this.#diagnostics, ...(reader.diagnostics ?? [])].slice(0, MAX_DIAGNOSTICS);
    return { name: 'APPEND', mailbox: this.mailbox, messages: this.#messages };
  }

  #closeMessage(reader: Reader): void {
    if (this.#messages.at(-1)?.isUtf8 !== true) return;
    reader.depth = 1;
    reader.closeList();
  }
}
