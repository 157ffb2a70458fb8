import { utf8Bytes } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import { ASTRING, PATTERN } from '../octets/octets.ts';
import { hasEscapedOctets, octetsOfString } from '../octets/wire-octets.ts';
import { checkedString, isInClass, quoted } from '../tokens/spelling.ts';

/** One step of sending a command. */
export type CommandPiece =
  /** Octets to send. Those of a secret must not show up in logs. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array; readonly isSecret: boolean }
  /** Send nothing more until the server sends a continuation request. */
  | { readonly type: 'continuation' }
  /** Send exactly `size` octets of message `index` of the APPEND, or of part `part` of it where it is catenated. */
  | { readonly type: 'message'; readonly index: number; readonly size: number; readonly part?: number };

/** What the server offered or the client enabled, as far as it changes how a command is spelled. */
export interface CommandEncodeOptions {
  /** LITERAL+ was offered: no literal needs a continuation request. @defaultValue false */
  readonly literalPlus?: boolean | undefined;
  /** LITERAL- or IMAP4rev2 was offered: literals of up to 4096 octets need none. @defaultValue false */
  readonly literalMinus?: boolean | undefined;
  /** UTF-8 may stand in quotes: after ENABLE IMAP4rev2 or UTF8=ACCEPT. @defaultValue false */
  readonly utf8?: boolean | undefined;
  /** BINARY was offered: messages may be sent as literal8. @defaultValue false */
  readonly binary?: boolean | undefined;
  /** The server wants a list of flags for each message that is added, be it empty. @defaultValue false */
  readonly flagLists?: boolean | undefined;
}

/** Largest non-synchronising literal under LITERAL-. @see RFC 7888 section 5 */
const LITERAL_MINUS_BYTES = 4096;

/** Collects the pieces of one command. Whatever text it is given, CR, LF and NUL never reach the line. */
export class CommandWriter {
  readonly #options: CommandEncodeOptions;
  readonly #pieces: CommandPiece[] = [];
  #text = '';
  #isSecret = false;

  constructor(options: CommandEncodeOptions) {
    this.#options = options;
  }

  /** Protocol text made by this package, never by its caller. */
  text(text: string): this {
    this.#text += text;
    return this;
  }

  /** What `write` writes is secret. */
  secret(write: () => void): this {
    this.#flush();
    this.#isSecret = true;
    write();
    this.#flush();
    this.#isSecret = false;
    return this;
  }

  /** As an atom where possible, else in quotes, else as a literal. */
  astring(text: string, what: string): this {
    if (isInClass(text, ASTRING) && text.toUpperCase() !== 'NIL' && text.length < 256) return this.text(text);
    return this.string(text, what);
  }

  /** In quotes where possible, else as a literal. */
  string(text: string, what: string): this {
    checkedString(text, what);
    const spelled = hasEscapedOctets(text) ? undefined : quoted(text, this.#options.utf8);
    return spelled === undefined ? this.literal(octetsOfString(text)) : this.text(spelled);
  }

  nstring(text: string | null, what: string): this {
    return text === null ? this.text('NIL') : this.string(text, what);
  }

  mailbox({ wire }: MailboxName): this {
    return this.astring(wire, 'a mailbox name');
  }

  pattern({ wire }: MailboxName): this {
    return isInClass(wire, PATTERN) && wire.length < 256 ? this.text(wire) : this.string(wire, 'a pattern');
  }

  /** Elements in parentheses. */
  list<Element>(elements: Iterable<Element>, write: (element: Element) => void): this {
    this.text('(');
    let isFirst = true;
    for (const element of elements) {
      if (!isFirst) this.text(' ');
      write(element);
      isFirst = false;
    }
    return this.text(')');
  }

  /** Octets as a literal, or as a literal8. */
  literal(bytes: Uint8Array, isBinary = false): this {
    this.#announce(bytes.length, isBinary ? '~' : '');
    this.#pieces.push({ type: 'bytes', bytes, isSecret: this.#isSecret });
    return this;
  }

  /** The point where a message of an APPEND goes. */
  message(index: number, size: number, isBinary: boolean, part?: number): this {
    this.#announce(size, isBinary ? '~' : '');
    this.#pieces.push(part === undefined ? { type: 'message', index, size } : { type: 'message', index, size, part });
    return this;
  }

  finish(): readonly CommandPiece[] {
    return this.text('\r\n').pieces();
  }

  /** What was written so far. */
  pieces(): readonly CommandPiece[] {
    this.#flush();
    return this.#pieces;
  }

  #announce(size: number, prefix: string): void {
    const { literalPlus, literalMinus } = this.#options;
    const isSynchronizing = literalPlus !== true && !(literalMinus === true && size <= LITERAL_MINUS_BYTES);
    this.text(`${prefix}{${size}${isSynchronizing ? '' : '+'}}\r\n`);
    this.#flush();
    if (isSynchronizing) this.#pieces.push({ type: 'continuation' });
  }

  #flush(): void {
    if (this.#text === '') return;
    this.#pieces.push({ type: 'bytes', bytes: utf8Bytes(this.#text), isSecret: this.#isSecret });
    this.#text = '';
  }
}
