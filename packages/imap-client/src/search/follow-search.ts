import type { Uid, UidSet } from '@posthorn/core';
import { emptySet, type MessageRange, setFromRanges } from '@posthorn/message-set';
import { type ExtendedSearchData, extensionCommand, readExtension, type SearchKey } from '@posthorn/wire/extensions';
import type { UntaggedEvent } from '../connection/client-events.ts';
import type { Connection } from '../connection/connection.ts';
import { EventQueue } from '../connection/event-queue.ts';
import { ImapError } from '../errors.ts';
import { Found } from './search-messages.ts';

/** How the result of a search changes. */
export type SearchUpdate =
  /** What was found at the start. */
  | { readonly type: 'found'; readonly uids: UidSet }
  | { readonly type: 'added' | 'removed'; readonly uids: UidSet }
  /** The server does not keep it up to date any more: search again. */
  | { readonly type: 'stale' };

export interface FollowRequest {
  readonly connection: Connection;
  readonly key: SearchKey;
  readonly charset: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Hears all untagged answers that no command takes. @returns what ends that */
  listen(listener: (event: UntaggedEvent) => void): () => void;
}

const MOST_UPDATES = 4096;

/** The result of a search, kept up to date by the server. @see RFC 5267 section 4 */
export async function* followSearch(request: FollowRequest): AsyncGenerator<SearchUpdate, void> {
  const { connection, key, charset, signal } = request;
  const updates = new EventQueue<SearchUpdate>(MOST_UPDATES, { type: 'stale' });
  const found = new Found<Uid>();
  let tag: string | undefined;
  const take = (event: UntaggedEvent): boolean => {
    if (event.type === 'status' && event.code?.type === 'noUpdate' && event.code.tag === tag) {
      updates.push({ type: 'stale' });
      return true;
    }
    const data = event.type === 'unknown' && event.name === 'ESEARCH' ? readExtension(event) : undefined;
    if (data?.type !== 'extendedSearch' || data.tag !== tag || data.changes === undefined) return false;
    for (const change of changesOf(data)) updates.push(change);
    return true;
  };
  const stopListening = request.listen((event) => void take(event));
  const abort = (): void => updates.end(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    await new Promise<unknown>((done, fail) => {
      const search = { name: 'SEARCH', isUid: true, return: [{ type: 'all' }, { type: 'update' }], key } as const;
      tag = connection.submit(extensionCommand(charset === undefined ? search : { ...search, charset }), {
        accept: (event) => take(event) || found.accept(event),
        done,
        fail,
      }).tag;
    });
    found.check();
    void connection.closed.then(() => updates.end(connection.closeReason));
    yield { type: 'found', uids: found.all };
    yield* updates;
  } finally {
    stopListening();
    signal?.removeEventListener('abort', abort);
    if (tag !== undefined && !connection.isClosed) void cancel(connection, tag);
  }
}

/** What the server says to that changes nothing. */
async function cancel(connection: Connection, tag: string): Promise<void> {
  await connection.run(extensionCommand({ name: 'CANCELUPDATE', tags: [tag] })).catch(() => {});
}

function changesOf({ changes = [] }: ExtendedSearchData): readonly SearchUpdate[] {
  return changes.map(({ type, set }) => {
    const closed: { readonly first: Uid; readonly last: Uid }[] = [];
    for (const { first, last } of set.ranges as readonly MessageRange<Uid>[]) {
      if (first === '*' || last === '*') throw new ImapError('IMAP_PROTOCOL', 'an update of a search names no message');
      closed.push({ first, last });
    }
    return {
      type: type === 'add' ? 'added' : 'removed',
      uids: closed.length === 0 ? emptySet() : setFromRanges(closed),
    };
  });
}
