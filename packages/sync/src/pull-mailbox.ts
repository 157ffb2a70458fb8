import {
  type Account,
  type Flag,
  hasFlag,
  type Mailbox,
  type MailboxPath,
  MailError,
  type NewMessage,
  SYSTEM_FLAGS,
  sameFlags,
  type Uid,
  type UidSet,
} from '@posthorn/core';
import { contains, count, difference, ids, isEmpty, setOf } from '@posthorn/message-set';
import { oneAhead } from './ahead.ts';
import { type Batch, type BatchLimits, batchesOf, type HeldMessage } from './batches.ts';
import { NO_COUNTS, type SyncCounts, type SyncEvent } from './events.ts';
import { FlagChanges, pulledFlags, systemFlags } from './flag-changes.ts';
import { matchByContent } from './match.ts';
import type { PairTable, UidPair } from './pair-table.ts';
import type { SourceFlags, SourceMailbox, SourceMailboxInfo, SyncSource } from './source.ts';
import type { MailboxState, SyncState } from './state.ts';
import { openTarget } from './target-mailbox.ts';

export interface PullMailboxOptions {
  readonly source: SyncSource;
  readonly target: Account;
  readonly state: SyncState;
  readonly expunge: boolean;
  readonly limits: BatchLimits;
  readonly signal: AbortSignal | undefined;
}

type Counter = { -readonly [Name in keyof SyncCounts]: SyncCounts[Name] };

/**
 * Brings one mailbox of the target in step with the source. Killed at any instant, the next run goes on from there:
 * a message counts as present only once the target holds it, and what was stored but not yet remembered is found again.
 */
export async function* pullMailbox(
  info: SourceMailboxInfo,
  options: PullMailboxOptions,
): AsyncGenerator<SyncEvent, SyncCounts> {
  const { source, target, state, signal } = options;
  const counts: Counter = { ...NO_COUNTS };
  const from = await source.open(info, { signal });
  const { path, mailbox } = await openTarget(target, info, from.uidValidity, signal);
  const before = state.mailbox(info.key);
  const known = await rememberEpochs(state, info.key, from, mailbox);
  if (before !== undefined && before.sourceUidValidity !== from.uidValidity) {
    yield { type: 'uidValidityReset', path, before: before.sourceUidValidity, now: from.uidValidity };
  }
  if (!isUnchanged(known, from, options.expunge)) {
    const inSource = await listSource(from, signal);
    const missing = setOf(inSource.filter(({ uid }) => known.pairs.targetOf(uid) === undefined).map(({ uid }) => uid));
    yield { type: 'mailboxStart', path, messages: inSource.length, missing: count(missing) };
    const rest = await findTwins(info.key, from, missing, mailbox, known.pairs, options);
    if (!isEmpty(rest)) yield* addMessages(info.key, path, from, rest, mailbox, counts, options);
    yield* updateFlags(path, inSource, mailbox, known.pairs, counts, signal);
    if (options.expunge) await removeVanished(inSource, from, mailbox, known.pairs, counts, signal);
    if (counts.failed === 0 && from.highestModSeq !== undefined && from.uidNext !== undefined) {
      const { uidNext, messages, highestModSeq } = from;
      const seen = { uidNext, messages, highestModSeq: String(highestModSeq), isExpunged: options.expunge };
      await state.record({ type: 'seen', mailbox: info.key, seen });
    }
  }
  yield { type: 'mailboxDone', path, messages: from.messages, ...counts };
  return counts;
}

/** What is known of the mailbox in its present epochs; starts anew when either side began another one. */
async function rememberEpochs(
  state: SyncState,
  key: string,
  from: SourceMailbox,
  mailbox: Mailbox,
): Promise<MailboxState> {
  const known = state.mailbox(key);
  if (known?.sourceUidValidity === from.uidValidity && known.targetUidValidity === mailbox.uidValidity) return known;
  const epochs = { sourceUidValidity: from.uidValidity, targetUidValidity: mailbox.uidValidity };
  await state.record({ type: 'begin', mailbox: key, ...epochs });
  return state.mailbox(key)!;
}

/** Whether the source proves, by its mod-sequence, that nothing happened since the last time that did as much. */
function isUnchanged(
  { seen }: MailboxState,
  { uidNext, messages, highestModSeq }: SourceMailbox,
  expunge: boolean,
): boolean {
  return (
    seen !== undefined &&
    (seen.isExpunged || !expunge) &&
    highestModSeq !== undefined &&
    seen.uidNext === uidNext &&
    seen.messages === messages &&
    seen.highestModSeq === String(highestModSeq)
  );
}

async function listSource(from: SourceMailbox, signal: AbortSignal | undefined): Promise<readonly SourceFlags[]> {
  const messages: SourceFlags[] = [];
  for await (const { uid, flags } of from.flags({ signal })) messages.push({ uid, flags });
  return messages;
}

/** Pairs source messages with twins that already stand in the target, and returns those that have none. */
async function findTwins(
  key: string,
  from: SourceMailbox,
  missing: UidSet,
  mailbox: Mailbox,
  pairs: PairTable,
  { state, signal }: PullMailboxOptions,
): Promise<UidSet> {
  if (isEmpty(missing)) return missing;
  const present = setOf((await mailbox.changes(undefined, { signal })).added.map(({ uid }) => uid));
  const unpaired = difference(present, pairs.targets());
  if (isEmpty(unpaired)) return missing;
  const sameEpoch = from.uidValidity === mailbox.uidValidity;
  const twins = await matchByContent(from, missing, mailbox, unpaired, { sameEpoch, signal });
  if (twins.length === 0) return missing;
  await state.record({ type: 'paired', mailbox: key, pairs: twins });
  return difference(missing, setOf(twins.map(([source]) => source)));
}

async function* addMessages(
  key: string,
  path: MailboxPath,
  from: SourceMailbox,
  wanted: UidSet,
  mailbox: Mailbox,
  counts: Counter,
  { state, limits, signal }: PullMailboxOptions,
): AsyncGenerator<SyncEvent> {
  const missing = count(wanted);
  const keepsUids = from.uidValidity === mailbox.uidValidity;
  const writer = new Writer(mailbox, keepsUids, signal);
  const batches = batchesOf(from.messagesOf(wanted, { signal }), limits);
  for await (const batch of oneAhead(batches, ({ type }) => type !== 'stream')) {
    if (batch.type === 'missing') {
      counts.failed += 1;
      yield { type: 'messageFailed', path, uid: batch.uid, reason: 'the server did not send the message' };
      continue;
    }
    const { pairs, bytes } = await writer.write(batch);
    await state.record({ type: 'paired', mailbox: key, pairs });
    counts.added += pairs.length;
    counts.bytes += bytes;
    yield { type: 'progress', path, added: counts.added, missing, bytes: counts.bytes };
  }
}

/** Appends batches, giving messages the UIDs of the source for as long as the target lets it. */
class Writer {
  readonly #mailbox: Mailbox;
  readonly #signal: AbortSignal | undefined;
  #keepsUids: boolean;

  constructor(mailbox: Mailbox, keepsUids: boolean, signal: AbortSignal | undefined) {
    this.#mailbox = mailbox;
    this.#keepsUids = keepsUids;
    this.#signal = signal;
  }

  async write(batch: Exclude<Batch, { type: 'missing' }>): Promise<{ pairs: readonly UidPair[]; bytes: number }> {
    if (batch.type === 'held') return { pairs: await this.#writeHeld(batch.messages), bytes: batch.bytes };
    const { uid, flags, internalDate, body } = batch.message;
    const takenUid = (await this.#takesUid(uid)) ? uid : undefined;
    // Keywords that the target may refuse come later: the body cannot be sent twice.
    const message: NewMessage = { body: body.stream(), flags: systemFlags(flags), internalDate, uid: takenUid };
    const appended = await this.#mailbox.append([message], { signal: this.#signal });
    return { pairs: [[uid, appended.uids[0]!]], bytes: body.size };
  }

  async #writeHeld(held: readonly HeldMessage[]): Promise<readonly UidPair[]> {
    let flagsOf = pulledFlags;
    for (;;) {
      const batch = held.map(({ uid, flags, internalDate, bytes }) => ({
        body: [bytes],
        flags: flagsOf(flags),
        internalDate,
        uid: this.#keepsUids ? uid : undefined,
      }));
      try {
        const { uids } = await this.#mailbox.append(batch, { signal: this.#signal });
        return held.map(({ uid }, index) => [uid, uids[index]!] as const);
      } catch (error) {
        // Somebody else delivered here: from now on the target gives its own UIDs.
        if (codeOf(error) === 'STORE_UID_TAKEN' && this.#keepsUids) this.#keepsUids = false;
        // Keywords the target cannot hold are tried once more, and reported, when flags are compared.
        else if (isAboutFlags(error) && flagsOf !== systemFlags) flagsOf = systemFlags;
        else throw error;
      }
    }
  }

  /** A streamed body cannot be sent twice, so whether its UID is still free is asked before. */
  async #takesUid(uid: Uid): Promise<boolean> {
    if (!this.#keepsUids) return false;
    const { uidNext } = await this.#mailbox.changes(undefined, { signal: this.#signal });
    return uid >= uidNext;
  }
}

async function* updateFlags(
  path: MailboxPath,
  inSource: readonly SourceFlags[],
  mailbox: Mailbox,
  pairs: PairTable,
  counts: Counter,
  signal: AbortSignal | undefined,
): AsyncGenerator<SyncEvent> {
  const { added: present } = await mailbox.changes(undefined, { signal });
  const flagsOf = new Map<Uid, readonly Flag[]>(present.map(({ uid, flags }) => [uid, flags]));
  const changes = new FlagChanges();
  for (const { uid, flags } of inSource) {
    const target = pairs.targetOf(uid);
    const now = target === undefined ? undefined : flagsOf.get(target);
    if (now !== undefined) changes.compare(target!, flags, now);
  }
  for (const { uids, flags } of changes.groups()) {
    try {
      const { stored } = await mailbox.store(uids, 'replace', flags, { signal });
      counts.flagsChanged += stored.length;
    } catch (error) {
      if (!isAboutFlags(error)) throw error;
      yield { type: 'warning', path, message: `the target cannot hold all of the flags ${flags.join(' ')}` };
      counts.flagsChanged += await storeWhatFits(mailbox, uids, flags, flagsOf, signal);
    }
  }
}

/** Sets the flags of a group that every store can hold, and leaves the keywords as they are. @returns How many changed. */
async function storeWhatFits(
  mailbox: Mailbox,
  uids: UidSet,
  flags: readonly Flag[],
  flagsOf: ReadonlyMap<Uid, readonly Flag[]>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const wanted = systemFlags(flags);
  const outdated = [...ids(uids)].filter((uid) => !sameFlags(systemFlags(flagsOf.get(uid) ?? []), wanted));
  if (outdated.length === 0) return 0;
  const unwanted = SYSTEM_FLAGS.filter((flag) => !hasFlag(wanted, flag));
  await mailbox.store(setOf(outdated), 'remove', unwanted, { signal });
  const { stored } = await mailbox.store(setOf(outdated), 'add', wanted, { signal });
  return stored.length;
}

/** Whether a store refused because of the flags: too many keywords, or one it cannot write down. */
function isAboutFlags(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'STORE_LIMIT' || code === 'STORE_CANNOT';
}

function codeOf(error: unknown): string | undefined {
  return MailError.is(error) ? error.code : undefined;
}

/** Removes messages the source no longer has. A listing that is shorter than the source claims proves nothing. */
async function removeVanished(
  inSource: readonly SourceFlags[],
  from: SourceMailbox,
  mailbox: Mailbox,
  pairs: PairTable,
  counts: Counter,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (inSource.length < from.messages) return;
  const present = setOf(inSource.map(({ uid }) => uid));
  const gone: Uid[] = [];
  for (const [source, target] of pairs) if (!contains(present, source)) gone.push(target);
  if (gone.length === 0) return;
  const { expunged } = await mailbox.expunge(setOf(gone), { signal });
  counts.removed += count(expunged);
}
