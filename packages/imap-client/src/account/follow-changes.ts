import type { ModSeq, Uid } from '@posthorn/core';
import { contains, emptySet, setOf, union } from '@posthorn/message-set';
import type { ImapClient } from '../client.ts';
import type { MailboxDifference } from '../mailbox/mailbox-changes.ts';
import { formatCursor, parseCursor } from '../mailbox/mailbox-cursor.ts';
import type { SelectedMailbox } from '../mailbox/selected-mailbox.ts';
import { findProvider } from '../providers/find-provider.ts';
import type { MailboxBinding } from './account-mailbox.ts';
import type { PooledClient } from './pooled-client.ts';

/** Where somebody stands who follows a mailbox, so that another connection can take it up. */
export class Following {
  /** The last cursor; undefined before the first. */
  cursor: string | undefined;
  /** New messages that were told of since. */
  #told = emptySet<Uid>();
  readonly #binding: Pick<MailboxBinding, 'host' | 'distrustsModSeq'>;

  constructor(cursor: string | undefined, binding: Pick<MailboxBinding, 'host' | 'distrustsModSeq'>) {
    this.cursor = cursor;
    this.#binding = binding;
  }

  /**
   * What changed since the last cursor. When this breaks off it begins there again: what was told is told again, but no
   * message is new twice.
   */
  async *compare(
    mailbox: SelectedMailbox,
    { client }: PooledClient,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<MailboxDifference, void> {
    // Servers tell of new messages only when they are asked something.
    await client.noop({ signal });
    const news: Uid[] = [];
    const differences = mailbox.changes(withoutFuture(this.cursor, mailbox.highestModSeq), {
      signal,
      onIncomplete: ignore,
      distrustsModSeq: this.#binding.distrustsModSeq ?? isDistrusted(client, this.#binding.host),
    });
    try {
      for await (const difference of differences) {
        if (difference.type === 'cursor') {
          this.cursor = difference.cursor;
          this.#told = emptySet();
          news.length = 0;
        } else if (difference.type === 'message' && difference.isNew) {
          const isNew = !contains(this.#told, difference.uid);
          if (isNew) news.push(difference.uid);
          yield isNew ? difference : { ...difference, isNew };
          continue;
        }
        yield difference;
      }
    } finally {
      this.#told = union(this.#told, setOf(news));
    }
  }
}

/** Whether the server's mod-sequences are worth nothing: it tells some without CONDSTORE, or is known for others. */
function isDistrusted({ capabilities, greeting }: ImapClient, host: string | undefined): boolean {
  if (!capabilities.has('CONDSTORE')) return true;
  return findProvider({ host, greeting: greeting.text, capabilities: capabilities.names })?.distrustsModSeq === true;
}

/** A server whose count went back, from a backup say, counts the same changes again: there is nothing to go on from. */
function withoutFuture(cursor: string | undefined, highest: ModSeq | undefined): string | undefined {
  if (cursor === undefined || highest === undefined) return cursor;
  const state = parseCursor(cursor);
  if (state.modSeq === undefined || state.modSeq <= highest) return cursor;
  return formatCursor({ ...state, modSeq: undefined });
}

/** A message whose flags cannot be read comes when they can. */
function ignore(): void {}
