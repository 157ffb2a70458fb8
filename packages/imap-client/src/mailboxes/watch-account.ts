import type { MailboxName } from '@posthorn/mailbox-name';
import { sleep, type Timers } from '@posthorn/transport/client';
import type { StatusItems } from '@posthorn/wire';
import { extensionCommand, type MailboxFilter, type NotifyGroup } from '@posthorn/wire/extensions';
import type { UntaggedEvent } from '../connection/client-events.ts';
import type { Connection } from '../connection/connection.ts';
import { EventQueue } from '../connection/event-queue.ts';
import { listedByServer } from './list-mailboxes.ts';
import type { ListedMailbox } from './mailbox-reference.ts';

/** Something that happened to a mailbox that is not the selected one. */
export type AccountChange =
  /** Messages came, went or changed: the new figures. */
  | { readonly type: 'status'; readonly mailbox: MailboxName; readonly status: StatusItems }
  /** A mailbox was made, renamed from `oldName`, deleted (`\NonExistent`), subscribed or unsubscribed. */
  | { readonly type: 'mailbox'; readonly mailbox: ListedMailbox; readonly oldName: MailboxName | undefined }
  /** More happened than was kept while nobody looked, or the server gave up: look at everything. */
  | { readonly type: 'overflow' };

export interface WatchAccountOptions {
  /** Which mailboxes. @defaultValue one's own */
  readonly mailboxes?: readonly MailboxFilter[] | undefined;
  /** Whether to begin with the figures of all of them. @defaultValue false */
  readonly tellStatus?: boolean | undefined;
  /** Ends the watch: the loop is left without an error. */
  readonly signal?: AbortSignal | undefined;
  /** How often to find out whether the server still lives. @defaultValue 540_000 (9 minutes) */
  readonly renewMs?: number | undefined;
}

export interface WatchAccountRequest extends WatchAccountOptions {
  readonly connection: Connection;
  readonly timers: Timers;
  listen(listener: (event: UntaggedEvent) => void): () => void;
}

const MOST_CHANGES = 4096;
const MESSAGES = [{ type: 'messageNew' }, { type: 'messageExpunge' }, { type: 'flagChange' }] as const;

/** What happens to mailboxes, as the server tells it unasked. @see RFC 5465 */
export async function* watchAccount(request: WatchAccountRequest): AsyncGenerator<AccountChange, void> {
  const { connection, timers, signal, renewMs = 540_000 } = request;
  const changes = new EventQueue<AccountChange>(MOST_CHANGES, { type: 'overflow' });
  const take = (event: UntaggedEvent): boolean => {
    const change = changeOf(event, connection.protocol.isUtf8);
    if (change !== undefined) changes.push(change);
    return change !== undefined;
  };
  const stop = new AbortController();
  const end = (): void => changes.end(undefined);
  const stopListening = request.listen((event) => void take(event));
  signal?.addEventListener('abort', end, { once: true });
  try {
    if (signal?.aborted) return;
    await connection.run(extensionCommand(notifyOf(request)), { signal, accept: take });
    void connection.closed.then(() => changes.end(connection.closeReason));
    void keepAlive(connection, timers, renewMs, stop.signal);
    yield* changes;
  } finally {
    stop.abort();
    stopListening();
    signal?.removeEventListener('abort', end);
    if (!connection.isClosed) void connection.run(extensionCommand({ name: 'NOTIFY', groups: [] })).catch(() => {});
  }
}

function notifyOf({ mailboxes = [{ type: 'personal' }], tellStatus = false }: WatchAccountOptions): {
  readonly name: 'NOTIFY';
  readonly groups: readonly NotifyGroup[];
  readonly tellsStatus: boolean;
} {
  // Without a word about it the selected mailbox would fall silent. RFC 5465 section 6.1.
  const selected: NotifyGroup = { filter: { type: 'selectedDelayed' }, events: MESSAGES };
  const others = mailboxes.map(
    (filter): NotifyGroup => ({
      filter,
      events: [...MESSAGES, { type: 'mailboxName' }, { type: 'subscriptionChange' }],
    }),
  );
  return { name: 'NOTIFY', groups: [selected, ...others], tellsStatus: tellStatus };
}

function changeOf(event: UntaggedEvent, isUtf8: boolean): AccountChange | undefined {
  switch (event.type) {
    case 'mailboxStatus':
      return { type: 'status', mailbox: event.mailbox, status: event.items };
    case 'list':
      return { type: 'mailbox', mailbox: listedByServer(event, isUtf8), oldName: event.oldName };
    case 'status':
      if (event.code?.type === 'atom' && event.code.name === 'NOTIFICATIONOVERFLOW') return { type: 'overflow' };
      return undefined;
    default:
      return undefined;
  }
}

/** A peer that is gone without a word is noticed by a command that it does not answer. */
async function keepAlive(connection: Connection, timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  try {
    while (!signal.aborted && !connection.isClosed) {
      await sleep(timers, ms, signal);
      await connection.run({ name: 'NOOP' }, { signal });
    }
  } catch {
    // The watch is over, or the connection is, which ends the watch.
  }
}
