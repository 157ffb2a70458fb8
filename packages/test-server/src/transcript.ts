import { decodeText } from '@posthorn/core';
import type { Protocol } from './faults.ts';
import type { Piece } from './line-splitter.ts';

/** Something that was said on a connection. */
export interface TranscriptEntry {
  /** Connections are counted from 1. */
  readonly connection: number;
  readonly protocol: Protocol;
  readonly from: 'client' | 'server';
  /** A line without its end, or a literal. Passwords are left out. */
  readonly text: string;
}

/** Octets of a literal that are kept. */
const KEPT_OF_LITERAL = 1024;

/** Writes down what is said, secrets left out. */
export class Transcript {
  readonly entries: TranscriptEntry[] = [];

  clear(): void {
    this.entries.length = 0;
  }

  /** What one connection says. */
  recorder(connection: number, protocol: Protocol): Recorder {
    return new Recorder((entry) => this.entries.push({ connection, protocol, ...entry }));
  }
}

type Said = Pick<TranscriptEntry, 'from' | 'text'>;

/** The tag of a command whose arguments are secret, until it is answered. */
const SECRET_COMMAND = /^(\S+ )(LOGIN|AUTHENTICATE)( [A-Z0-9_-]+(?= |$))?/i;
const SECRET_POP3 = /^()(PASS|APOP|AUTH)( [A-Z0-9_-]+(?= |$))?/i;

export class Recorder {
  readonly #write: (entry: Said) => void;
  #secretTag: string | undefined;

  constructor(write: (entry: Said) => void) {
    this.#write = write;
  }

  client(piece: Piece): void {
    this.#write({ from: 'client', text: this.#clientText(piece) });
  }

  server(piece: Piece): void {
    this.#write({ from: 'server', text: this.#serverText(piece) });
  }

  #clientText(piece: Piece): string {
    if (this.#secretTag !== undefined) return '***';
    const text = textOf(piece);
    const [whole, tag, name, mechanism = ''] = SECRET_COMMAND.exec(text) ?? SECRET_POP3.exec(text) ?? [];
    if (whole === undefined || tag === undefined || name === undefined) return text;
    this.#secretTag = tag;
    return `${tag}${name}${/^auth/i.test(name) ? mechanism : ''} ***`;
  }

  #serverText(piece: Piece): string {
    const text = textOf(piece);
    if (this.#secretTag === undefined || piece.type !== 'line') return text;
    const isOver = this.#secretTag === '' ? /^(\+OK|-ERR)/.test(text) : text.startsWith(this.#secretTag);
    if (isOver) this.#secretTag = undefined;
    return text.startsWith('+ ') ? '+ ***' : text;
  }
}

function textOf(piece: Piece): string {
  if (piece.type === 'line') return decodeText(piece.bytes).replace(/\r?\n$/, '');
  const { bytes } = piece;
  if (bytes.length <= KEPT_OF_LITERAL) return decodeText(bytes);
  return `${decodeText(bytes.subarray(0, KEPT_OF_LITERAL))}… (${bytes.length} octets)`;
}
