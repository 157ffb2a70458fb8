/**
 * IMAP responses as nested lists, read by rules of our own making so that a mistake of the parser under test cannot hide.
 * @module
 */

/** A string that was quoted or a literal. `NIL` and what else stands bare is a plain string. */
export interface ImapString {
  readonly text: string;
}

export type ImapValue = string | ImapString | readonly ImapValue[];

/** The values of a response line, whose literals stand in it as sent, an octet to a character. */
export function responseValues(line: string): readonly ImapValue[] {
  return new Reader(line).all();
}

const LITERAL = /~?\{(\d+)\}\r\n/y;
/** Brackets belong to a word with all that is between them, as in `BODY[HEADER.FIELDS (TO)]<0>`. */
const WORD = /(?:[^\s()[\]"{]|\[[^\]]*\])+|[\]"{[]/y;

class Reader {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  all(): readonly ImapValue[] {
    const values: ImapValue[] = [];
    while (this.#at < this.#line.length && this.#line[this.#at] !== ')') {
      if (this.#line[this.#at] === ' ') this.#at += 1;
      else values.push(this.#value());
    }
    return values;
  }

  #value(): ImapValue {
    if (this.#line[this.#at] === '(') return this.#list();
    if (this.#line[this.#at] === '"') return this.#quoted();
    const literal = this.#match(LITERAL);
    if (literal !== undefined) return this.#literal(Number(literal[1]));
    const word = this.#match(WORD);
    if (word === undefined) throw new Error(`cannot read the response at ${this.#at}: ${this.#line}`);
    return word[0];
  }

  #list(): readonly ImapValue[] {
    this.#at += 1;
    const values = this.all();
    this.#at += 1;
    return values;
  }

  #quoted(): ImapString {
    let text = '';
    for (this.#at += 1; this.#line[this.#at] !== '"'; this.#at += 1) {
      if (this.#at >= this.#line.length) throw new Error(`a quoted string has no end: ${this.#line}`);
      if (this.#line[this.#at] === '\\') this.#at += 1;
      text += this.#line[this.#at];
    }
    this.#at += 1;
    return { text };
  }

  #literal(size: number): ImapString {
    const text = this.#line.slice(this.#at, this.#at + size);
    this.#at += size;
    return { text };
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#line);
    if (match !== null) this.#at = pattern.lastIndex;
    return match ?? undefined;
  }
}

/** A value as text, strings alike however they were sent. */
export function valueText(value: ImapValue): string {
  if (typeof value === 'string') return value;
  if ('text' in value) return JSON.stringify(value.text);
  return `(${value.map(valueText).join(' ')})`;
}
