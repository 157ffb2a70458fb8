import { type AbortOptions, type Account, type Mailbox, type MailboxPath, uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { type DeletePolicy, FetchPlan, type Pop3Client, type SeenMessages } from '@posthorn/pop3-client';
import { oneAhead } from './ahead.ts';
import { Candidates } from './candidates.ts';
import { NO_COUNTS, type SyncEvent } from './events.ts';
import { maildropBatches } from './maildrop-batches.ts';
import type { KnownTarget } from './maildrop-state.ts';
import { MaildropWriter } from './maildrop-writer.ts';
import { memoryState, type SyncState } from './state.ts';

export interface PullMaildropOptions extends AbortOptions {
  /** What earlier runs learnt. The caller closes it. @defaultValue nothing, and nothing is kept */
  readonly state?: SyncState | undefined;
  /** What becomes of messages at the server. @defaultValue 'keep' */
  readonly policy?: DeletePolicy | undefined;
  /** Most messages stored in one step. @defaultValue 256 */
  readonly batchMessages?: number | undefined;
  /** Most octets held in memory for one step; bigger messages stream. @defaultValue 8 MiB */
  readonly batchBytes?: number | undefined;
  /** The time, in milliseconds since 1970. @defaultValue the system's clock */
  readonly now?: (() => number) | undefined;
}

const INBOX: MailboxPath = ['INBOX'];

/**
 * Downloads a POP3 maildrop into the INBOX of an account, each message once, and ends the session with QUIT. What the
 * target has, by its octets, is not stored again. Flags and dates are not the server's to tell: messages are unread, and
 * dated when they are stored.
 *
 * It is safe to stop at any moment: run it again and it converges. Nothing is deleted at the server before the target
 * holds it durably and that is remembered, and nothing is ever removed from the target. Nothing happens until the first
 * event is asked for. The last event is always `done`.
 *
 * @param client - Logged in, and used for nothing else.
 * @throws {@link MailError} of the client or the store, after which the work done so far is kept; `CommitFailedError`
 *   when the server does not confirm deletions, which the next run tries again.
 */
export async function* pullMaildrop(
  client: Pop3Client,
  target: Account,
  options: PullMaildropOptions = {},
): AsyncGenerator<SyncEvent, void> {
  const { signal, batchMessages = 256, batchBytes = 8 * 1024 * 1024, state = memoryState(), policy, now } = options;
  if (!(batchMessages >= 1) || !(batchBytes >= 1))
    throw new RangeError('a batch holds at least one message and one octet');
  yield { type: 'listed', mailboxes: 1 };
  const mailbox = await target.mailbox(INBOX, { signal });
  const seen = await RememberedMail.open(state, mailbox);
  const warnings: SyncEvent[] = [];
  const onWarning = ({ number }: { readonly number: number }): void =>
    void warnings.push({ type: 'warning', path: INBOX, message: `the server did not delete message ${number}` });
  const plan = await FetchPlan.read(client, seen, { policy, signal, now, onWarning });
  const missing = plan.missing.length;
  yield { type: 'mailboxStart', path: INBOX, messages: plan.messages, missing };

  const counts = { ...NO_COUNTS, added: 0, bytes: 0, failed: 0 };
  if (missing > 0) {
    const candidates = await seen.candidates(mailbox, signal);
    const writer = new MaildropWriter({ client, mailbox, candidates, maxBytes: batchBytes, signal });
    const refused: number[] = [];
    const numbers = plan.missing.map(({ number }) => number);
    // A big message that may be there is retrieved twice; the second time must not wait behind others.
    const window = candidates.hasLargerThan(batchBytes) ? 1 : undefined;
    const onRefused = (number: number): void => void refused.push(number);
    const messages = client.retrieveMany(numbers, { signal, window, onRefused });
    const batches = maildropBatches(messages, { maxMessages: batchMessages, maxBytes: batchBytes });
    for await (const batch of oneAhead(batches, ({ type }) => type === 'held')) {
      const { stored, added, bytes } = await writer.write(batch);
      // While something of an earlier run may still be found, the next run must look for it too.
      if (candidates.isEmpty) seen.knownUpTo(writer.lastUid);
      await plan.stored(stored);
      counts.added += added;
      counts.bytes += bytes;
      yield { type: 'progress', path: INBOX, added: counts.added, missing, bytes: counts.bytes };
    }
    seen.knownUpTo(writer.lastUid);
    await seen.put([]);
    for (const number of refused) {
      counts.failed += 1;
      yield { type: 'messageFailed', path: INBOX, uid: uid(number), reason: 'the server did not send the message' };
    }
  }
  const deleted = await plan.finish();
  yield* warnings;
  if (deleted > 0) yield { type: 'deletedAtSource', path: INBOX, messages: deleted };
  await target.maintain({ signal });
  yield { type: 'mailboxDone', path: INBOX, messages: plan.messages, ...counts };
  yield { type: 'done', mailboxes: 1, ...counts };
}

/** What the state of a sync knows of a maildrop, in the form in which the client asks for it. */
class RememberedMail implements SeenMessages {
  readonly #state: SyncState;
  #target: KnownTarget;

  private constructor(state: SyncState, target: KnownTarget) {
    this.#state = state;
    this.#target = target;
  }

  /** A target that is not the one of before has nothing of what was stored there. */
  static async open(state: SyncState, { uidValidity }: Mailbox): Promise<RememberedMail> {
    const known = state.maildrop();
    if (known?.target?.uidValidity === uidValidity) return new RememberedMail(state, known.target);
    if (known !== undefined && known.stored.size > 0)
      await state.record({ type: 'forgotten', keys: [...known.stored.keys()] });
    return new RememberedMail(state, { uidValidity, upTo: 0 });
  }

  /** Messages of the target that came since the last that is known: an earlier run may have stored them and died. */
  async candidates(mailbox: Mailbox, signal: AbortSignal | undefined): Promise<Candidates> {
    const { added } = await mailbox.changes(undefined, { signal });
    const later = added.filter((message) => message.uid > this.#target.upTo).map((message) => message.uid);
    return Candidates.load(mailbox, setOf(later), signal);
  }

  /** The target is known up to this UID; what is put from here on says so. */
  knownUpTo(last: number): void {
    if (last > this.#target.upTo) this.#target = { ...this.#target, upTo: last };
  }

  entries(): ReturnType<SeenMessages['entries']> {
    return this.#state.maildrop()?.stored.values() ?? [];
  }

  async put(messages: Parameters<SeenMessages['put']>[0]): Promise<void> {
    await this.#state.record({ type: 'stored', messages, target: this.#target });
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#state.record({ type: 'forgotten', keys });
  }
}
