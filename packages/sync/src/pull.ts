import { type AbortOptions, type Account, InvalidStateError, type MailboxPath, MailError } from '@posthorn/core';
import { addCounts, NO_COUNTS, type SyncCounts, type SyncEvent } from './events.ts';
import { pullMailbox } from './pull-mailbox.ts';
import type { SyncSource } from './source.ts';
import { memoryState, type SyncState } from './state.ts';

export interface PullOptions extends AbortOptions {
  /** What earlier runs learnt. The caller closes it. @defaultValue nothing, and nothing is kept */
  readonly state?: SyncState | undefined;
  /** Removes messages from the target that an earlier run brought and the source no longer has. @defaultValue false */
  readonly expunge?: boolean | undefined;
  /**
   * Most of what was pulled into a mailbox that one run removes, from 0 to 1: an account that was emptied by mistake, or
   * by a thief, is no reason to lose the copy. Ten messages are always removed; where more than this is gone, nothing is,
   * and `expungeRefused` says so. @defaultValue 1, whatever is gone
   */
  readonly maxExpungedShare?: number | undefined;
  /** Which mailboxes to pull. @defaultValue all */
  readonly only?: ((path: MailboxPath) => boolean) | undefined;
  /** Most messages stored in one step. @defaultValue 256 */
  readonly batchMessages?: number | undefined;
  /** Most octets held in memory for one step; bigger messages stream. @defaultValue 8 MiB */
  readonly batchBytes?: number | undefined;
}

/**
 * Pulls all mail of a source into an account of a store: mailboxes, messages and flags, one way. What is there already
 * is not fetched again; what is gone at the source stays unless `expunge` is set.
 *
 * Into a mailbox that did not exist the source's UIDVALIDITY and UIDs are kept. Flags of pulled messages follow the
 * source. It is safe to stop at any moment, by leaving the loop, by the signal or by killing the process: run it again
 * and it converges.
 *
 * Nothing happens until the first event is asked for. The last event is always `done`.
 *
 * @throws {@link MailError} of the client or the store, after which the work done so far is kept. A mailbox the target
 *   cannot hold is a `warning`, not an error.
 */
export async function* pull(
  source: SyncSource,
  target: Account,
  options: PullOptions = {},
): AsyncGenerator<SyncEvent, void> {
  const {
    signal,
    only = () => true,
    batchMessages = 256,
    batchBytes = 8 * 1024 * 1024,
    maxExpungedShare = 1,
  } = options;
  if (!(batchMessages >= 1) || !(batchBytes >= 1))
    throw new RangeError('a batch holds at least one message and one octet');
  if (!(maxExpungedShare >= 0 && maxExpungedShare <= 1)) throw new RangeError('a share is from 0 to 1');
  const expunge = options.expunge === true ? { maxShare: maxExpungedShare } : undefined;
  const state = options.state ?? memoryState();
  const limits = { maxMessages: batchMessages, maxBytes: batchBytes };
  const mailboxes = (await source.list({ signal })).filter(({ path }) => only(path));
  yield { type: 'listed', mailboxes: mailboxes.length };
  let counts: SyncCounts = NO_COUNTS;
  for (const mailbox of mailboxes) {
    signal?.throwIfAborted();
    try {
      counts = addCounts(counts, yield* pullMailbox(mailbox, { source, target, state, expunge, limits, signal }));
    } catch (error) {
      if (!isAboutMailbox(error)) throw error;
      counts = addCounts(counts, { ...NO_COUNTS, failed: 1 });
      yield { type: 'warning', path: mailbox.path, message: error.message };
    }
  }
  await target.maintain({ signal });
  yield { type: 'done', mailboxes: mailboxes.length, ...counts };
}

/** Whether a failure concerns one mailbox alone, so that the others can still be pulled. */
function isAboutMailbox(error: unknown): error is MailError {
  if (!MailError.is(error) || error instanceof InvalidStateError) return false;
  return error.code === 'STORE_CANNOT' || error.code === 'IMAP_NO';
}
