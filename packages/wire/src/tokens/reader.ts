/**
 * Reads the tokens of one frame, octet by octet. A fault is thrown as {@link Fault} and never leaves this package;
 * what lenient mode accepts although it breaks a rule is noted as a diagnostic.
 * @see RFC 9051 section 4
 * @module
 */
import { MAX_ID } from '@posthorn/core';
import {
  ASTRING,
  ATOM,
  CLASSES,
  CR,
  DOLLAR,
  DQUOTE,
  LBRACE,
  LF,
  LPAREN,
  PLUS,
  QUOTED,
  RBRACE,
  RPAREN,
  SP,
  TILDE,
} from '../octets/octets.ts';
import { anyText, asciiText, freshText, HASH_START, hashedUpperText, upperHash } from '../octets/text.ts';
import type { Diagnostic } from './diagnostic.ts';
import { Fault } from './fault.ts';
import { readLiteralText, readQuotedSlowly } from './read-text.ts';

/** Diagnostics noted for one frame. */
export const MAX_DIAGNOSTICS = 32;

export class Reader {
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  /** Behind the last octet to read. */
  end = 0;
  diagnostics: Diagnostic[] | undefined = undefined;
  readonly isStrict: boolean;
  maxDepth: number;
  depth = 0;
  #origin = 0;

  constructor(isStrict: boolean, maxDepth: number) {
    this.isStrict = isStrict;
    this.maxDepth = maxDepth;
  }

  /** Turns to another frame, or to what comes next of the same one. */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.offset = start;
    this.end = end;
    this.#origin = start;
    this.depth = 0;
    this.diagnostics = undefined;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.end;
  }

  /** The next octet, or -1 at the end. */
  peek(): number {
    return this.offset < this.end ? this.bytes[this.offset]! : -1;
  }

  /** Whether the octet behind the next one is `octet`. */
  isFollowedBy(octet: number): boolean {
    return this.offset + 1 < this.end && this.bytes[this.offset + 1] === octet;
  }

  /** Octets from `start` to the current offset, as a fresh array. */
  since(start: number): Uint8Array {
    return this.bytes.slice(start, this.offset);
  }

  /** @throws Fault always. */
  fail(message: string): never {
    throw new Fault(this.offset, message);
  }

  /** Notes a broken rule, or fails because of it in strict mode. */
  quirk(id: string, message: string): void {
    if (this.isStrict) this.fail(message);
    this.note(id, this.offset, message);
  }

  /** Notes a broken rule. */
  note(id: string, offset: number, message: string): void {
    this.diagnostics ??= [];
    if (this.diagnostics.length < MAX_DIAGNOSTICS)
      this.diagnostics.push({ id, offset: offset - this.#origin, message });
  }

  /** Notes what a fault was, for a value that is kept all the same. */
  noteFault(id: string, fault: Fault, what: string): void {
    this.note(id, fault.offset, `${what}: ${fault.message}`);
  }

  expect(octet: number): void {
    if (this.offset >= this.end || this.bytes[this.offset] !== octet)
      this.fail(`expected "${String.fromCharCode(octet)}"`);
    this.offset++;
  }

  accept(octet: number): boolean {
    if (this.offset >= this.end || this.bytes[this.offset] !== octet) return false;
    this.offset++;
    return true;
  }

  /** One space. Lenient: several, or none beside a parenthesis or quote. */
  space(): void {
    if (this.offset >= this.end || this.bytes[this.offset] !== SP) {
      this.#missingSpace();
      return;
    }
    this.offset++;
    if (this.offset < this.end && this.bytes[this.offset] === SP) this.#extraSpaces();
  }

  #missingSpace(): void {
    const next = this.peek();
    const isTold = next === LPAREN || next === DQUOTE || (next !== RPAREN && next !== -1 && this.#isBehindEnd());
    if (!isTold) this.fail('expected a space');
    this.quirk('QUIRK_MISSING_SPACE', 'no space between two values');
  }

  /** Whether the octet before this one ends a value by itself: a parenthesis or a quote. */
  #isBehindEnd(): boolean {
    if (this.offset === this.#origin) return false;
    const last = this.bytes[this.offset - 1];
    return last === RPAREN || last === DQUOTE;
  }

  /** Steps over spaces that do not belong here. */
  skipSpaces(): void {
    if (this.offset < this.end && this.bytes[this.offset] === SP) this.#extraSpaces();
  }

  #extraSpaces(): void {
    this.quirk('QUIRK_EXTRA_SPACE', 'a space too many');
    while (this.offset < this.end && this.bytes[this.offset] === SP) this.offset++;
  }

  /** Steps over spaces between two elements that none belongs between. */
  skipSpacesBetween(): void {
    this.#extraSpaces();
  }

  /** Leaves a list. Lenient: spaces before its end. */
  closeList(): void {
    this.skipSpaces();
    this.expect(RPAREN);
    this.depth--;
  }

  /** The end of the frame. Lenient: spaces, CR and closing parentheses before it. */
  finish(): void {
    if (this.offset < this.end && this.bytes[this.offset] === SP) {
      this.quirk('QUIRK_TRAILING_SPACE', 'a space before the end of the line');
      while (this.offset < this.end && this.bytes[this.offset] === SP) this.offset++;
    }
    if (this.offset < this.end) this.#strayEnd();
  }

  #strayEnd(): void {
    const stray = this.bytes[this.offset]!;
    for (let index = this.offset; index < this.end; index++)
      if (this.bytes[index] !== stray || (stray !== CR && stray !== RPAREN))
        this.fail('something follows the end of the response');
    if (stray === CR) this.quirk('QUIRK_LONE_CR', 'a line ends with several CR');
    else this.quirk('QUIRK_EXTRA_PARENTHESIS', 'a parenthesis too many at the end of a response');
    this.offset = this.end;
  }

  /** Enters a list. @throws Fault when lists nest too deeply. */
  openList(): void {
    if (this.depth >= this.maxDepth) this.fail('lists nest too deeply');
    this.expect(LPAREN);
    this.depth++;
    this.skipSpaces();
  }

  /** Enters a list. Lenient: answers false for NIL in its place. */
  openListOrNil(): boolean {
    if (this.peek() !== LPAREN && this.acceptWord('NIL')) {
      this.quirk('QUIRK_NIL_LIST', 'NIL where a list belongs');
      return false;
    }
    this.openList();
    return true;
  }

  /** Whether the list goes on with another element; steps over the space before it, or over the end of the list. */
  hasNext(isFirst: boolean): boolean {
    const octet = this.offset < this.end ? this.bytes[this.offset] : -1;
    if (octet === RPAREN) {
      this.offset++;
      this.depth--;
      return false;
    }
    if (octet === -1) this.fail('a list is not closed');
    if (isFirst) return true;
    if (octet !== SP) {
      if (octet !== LPAREN) this.fail('expected a space or ")"');
      this.quirk('QUIRK_MISSING_SPACE', 'two elements of a list without a space between them');
      return true;
    }
    this.offset++;
    const next = this.offset < this.end ? this.bytes[this.offset] : -1;
    if (next !== SP && next !== RPAREN) return true;
    this.#extraSpaces();
    if (this.peek() !== RPAREN) return true;
    this.offset++;
    this.depth--;
    return false;
  }

  /** Steps over octets, when they stand here and a space follows. */
  acceptOctets(octets: readonly number[]): boolean {
    for (let index = 0; index < octets.length; index++)
      if (this.bytes[this.offset + index] !== octets[index]) return false;
    if (this.offset + octets.length >= this.end || this.bytes[this.offset + octets.length] !== SP) return false;
    this.offset += octets.length;
    return true;
  }

  /** Steps over a repetition of the octets from `start` to `end`, when a space follows it. */
  acceptRepeated(start: number, end: number): boolean {
    const { bytes, offset } = this;
    const length = end - start;
    if (offset + length >= this.end || bytes[offset + length] !== SP) return false;
    for (let index = 0; index < length; index++) if (bytes[offset + index] !== bytes[start + index]) return false;
    this.offset = offset + length;
    return true;
  }

  /** Digits, up to the largest safe integer. */
  number(): number {
    const value = this.digits();
    if (value > Number.MAX_SAFE_INTEGER) this.fail('a number is too large');
    return value;
  }

  /** Digits, as exactly as a number can tell. */
  digits(): number {
    const { bytes, end } = this;
    let { offset } = this;
    const start = offset;
    let value = 0;
    while (offset < end) {
      const digit = bytes[offset]! - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      offset++;
    }
    if (offset === start) this.fail('expected a number');
    this.offset = offset;
    return value;
  }

  /** A number of 32 bits. */
  number32(): number {
    const start = this.offset;
    const value = this.number();
    if (value > MAX_ID) {
      this.offset = start;
      this.fail('a number is too large');
    }
    return value;
  }

  /** A number of 32 bits that is not zero. */
  nonZero(): number {
    const start = this.offset;
    const value = this.number();
    if (value === 0 || value > MAX_ID) {
      this.offset = start;
      this.fail(value === 0 ? 'a number is zero' : 'a number is too large');
    }
    return value;
  }

  /** Steps over `word`, given in upper case, when it stands here in any case and nothing of an atom follows. */
  acceptWord(word: string): boolean {
    const end = this.offset + word.length;
    if (end > this.end) return false;
    for (let index = 0; index < word.length; index++) {
      const octet = this.bytes[this.offset + index]!;
      if ((octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet) !== word.charCodeAt(index)) return false;
    }
    if (end < this.end && (CLASSES[this.bytes[end]!]! & ATOM) !== 0) return false;
    this.offset = end;
    return true;
  }

  /** Steps over the `$` of a saved search result, when it stands here as a word of its own. */
  acceptSaved(): boolean {
    const { bytes, offset } = this;
    if (offset >= this.end || bytes[offset] !== DOLLAR) return false;
    if (offset + 1 < this.end && (CLASSES[bytes[offset + 1]!]! & ATOM) !== 0) return false;
    this.offset = offset + 1;
    return true;
  }

  /** Octets of one class, at least one, as text. */
  token(octetClass: number, what: string): string {
    const start = this.#tokenStart(octetClass, what);
    return asciiText(this.bytes, start, this.offset);
  }

  /** The same, for words that hardly come again. */
  freshToken(octetClass: number, what: string): string {
    const start = this.#tokenStart(octetClass, what);
    return freshText(this.bytes, start, this.offset);
  }

  /** Steps over octets of one class, at least one, and answers where they begin. */
  #tokenStart(octetClass: number, what: string): number {
    const { bytes, end } = this;
    const start = this.offset;
    let offset = start;
    while (offset < end && (CLASSES[bytes[offset]!]! & octetClass) !== 0) offset++;
    if (offset === start) this.fail(`expected ${what}`);
    this.offset = offset;
    return start;
  }

  /** Octets of one class, at least one, in upper case. */
  upperToken(octetClass: number, what: string): string {
    const { bytes, end } = this;
    const start = this.offset;
    let offset = start;
    let hash = HASH_START;
    for (; offset < end; offset++) {
      const octet = bytes[offset]!;
      if ((CLASSES[octet]! & octetClass) === 0) break;
      hash = upperHash(hash, octet);
    }
    if (offset === start) this.fail(`expected ${what}`);
    this.offset = offset;
    return hashedUpperText(bytes, start, offset, hash);
  }

  atom(): string {
    return this.token(ATOM, 'an atom');
  }

  /** An atom in upper case. */
  keyword(): string {
    return this.upperToken(ATOM, 'a word');
  }

  /** Steps over `NIL`, when it stands here as a word of its own. */
  nil(): boolean {
    const { bytes, offset } = this;
    if (offset + 3 > this.end) return false;
    if (
      (bytes[offset]! | 0x20) !== 0x6e ||
      (bytes[offset + 1]! | 0x20) !== 0x69 ||
      (bytes[offset + 2]! | 0x20) !== 0x6c
    )
      return false;
    if (offset + 3 < this.end && (CLASSES[bytes[offset + 3]!]! & ASTRING) !== 0) return false;
    this.offset = offset + 3;
    return true;
  }

  /** A string or NIL. Lenient: an empty list for NIL. */
  nstring(): string | null {
    const octet = this.offset < this.end ? this.bytes[this.offset]! : -1;
    if (octet === DQUOTE) return this.quoted();
    if (octet !== LBRACE && this.nil()) return null;
    if (octet === LPAREN && this.isFollowedBy(RPAREN)) {
      this.quirk('QUIRK_EMPTY_LIST', 'an empty list where NIL belongs');
      this.offset += 2;
      return null;
    }
    return this.string();
  }

  /** A quoted string or a literal. Lenient: an atom. */
  string(): string {
    const octet = this.peek();
    if (octet === DQUOTE) return this.quoted();
    if (octet === LBRACE || (octet === TILDE && this.isFollowedBy(LBRACE))) return readLiteralText(this);
    if (octet >= 0 && (CLASSES[octet]! & ASTRING) !== 0) {
      this.quirk('QUIRK_ATOM_FOR_STRING', 'an atom where a string belongs');
      return this.token(ASTRING, 'a string');
    }
    return this.fail('expected a string');
  }

  /** An atom, a quoted string or a literal. Lenient: 8-bit octets in the atom. */
  astring(): string {
    const octet = this.peek();
    if (octet === DQUOTE) return this.quoted();
    if (octet === LBRACE || (octet === TILDE && this.isFollowedBy(LBRACE))) return readLiteralText(this);
    return this.word(ASTRING);
  }

  /** Octets of one class. Lenient: 8-bit octets among them. */
  word(octetClass: number): string {
    const { bytes, end } = this;
    const start = this.offset;
    let offset = start;
    while (offset < end && (CLASSES[bytes[offset]!]! & octetClass) !== 0) offset++;
    if (offset < end && bytes[offset]! >= 0x80) {
      this.quirk('QUIRK_8BIT_ATOM', 'an atom holds 8-bit octets');
      while (offset < end && (bytes[offset]! >= 0x80 || (CLASSES[bytes[offset]!]! & octetClass) !== 0)) offset++;
      this.offset = offset;
      return anyText(bytes, start, offset);
    }
    if (offset === start) this.fail('expected a word or a string');
    this.offset = offset;
    return asciiText(bytes, start, offset);
  }

  /** A quoted string. */
  quoted(): string {
    const { bytes, end } = this;
    const start = this.offset + 1;
    let offset = start;
    while (offset < end && (CLASSES[bytes[offset]!]! & QUOTED) !== 0) offset++;
    if (offset < end && bytes[offset] === DQUOTE) {
      this.offset = offset + 1;
      return asciiText(bytes, start, offset);
    }
    return readQuotedSlowly(this, start, offset);
  }

  /** Steps over a literal and answers where its octets begin; they end at `offset`. */
  literal(): number {
    this.accept(TILDE);
    this.expect(LBRACE);
    const size = this.number();
    this.accept(PLUS);
    this.expect(RBRACE);
    if (this.offset < this.end && this.bytes[this.offset] === CR) this.offset++;
    if (this.offset >= this.end || this.bytes[this.offset] !== LF)
      this.fail('a literal is not announced at the end of a line');
    const start = this.offset + 1;
    if (start + size > this.end) this.fail('a literal is cut short');
    this.offset = start + size;
    return start;
  }
}
