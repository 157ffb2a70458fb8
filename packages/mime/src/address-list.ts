import type { Address } from '@posthorn/core';
import { collapsedText } from './field-text.ts';
import {
  BROKEN,
  type Cursor,
  END,
  isAtEnd,
  MORE,
  type Outcome,
  peek,
  readDomain,
  readLooseDotAtom,
  readPhrase,
  readQuotedString,
  skipSpace,
} from './lexer.ts';
import { AT, CLOSE_ANGLE, COLON, COMMA, OctetBuffer, OPEN_ANGLE, QUOTE, SEMICOLON, SPACE } from './octets.ts';

/** Stands for what an address lacks, since null means a group in an envelope. */
const MISSING_MAILBOX = 'MISSING_MAILBOX';
const MISSING_DOMAIN = 'MISSING_DOMAIN';
const INVALID_ROUTE = 'INVALID_ROUTE';
const SYNTAX_ERROR = 'SYNTAX_ERROR';

const GROUP_END: Address = { name: null, route: null, mailbox: null, host: null };

/**
 * Parses an address list, in linear time: mailboxes, groups, and the obsolete forms with routes, comments as names
 * and white space anywhere. Never throws: what an address lacks is filled by `MISSING_MAILBOX`, `MISSING_DOMAIN`,
 * `INVALID_ROUTE` or `SYNTAX_ERROR`, and the list ends where nothing can be made of it.
 *
 * @param bytes - The body of a field such as To, folds included.
 * @returns Addresses with group markers, as an envelope holds them. Encoded words stay encoded.
 * @see RFC 5322 sections 3.4 and 4.4
 */
export function parseAddressList(bytes: Uint8Array): readonly Address[] {
  const reader = new AddressReader(bytes);
  reader.readList();
  return reader.addresses;
}

interface Draft {
  name: string | null;
  route: string | null;
  mailbox: string | null;
  host: string | null;
}

const draft = (): Draft => ({ name: null, route: null, mailbox: null, host: null });

// Parsing is synchronous and never enters itself, so its room is shared; allocating it costs more than most lists.
const scratchText = new OctetBuffer();
const scratchComment = new OctetBuffer();

class AddressReader {
  readonly addresses: Address[] = [];
  readonly #comment = scratchComment.clear();
  readonly #text = scratchText.clear();
  readonly #cursor: Cursor;

  constructor(bytes: Uint8Array) {
    this.#cursor = { bytes, offset: 0, comment: this.#comment };
  }

  readList(): void {
    const cursor = this.#cursor;
    if (skipSpace(cursor) !== MORE) return;
    for (;;) {
      if (this.#readAddress() === END || peek(cursor) !== COMMA) return;
      cursor.offset++;
      const outcome = skipSpace(cursor);
      if (outcome === BROKEN) this.#add(draft());
      if (outcome !== MORE) return;
    }
  }

  #readAddress(): Outcome {
    const start = this.#cursor.offset;
    const phrase = readPhrase(this.#cursor, this.#text.clear());
    if (phrase === MORE && peek(this.#cursor) === COLON) return this.#readGroup(this.#text.text());
    return this.#readMailbox(start, phrase);
  }

  #readGroup(group: string): Outcome {
    const cursor = this.#cursor;
    cursor.offset++;
    this.addresses.push({ ...GROUP_END, mailbox: group });
    let outcome = skipSpace(cursor);
    if (outcome === MORE && peek(cursor) !== SEMICOLON) outcome = this.#readMembers();
    if (peek(cursor) === SEMICOLON) {
      cursor.offset++;
      if (outcome !== BROKEN) outcome = skipSpace(cursor);
    } else if (outcome === MORE) outcome = BROKEN;
    this.addresses.push(GROUP_END);
    return outcome === END ? END : MORE;
  }

  #readMembers(): Outcome {
    const cursor = this.#cursor;
    for (;;) {
      const start = cursor.offset;
      this.#readMailbox(start, readPhrase(cursor, this.#text.clear()));
      if (peek(cursor) !== COMMA) return MORE;
      cursor.offset++;
      if (skipSpace(cursor) !== MORE) return BROKEN;
    }
  }

  /** Reads a mailbox that starts at `start`, where a phrase was read already. */
  #readMailbox(start: number, phrase: Outcome): Outcome {
    const address = draft();
    let outcome: Outcome;
    if (phrase === MORE && peek(this.#cursor) === OPEN_ANGLE) {
      if (this.#text.length > 0) address.name = collapsedText(this.#text.view());
      if (this.#readAngle(address) === BROKEN) address.host = SYNTAX_ERROR;
      outcome = isAtEnd(this.#cursor) ? END : MORE;
    } else {
      this.#cursor.offset = start;
      outcome = this.#readSpec(address);
    }
    this.#add(address);
    return outcome;
  }

  #readAngle(address: Draft): Outcome {
    const cursor = this.#cursor;
    cursor.offset++;
    if (skipSpace(cursor) !== MORE) return BROKEN;
    if (peek(cursor) === AT) {
      if (this.#readRoute(address) === MORE && peek(cursor) === COLON) cursor.offset++;
      else address.route = INVALID_ROUTE;
      if (skipSpace(cursor) !== MORE) return BROKEN;
    }
    if (peek(cursor) !== CLOSE_ANGLE) {
      if (this.#readLocalPart(address) !== MORE) return BROKEN;
      if (peek(cursor) === AT && this.#readHost(address) !== MORE) return BROKEN;
    }
    if (peek(cursor) !== CLOSE_ANGLE) return BROKEN;
    cursor.offset++;
    return skipSpace(cursor);
  }

  /** @see RFC 5322 section 4.4, `obs-domain-list` */
  #readRoute(address: Draft): Outcome {
    const cursor = this.#cursor;
    const text = this.#text.clear();
    while (peek(cursor) === AT) {
      if (text.length > 0) text.addOctet(COMMA);
      text.addOctet(AT);
      const outcome = readDomain(cursor, text);
      if (outcome !== MORE) return outcome;
      while (skipSpace(cursor) === MORE && peek(cursor) === COMMA) cursor.offset++;
    }
    if (isAtEnd(cursor)) return END;
    address.route = text.text();
    return MORE;
  }

  #readSpec(address: Draft): Outcome {
    const cursor = this.#cursor;
    this.#comment.clear();
    const local = this.#readLocalPart(address);
    const hasHost = local !== END && peek(cursor) === AT;
    const host = hasHost ? this.#readHost(address) : local;
    if (this.#comment.length > 0) address.name = collapsedText(this.#comment.view());
    else if (!hasHost) this.#readBareName(address);
    return host;
  }

  /** Without a host, one word is a mailbox; words, and a quoted string, are a name. */
  #readBareName(address: Draft): void {
    const text = this.#text;
    text.addOctet(SPACE);
    const length = text.length;
    readPhrase(this.#cursor, text);
    if (text.length === length && !this.#wasQuoted) return;
    address.name = collapsedText(text.view());
    address.mailbox = null;
  }

  #wasQuoted = false;

  #readLocalPart(address: Draft): Outcome {
    const text = this.#text.clear();
    this.#wasQuoted = peek(this.#cursor) === QUOTE;
    const outcome = this.#wasQuoted ? readQuotedString(this.#cursor, text) : readLooseDotAtom(this.#cursor, text);
    if (outcome === BROKEN) this.#wasQuoted = false;
    else address.mailbox = text.text();
    return outcome;
  }

  #readHost(address: Draft): Outcome {
    const text = this.#text.clear();
    const outcome = readDomain(this.#cursor, text);
    if (outcome !== BROKEN) address.host = text.text();
    return outcome;
  }

  #add({ name, route, mailbox, host }: Draft): void {
    this.addresses.push({
      name,
      route,
      mailbox: mailbox ?? MISSING_MAILBOX,
      host: host === null || host === '' ? MISSING_DOMAIN : host,
    });
  }
}
