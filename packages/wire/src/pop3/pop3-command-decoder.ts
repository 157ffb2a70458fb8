/**
 * Octets of a POP3 client into values.
 * @see RFC 1939, RFC 2449 section 4
 * @module
 */
import { decodeText } from '@posthorn/core';
import { fromBase64 } from '../octets/base64.ts';
import type { Diagnostic } from '../tokens/diagnostic.ts';
import { LineBuffer } from './line-buffer.ts';
import type { Pop3Command } from './pop3-command.ts';

/** What a POP3 client sent. */
export type Pop3CommandEvent =
  | { readonly type: 'command'; readonly command: Pop3Command }
  /** The line that was expected with {@link Pop3CommandDecoder.expectLine}, without its end. */
  | { readonly type: 'line'; readonly bytes: Uint8Array }
  /** Answer `-ERR` and go on. */
  | { readonly type: 'invalid'; readonly diagnostics: readonly Diagnostic[] };

/** How a {@link Pop3CommandDecoder} reads. */
export interface Pop3CommandDecoderOptions {
  /** Octets of one line. RFC 2449 allows 255; tokens of SASL mechanisms are longer. @defaultValue 8 KiB */
  readonly maxLineBytes?: number | undefined;
}

/** Decodes what a POP3 client sends, one event at a time, so that the caller may change the mode between two. */
export class Pop3CommandDecoder {
  readonly #lines: LineBuffer;
  #isLineExpected = false;
  #failure: unknown;

  constructor({ maxLineBytes = 8192 }: Pop3CommandDecoderOptions = {}) {
    this.#lines = new LineBuffer(maxLineBytes);
  }

  /** Octets pushed and not yet turned into events. Must be 0 before TLS begins. */
  get bufferedBytes(): number {
    return this.#lines.bufferedBytes;
  }

  /** Takes a chunk. It must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  /** The next line is a SASL response and no command. */
  expectLine(): void {
    this.#isLineExpected = true;
  }

  /** @throws {@link LimitExceededError} for a line that is too long; the decoder is finished then. */
  next(): Pop3CommandEvent | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const line = this.#lines.line();
      if (line === undefined) return undefined;
      if (!this.#isLineExpected) return readCommand(line.bytes);
      this.#isLineExpected = false;
      return { type: 'line', bytes: line.bytes.slice() };
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
}

function invalid(message: string): Pop3CommandEvent {
  return { type: 'invalid', diagnostics: [{ id: 'SYNTAX', offset: 0, message }] };
}

function readCommand(bytes: Uint8Array): Pop3CommandEvent {
  if (bytes.includes(0)) return invalid('a command holds NUL');
  const line = decodeText(bytes);
  const space = line.indexOf(' ');
  const name = (space < 0 ? line : line.slice(0, space)).toUpperCase();
  const argument = space < 0 ? undefined : line.slice(space + 1);
  if (!isName(name)) return invalid('expected a command');
  const command = readNamed(name, argument);
  return command === undefined ? invalid(`the arguments of ${name} make no sense`) : { type: 'command', command };
}

function isName(name: string): boolean {
  if (name === '' || name.length > 32) return false;
  for (let index = 0; index < name.length; index++) {
    const unit = name.charCodeAt(index);
    if (unit <= 0x20 || unit > 0x7e) return false;
  }
  return true;
}

function readNamed(name: string, argument: string | undefined): Pop3Command | undefined {
  const words = argument === undefined ? [] : argument.split(' ').filter((word) => word !== '');
  const number = words[0] === undefined ? undefined : positive(words[0]);
  switch (name) {
    case 'STAT':
    case 'NOOP':
    case 'RSET':
    case 'QUIT':
    case 'CAPA':
    case 'STLS':
    case 'UTF8':
      return words.length === 0 ? { name } : undefined;
    case 'USER':
      return argument === undefined || argument === '' ? undefined : { name, user: argument };
    case 'PASS':
      // A password may hold spaces, and may be empty.
      return argument === undefined ? undefined : { name, password: argument };
    case 'APOP': {
      const cut = (argument ?? '').lastIndexOf(' ');
      return cut <= 0
        ? undefined
        : { name, user: argument!.slice(0, cut), digest: argument!.slice(cut + 1).toLowerCase() };
    }
    case 'LIST':
    case 'UIDL':
      if (words.length === 0) return { name };
      return words.length === 1 && number !== undefined ? { name, number } : undefined;
    case 'RETR':
    case 'DELE':
      return words.length === 1 && number !== undefined ? { name, number } : undefined;
    case 'TOP': {
      const lines = words[1] === '0' ? 0 : positive(words[1] ?? '');
      return words.length === 2 && number !== undefined && lines !== undefined ? { name, number, lines } : undefined;
    }
    case 'AUTH':
      return readAuth(words);
    case 'LANG':
      if (words.length === 0) return { name };
      return words.length === 1 ? { name, language: words[0]! } : undefined;
    default:
      return { name: 'X', command: name, argument: argument ?? '' };
  }
}

function readAuth([mechanism, response, ...rest]: readonly string[]): Pop3Command | undefined {
  if (mechanism === undefined) return { name: 'AUTH' };
  if (rest.length > 0) return undefined;
  if (response === undefined) return { name: 'AUTH', mechanism: mechanism.toUpperCase() };
  const initialResponse = response === '=' ? new Uint8Array(0) : fromBase64(response);
  return initialResponse === undefined
    ? undefined
    : { name: 'AUTH', mechanism: mechanism.toUpperCase(), initialResponse };
}

function positive(word: string): number | undefined {
  if (word === '' || word.length > 10) return undefined;
  let value = 0;
  for (let index = 0; index < word.length; index++) {
    const digit = word.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value === 0 ? undefined : value;
}
