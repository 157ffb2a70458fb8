import { utf8Bytes } from '@posthorn/core';
import { isCharset, type TransferDecoder, transferDecoder } from '@posthorn/mime';

/** Text as searches compare it, without regard to case. */
export function folded(text: string): string {
  // The sigma at the end of a word is the other one's equal.
  return text.toLowerCase().replaceAll('ς', 'σ');
}

/** How text is written down in a message. */
export interface TextCoding {
  /** Its Content-Transfer-Encoding. */
  readonly encoding: string;
  readonly charset: string;
}

/**
 * Turns the octets of a text, as they stand in the message, into those that are searched: its transfer encoding and
 * charset undone, folded, in UTF-8. Where its chunks are cut makes no difference.
 * @see RFC 9051 section 6.4.4
 */
export class SearchableText {
  readonly #transfer: TransferDecoder;
  readonly #charset: InstanceType<typeof TextDecoder>;
  /** Whether octets below 128 are ASCII, as they are. */
  readonly #isAsciiPlain: boolean;
  /** Whether the decoder may hold the beginning of a character. */
  #isInCharacter = false;

  constructor({ encoding, charset }: TextCoding) {
    this.#transfer = transferDecoder(encoding) ?? transferDecoder('binary')!;
    this.#charset = textDecoder(charset);
    this.#isAsciiPlain = /^(?:utf-8|iso-8859-|windows-125|koi8)/.test(this.#charset.encoding);
  }

  /** Takes the next octets. @returns what is searched of them: a view of `chunk` where nothing is to be undone */
  push(chunk: Uint8Array): Uint8Array {
    return this.#read(this.#transfer.push(chunk));
  }

  finish(): Uint8Array {
    const rest = this.#read(this.#transfer.finish());
    const last = this.#charset.decode();
    return last === '' ? rest : utf8Bytes(folded(new TextDecoder().decode(rest) + last));
  }

  #read(octets: Uint8Array): Uint8Array {
    if (octets.length === 0) return octets;
    // Letters of ASCII are folded by whoever compares.
    if (this.#isAsciiPlain && !this.#isInCharacter && isAscii(octets)) return octets;
    this.#isInCharacter = octets[octets.length - 1]! >= 0x80;
    return utf8Bytes(folded(this.#charset.decode(octets, { stream: true })));
  }
}

function textDecoder(charset: string): InstanceType<typeof TextDecoder> {
  const name = charset.trim().toLowerCase();
  if (name !== 'us-ascii' && isCharset(name)) {
    try {
      return new TextDecoder(name);
    } catch {
      // A name that has meaning in mail alone.
    }
  }
  return new TextDecoder();
}

function isAscii(octets: Uint8Array): boolean {
  for (let index = 0; index < octets.length; index++) if (octets[index]! >= 0x80) return false;
  return true;
}
