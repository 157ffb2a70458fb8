import {
  type ExtendedSearchData,
  type ExtensionCommand,
  extensionCommand,
  readExtension,
  type SearchChange,
} from '@posthorn/wire/extensions';
import type { UntaggedEvent } from '../connection/client-events.ts';
import type { Connection } from '../connection/connection.ts';
import { EventQueue } from '../connection/event-queue.ts';

/** How to follow any result. */
export interface Following {
  readonly connection: Connection;
  readonly signal: AbortSignal | undefined;
  /** Hears all untagged answers that no command takes. @returns what ends that */
  listen(listener: (event: UntaggedEvent) => void): () => void;
}

/** The command that asks for updates, and who takes its answer. */
export interface FollowedCommand {
  readonly command: ExtensionCommand;
  accept(event: UntaggedEvent): boolean;
  /** The answer is complete. @throws ImapError when it cannot be read */
  check(): void;
}

/** The server does not keep it up to date any more: ask again. */
export interface StaleResult {
  readonly type: 'stale';
}

const MOST_UPDATES = 4096;

/**
 * The changes of a result that the server keeps up to date: first `found`, when the answer is complete, then each change
 * in its turn.
 * @see RFC 5267 section 4.3
 */
export async function* followResult(
  { connection, signal, listen }: Following,
  { command, accept, check }: FollowedCommand,
): AsyncGenerator<SearchChange | StaleResult | 'found', void> {
  const updates = new EventQueue<SearchChange | StaleResult>(MOST_UPDATES, { type: 'stale' });
  let tag: string | undefined;
  const take = (event: UntaggedEvent): boolean => {
    if (event.type === 'status' && event.code?.type === 'noUpdate' && event.code.tag === tag) {
      updates.push({ type: 'stale' });
      return true;
    }
    const data = event.type === 'unknown' && event.name === 'ESEARCH' ? readExtension(event) : undefined;
    if (!isUpdateOf(data, tag)) return false;
    for (const change of data.changes) updates.push(change);
    return true;
  };
  const stopListening = listen((event) => void take(event));
  const abort = (): void => updates.end(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    await new Promise<unknown>((done, fail) => {
      const handler = { accept: (event: UntaggedEvent) => take(event) || accept(event), done, fail };
      tag = connection.submit(extensionCommand(command), handler).tag;
    });
    check();
    void connection.closed.then(() => updates.end(connection.closeReason));
    yield 'found';
    yield* updates;
  } finally {
    stopListening();
    signal?.removeEventListener('abort', abort);
    if (tag !== undefined && !connection.isClosed) void cancel(connection, tag);
  }
}

function isUpdateOf(
  data: ReturnType<typeof readExtension>,
  tag: string | undefined,
): data is ExtendedSearchData & { readonly changes: readonly SearchChange[] } {
  return data?.type === 'extendedSearch' && data.tag === tag && data.changes !== undefined;
}

/** What the server says to that changes nothing. */
async function cancel(connection: Connection, tag: string): Promise<void> {
  await connection.run(extensionCommand({ name: 'CANCELUPDATE', tags: [tag] })).catch(() => {});
}
