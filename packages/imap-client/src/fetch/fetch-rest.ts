import type { Uid } from '@posthorn/core';
import { sequenceSetOf, setOf } from '@posthorn/message-set';
import type { FetchData, LiteralData, LiteralEnd } from '@posthorn/wire';
import type { UntaggedEvent } from '../connection/client-events.ts';
import type { Connection } from '../connection/connection.ts';
import { ImapError } from '../errors.ts';
import { prepareSection, type WantedSection } from './section-query.ts';

export interface RestRequest {
  readonly connection: Connection;
  readonly uid: Uid;
  readonly wanted: WantedSection;
  /** How many octets of it there are already. */
  readonly offset: number;
  /** How many it has in all. */
  readonly size: number;
  readonly signal?: AbortSignal | undefined;
  checkSelected(): void;
}

/** Octets asked for at a time. They are held in memory. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** The octets of a section from an offset on, asked for piece by piece. */
export async function* fetchRest(request: RestRequest): AsyncGenerator<Uint8Array, void> {
  for (let offset = request.offset; offset < request.size; ) {
    const length = Math.min(PIECE_BYTES, request.size - offset);
    let received = 0;
    for (const chunk of await fetchPiece(request, offset, length)) {
      received += chunk.length;
      yield chunk;
    }
    // Never asks for the same octets for ever.
    if (received !== length)
      throw new ImapError('IMAP_PROTOCOL', `the server sent ${received} octets of a message instead of ${length}`);
    offset += length;
  }
}

async function fetchPiece(
  { connection, uid, wanted, signal, checkSelected }: RestRequest,
  offset: number,
  length: number,
): Promise<Uint8Array[]> {
  checkSelected();
  const start = (wanted.partial?.offset ?? 0) + offset;
  const section = prepareSection(wanted.name, {
    ...wanted.section,
    decoded: wanted.isDecoded,
    partial: { offset: start, length },
  });
  const piece = new Piece(uid, section, length);
  await connection.run(
    {
      name: 'FETCH',
      messages: { type: 'uids', set: sequenceSetOf(setOf([uid])) },
      items: [{ type: 'uid' }, section.item],
    },
    { signal, accept: (event) => piece.accept(event), literal: (event) => piece.literal(event) },
  );
  if (piece.chunks === undefined) throw new ImapError('IMAP_MESSAGE_GONE', `message ${uid} is gone`);
  return piece.chunks;
}

class Piece {
  chunks: Uint8Array[] | undefined;
  readonly #uid: Uid;
  readonly #wanted: WantedSection;
  readonly #length: number;

  constructor(uid: Uid, wanted: WantedSection, length: number) {
    this.#uid = uid;
    this.#wanted = wanted;
    this.#length = length;
  }

  accept(event: UntaggedEvent): boolean {
    if (event.type === 'literalStart') {
      const { size } = event;
      const isOurs = (event.items.uid ?? this.#uid) === this.#uid && this.#wanted.matches(event);
      if (isOurs && size <= this.#length) this.chunks = [];
      return isOurs && size <= this.#length;
    }
    return event.type === 'fetch' && event.items.uid === this.#uid && this.#take(event);
  }

  literal(event: LiteralData | LiteralEnd): void {
    if (event.type === 'literalData') this.chunks?.push(event.bytes);
  }

  #take({ items }: FetchData): boolean {
    const found = this.#wanted.find(items);
    if (found?.value?.type === 'inline') this.chunks = [found.value.bytes];
    return found !== undefined;
  }
}
