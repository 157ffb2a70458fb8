/**
 * Reads the tokens of one frame, octet by octet. A fault is thrown as {@link Fault} and never leaves this package;
 * what lenient mode accepts although it breaks a rule is noted as a diagnostic.
 * @see RFC 9051 section 4
 * @module
 */
import { MAX_ID, type ModSeq } from '@posthorn/core';
import type { Diagnostic } from './diagnostic.ts';
import {
  ASTRING,
  ATOM,
  BACKSLASH,
  CLASSES,
  CR,
  DIGIT,
  DOLLAR,
  DQUOTE,
  LBRACE,
  LF,
  LPAREN,
  MINUS,
  NUL,
  PLUS,
  QUOTED,
  RBRACE,
  RPAREN,
  SP,
  TILDE,
} from './octets.ts';
import { anyText, asciiText, freshText, HASH_START, hashedUpperText, isAscii, upperHash, validText } from './text.ts';

/** A frame, or an item of one, that does not fit the grammar. */
export class Fault {
  readonly offset: number;
  readonly message: string;

  constructor(offset: number, message: string) {
    this.offset = offset;
    this.message = message;
  }
}

/** Diagnostics noted for one frame. */
export const MAX_DIAGNOSTICS = 32;
const MAX_MOD_SEQ = 0x7fff_ffff_ffff_ffffn;
const NO_MOD_SEQ = 0n as ModSeq;

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

  /** Octets from `start` to the current offset as they came. Lenient: CR and NUL outside literals. */
  raw(start: number): Uint8Array {
    const end = this.offset;
    for (let index = start; index < end; index++) {
      const octet = this.bytes[index]!;
      if (octet > CR || (octet !== CR && octet !== LF && octet !== NUL)) continue;
      if (octet === LF) index += this.#announcedBefore(index);
      else if (octet === NUL || this.bytes[index + 1] !== LF || index + 1 === end) this.#control(index);
    }
    this.offset = end;
    return this.since(start);
  }

  /** Notes a CR or NUL where none may stand. */
  #control(offset: number): void {
    this.offset = offset;
    if (this.bytes[offset] === NUL) this.quirk('QUIRK_NUL', 'a value holds NUL');
    else this.quirk('QUIRK_LONE_CR', 'a value holds a CR');
  }

  /** The size of the literal that the line before a line feed announces. */
  #announcedBefore(lineFeed: number): number {
    let close = lineFeed - 1;
    if (this.bytes[close] === CR) close--;
    if (this.bytes[close] !== RBRACE) return 0;
    let open = close;
    while (open > 0 && this.bytes[open] !== LBRACE) open--;
    let size = 0;
    for (let index = open + 1; index < close && (CLASSES[this.bytes[index]!]! & DIGIT) !== 0; index++)
      size = size * 10 + this.bytes[index]! - 0x30;
    return size;
  }

  /** Notes CR in a text, which NUL makes void. Goes to the end. */
  checkText(end: number): void {
    const start = this.offset;
    for (let index = start; index < end; index++) {
      const octet = this.bytes[index];
      if (octet !== NUL && octet !== CR) continue;
      this.offset = index;
      if (octet === NUL) this.fail('a text holds NUL');
      this.quirk('QUIRK_LONE_CR', 'a text holds a CR');
    }
    this.offset = end;
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
    const value = this.#digits();
    if (value > Number.MAX_SAFE_INTEGER) this.fail('a number is too large');
    return value;
  }

  /** Digits, as exactly as a number can tell. */
  #digits(): number {
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

  /**
   * A size or count. Lenient: negative numbers, floats, quoted numbers and NIL, which servers send for "unknown", and
   * where `allowsLarge` numbers of 64 bits, which become the largest safe integer.
   */
  size(allowsLarge = false): number {
    const octet = this.peek();
    if (octet >= 0x30 && octet <= 0x39) {
      const value = allowsLarge ? this.#digits() : this.number();
      if (value > Number.MAX_SAFE_INTEGER) {
        this.quirk('QUIRK_LARGE_NUMBER', 'a number is larger than can be told');
        return Number.MAX_SAFE_INTEGER;
      }
      const next = this.peek();
      if (next === 0x2e || next === 0x65 || next === 0x45) return this.#float(value);
      return value;
    }
    if (octet === MINUS) {
      this.quirk('QUIRK_NEGATIVE_NUMBER', 'a number is negative');
      this.offset++;
      this.number();
      return 0;
    }
    if (octet === DQUOTE) {
      this.quirk('QUIRK_QUOTED_NUMBER', 'a number is quoted');
      this.offset++;
      const value = this.size();
      this.expect(DQUOTE);
      return value;
    }
    if (this.nil()) {
      this.quirk('QUIRK_NIL_NUMBER', 'NIL where a number belongs');
      return 0;
    }
    return this.fail('expected a number');
  }

  #float(integer: number): number {
    this.quirk('QUIRK_FLOAT_NUMBER', 'a number is written as a float');
    let digits = `${integer}`;
    let exponent = 0;
    if (this.accept(0x2e)) {
      const start = this.offset;
      this.number();
      digits += asciiText(this.bytes, start, this.offset);
      exponent = start - this.offset;
    }
    if (this.peek() === 0x65 || this.peek() === 0x45) {
      this.offset++;
      const isNegative = this.accept(MINUS);
      if (!isNegative) this.accept(PLUS);
      const power = this.number();
      exponent += isNegative ? -power : power;
    }
    const value = Math.floor(Number(`${digits}e${exponent}`));
    if (!Number.isSafeInteger(value)) this.fail('a number is too large');
    return value;
  }

  /** A mod-sequence: 63 bits. Lenient: a negative number, which is none. */
  modSeq(): ModSeq {
    if (this.peek() === MINUS) {
      this.quirk('QUIRK_NEGATIVE_NUMBER', 'a mod-sequence is negative');
      this.offset++;
      this.#digits();
      return NO_MOD_SEQ;
    }
    const start = this.offset;
    while (this.offset < this.end && (CLASSES[this.bytes[this.offset]!]! & DIGIT) !== 0) this.offset++;
    const length = this.offset - start;
    if (length === 0) this.fail('expected a number');
    if (length > 19) this.fail('a number is too large');
    const text = asciiText(this.bytes, start, this.offset);
    const value = length < 16 ? BigInt(Number(text)) : BigInt(text);
    if (value > MAX_MOD_SEQ) this.fail('a number is too large');
    return value as ModSeq;
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
    if (octet === LBRACE || (octet === TILDE && this.isFollowedBy(LBRACE))) return this.literalText();
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
    if (octet === LBRACE || (octet === TILDE && this.isFollowedBy(LBRACE))) return this.literalText();
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
    return this.#quotedSlowly(start, offset);
  }

  /** The octets of a quoted string, escapes removed, as a fresh array. Lenient: those of an atom. */
  quotedBytes(): Uint8Array {
    const start = this.offset;
    if (this.peek() !== DQUOTE) {
      this.string();
      return this.bytes.slice(start, this.offset);
    }
    this.#skipQuoted();
    const raw = this.bytes.slice(start + 1, this.offset - 1);
    return raw.includes(BACKSLASH) ? withoutEscapes(raw) : raw;
  }

  /** The octets of an atom, a quoted string or a literal that was read before. */
  astringOctets(): Uint8Array {
    const start = this.offset;
    const octet = this.peek();
    if (octet === DQUOTE) return this.quotedBytes();
    if (octet === LBRACE || (octet === TILDE && this.isFollowedBy(LBRACE))) return this.since(this.literal());
    this.word(ASTRING);
    return this.since(start);
  }

  /** A quoted string with escapes or octets that are not plain ASCII. */
  #quotedSlowly(start: number, plainEnd: number): string {
    const { bytes, end } = this;
    let offset = plainEnd;
    let hasEscapes = false;
    for (; offset < end; offset++) {
      const octet = bytes[offset]!;
      if (octet === DQUOTE) break;
      if (octet === BACKSLASH) {
        const next = offset + 1 < end ? bytes[offset + 1]! : -1;
        this.offset = offset;
        if (next === DQUOTE || next === BACKSLASH) {
          hasEscapes = true;
          offset++;
        } else this.quirk('QUIRK_LONE_BACKSLASH', 'a backslash that escapes nothing');
      } else if (octet === CR || octet === LF || octet === NUL) {
        this.offset = offset;
        if (octet !== CR) this.fail('a quoted string holds NUL or a line end');
        this.quirk('QUIRK_LONE_CR', 'a quoted string holds a CR');
      }
    }
    if (offset >= end) this.fail('a quoted string is not closed');
    this.offset = offset + 1;
    const ascii = isAscii(bytes, start, offset);
    return hasEscapes ? this.#unescaped(start, offset, ascii) : this.#textOf(bytes, start, offset, ascii);
  }

  #unescaped(start: number, end: number, ascii: boolean): string {
    const plain = withoutEscapes(this.bytes.subarray(start, end));
    return this.#textOf(plain, 0, plain.length, ascii);
  }

  #textOf(bytes: Uint8Array, start: number, end: number, ascii: boolean): string {
    if (ascii) return asciiText(bytes, start, end);
    const text = validText(bytes, start, end);
    if (text !== undefined) return text;
    this.quirk('QUIRK_INVALID_UTF8', 'a quoted string holds 8-bit octets that are not UTF-8');
    return anyText(bytes, start, end);
  }

  /** A literal as text. */
  literalText(): string {
    const start = this.literal();
    const end = this.#trueEnd(start);
    this.offset = end;
    const { bytes } = this;
    let seen = 0;
    let hasNul = false;
    for (let index = start; index < end; index++) {
      seen |= bytes[index]!;
      if (bytes[index] === NUL) hasNul = true;
    }
    if (hasNul) this.quirk('QUIRK_NUL', 'a string holds NUL');
    return seen < 0x80 ? asciiText(bytes, start, end) : anyText(bytes, start, end);
  }

  /** The end of a literal, which some servers announce in characters and not in octets. */
  #trueEnd(start: number): number {
    const announced = this.offset;
    const next = this.peek();
    if (next === SP || next === RPAREN || next === -1 || isAscii(this.bytes, start, announced)) return announced;
    let characters = announced - start;
    let end = start;
    for (; end < this.end; end++) {
      if ((this.bytes[end]! & 0xc0) !== 0x80 && characters-- === 0) break;
    }
    if (characters > 0 || (end < this.end && this.bytes[end] !== SP && this.bytes[end] !== RPAREN)) return announced;
    this.quirk('QUIRK_LITERAL_CHARACTERS', 'a literal is announced in characters, not octets');
    return end;
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

  /** Steps over one value of any kind, however it nests. */
  skipValue(): void {
    let depth = 0;
    for (;;) {
      const octet = this.peek();
      if (octet === LPAREN) {
        depth++;
        this.offset++;
      } else if (octet === RPAREN) {
        if (depth === 0) return;
        depth--;
        this.offset++;
        if (depth === 0) return;
      } else if (octet === SP) {
        if (depth === 0) return;
        this.offset++;
      } else if (octet === DQUOTE) {
        this.#skipQuoted();
        if (depth === 0) return;
      } else if ((octet === LBRACE || octet === TILDE) && this.#isLiteralHere()) {
        this.literal();
        if (depth === 0) return;
      } else if (octet === -1) {
        if (depth > 0) this.fail('a list is not closed');
        return;
      } else {
        this.offset++;
        while (this.offset < this.end) {
          const next = this.bytes[this.offset]!;
          if (next === SP || next === LPAREN || next === RPAREN || next === DQUOTE) break;
          this.offset++;
        }
        if (depth === 0 && this.peek() !== LPAREN && this.peek() !== DQUOTE) return;
      }
    }
  }

  #isLiteralHere(): boolean {
    const brace = this.bytes[this.offset] === TILDE ? this.offset + 1 : this.offset;
    return this.bytes[brace] === LBRACE && (CLASSES[this.bytes[brace + 1]!]! & DIGIT) !== 0;
  }

  #skipQuoted(): void {
    this.offset++;
    while (this.offset < this.end) {
      const octet = this.bytes[this.offset]!;
      this.offset++;
      if (octet === DQUOTE) return;
      if (octet === BACKSLASH && (this.peek() === DQUOTE || this.peek() === BACKSLASH)) this.offset++;
      if (octet === CR || octet === LF) this.fail('a quoted string holds a line end');
      if (octet === NUL) this.quirk('QUIRK_NUL', 'a quoted string holds NUL');
    }
    this.fail('a quoted string is not closed');
  }
}

/** Octets with each `\\"` and `\\\\` made one; a backslash before anything else stays. */
function withoutEscapes(bytes: Uint8Array): Uint8Array {
  const plain = new Uint8Array(bytes.length);
  let written = 0;
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] === BACKSLASH && (bytes[index + 1] === BACKSLASH || bytes[index + 1] === DQUOTE)) index++;
    plain[written++] = bytes[index]!;
  }
  return plain.subarray(0, written);
}

/** Whether an octet is an ASCII letter. */
export function isLetter(octet: number): boolean {
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
