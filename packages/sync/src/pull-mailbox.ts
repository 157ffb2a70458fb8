import {
  type Account,
  type Flag,
  type Mailbox,
  type MailboxPath,
  sameFlags,
  type Uid,
  type UidSet,
} from '@posthorn/core';
import { contains, count, difference, ids, intersection, isEmpty, setOf } from '@posthorn/message-set';
import { oneAhead } from './ahead.ts';
import { type BatchLimits, batchesOf } from './batches.ts';
import { Candidates } from './candidates.ts';
import { NO_COUNTS, type SyncCounts, type SyncEvent } from './events.ts';
import { FlagChanges } from './flag-changes.ts';
import { heldFlags, isAboutFlags } from './held-flags.ts';
import type { PairTable } from './pair-table.ts';
import type { SourceFlags, SourceMailbox, SourceMailboxInfo, SourceMessage, SyncSource } from './source.ts';
import type { MailboxState, SyncState } from './state.ts';
import { openTarget, type TargetMailbox } from './target-mailbox.ts';
import { Writer, type Written } from './writer.ts';

export interface PullMailboxOptions {
  readonly source: SyncSource;
  readonly target: Account;
  readonly state: SyncState;
  /** How much may be removed at once; undefined when nothing is. */
  readonly expunge: { readonly maxShare: number } | undefined;
  readonly limits: BatchLimits;
  readonly signal: AbortSignal | undefined;
}

/** So few are removed whatever share they are. */
const FEW = 10;

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
  const before = state.mailbox(info.key);
  const { uidValidity } = from;
  const opened = await openTarget(target, info, { uidValidity, isKnown: before !== undefined, signal });
  const { path, mailbox } = opened;
  const known = await rememberEpochs(state, info.key, from, opened);
  if (before !== undefined && before.sourceUidValidity !== uidValidity) {
    yield { type: 'uidValidityReset', path, before: before.sourceUidValidity, now: uidValidity };
  }
  const { expunge } = options;
  if (!isUnchanged(known, from, expunge !== undefined)) {
    const inSource = await listSource(from, signal);
    const missing = setOf(inSource.filter(({ uid }) => known.pairs.targetOf(uid) === undefined).map(({ uid }) => uid));
    yield { type: 'mailboxStart', path, messages: inSource.length, missing: count(missing) };
    const unlisted = Math.min(from.messages, from.currentMessages) - inSource.length;
    if (unlisted > 0) {
      counts.failed += unlisted;
      yield { type: 'warning', path, message: `the server did not list ${unlisted} of its messages` };
    }
    const work: MailboxWork = { key: info.key, path, from, mailbox, pairs: known.pairs, counts };
    const isWhole = yield* addMissing(work, missing, options);
    yield* updateFlags(work, inSource, signal);
    if (expunge !== undefined) yield* removeVanished(work, inSource, expunge.maxShare, signal);
    if (isWhole && counts.failed === 0 && from.highestModSeq !== undefined && from.uidNext !== undefined) {
      const { uidNext, messages, highestModSeq } = from;
      const seen = { uidNext, messages, highestModSeq: String(highestModSeq), isExpunged: expunge !== undefined };
      await state.record({ type: 'seen', mailbox: info.key, seen });
    }
  }
  yield { type: 'mailboxDone', path, messages: from.messages, ...counts };
  return counts;
}

/** A mailbox that is being brought in step. */
interface MailboxWork {
  readonly key: string;
  readonly path: MailboxPath;
  readonly from: SourceMailbox;
  readonly mailbox: Mailbox;
  readonly pairs: PairTable;
  readonly counts: Counter;
}

/**
 * What is known of the mailbox in its present epochs; starts anew when either side began another one, and when the
 * mailbox of the target was gone.
 */
async function rememberEpochs(
  state: SyncState,
  key: string,
  { uidValidity: sourceUidValidity }: SourceMailbox,
  { mailbox: { uidValidity: targetUidValidity }, isNew }: TargetMailbox,
): Promise<MailboxState> {
  const known = state.mailbox(key);
  const isCurrent = known?.sourceUidValidity === sourceUidValidity && known.targetUidValidity === targetUidValidity;
  if (isCurrent && !(isNew && known.pairs.size > 0)) return known;
  await state.record({ type: 'begin', mailbox: key, sourceUidValidity, targetUidValidity });
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

/** Each message once, whatever the source says. */
async function listSource(from: SourceMailbox, signal: AbortSignal | undefined): Promise<readonly SourceFlags[]> {
  const messages = new Map<Uid, SourceFlags>();
  for await (const { uid, flags } of from.flags({ signal })) messages.set(uid, { uid, flags });
  return [...messages.values()];
}

/** Brings what is missing. @returns whether nothing is left */
async function* addMissing(
  work: MailboxWork,
  missing: UidSet,
  { state, limits, signal }: PullMailboxOptions,
): AsyncGenerator<SyncEvent, boolean> {
  if (isEmpty(missing)) return true;
  const { key, path, from, mailbox, pairs, counts } = work;
  const present = setOf((await mailbox.changes(undefined, { signal })).added.map(({ uid }) => uid));
  const candidates = await Candidates.load(mailbox, difference(present, pairs.targets()), signal);
  const twins = from.uidValidity === mailbox.uidValidity ? await candidates.matchByUid(from, missing) : [];
  if (twins.length > 0) await state.record({ type: 'paired', mailbox: key, pairs: twins });
  const wanted = difference(missing, setOf(twins.map(([source]) => source)));
  if (isEmpty(wanted)) return true;

  const total = count(wanted);
  const came = new Set<Uid>();
  const writer = new Writer({ from, mailbox, candidates, signal });
  const batches = batchesOf(onlyWanted(from.messagesOf(wanted, { signal }), wanted, came), limits);
  for await (const batch of oneAhead(batches, ({ type }) => type !== 'stream')) {
    const written = batch.type === 'missing' ? { ...NOTHING, failed: batch } : await writer.write(batch);
    if (written.pairs.length > 0) await state.record({ type: 'paired', mailbox: key, pairs: written.pairs });
    counts.added += written.added;
    counts.bytes += written.bytes;
    if (written.failed === undefined)
      yield { type: 'progress', path, added: counts.added, missing: total, bytes: counts.bytes };
    else yield failure(work, written.failed);
  }
  const silent = difference(wanted, setOf(came));
  if (isEmpty(silent)) return true;
  // What the server left out is gone, unless it still lists it.
  for await (const { uid } of from.metadata(silent, { signal }))
    yield failure(work, { uid, reason: 'the server did not send the message' });
  return false;
}

const NOTHING: Written = { pairs: [], added: 0, bytes: 0 };

function failure(
  { path, counts }: MailboxWork,
  { uid, reason }: { readonly uid: Uid; readonly reason: string },
): SyncEvent {
  counts.failed += 1;
  return { type: 'messageFailed', path, uid, reason };
}

/** What was asked for, once each. */
async function* onlyWanted(
  messages: AsyncIterable<SourceMessage>,
  wanted: UidSet,
  came: Set<Uid>,
): AsyncGenerator<SourceMessage> {
  for await (const message of messages) {
    if (!contains(wanted, message.uid) || came.has(message.uid)) continue;
    came.add(message.uid);
    yield message;
  }
}

async function* updateFlags(
  { path, mailbox, pairs, counts }: MailboxWork,
  inSource: readonly SourceFlags[],
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
  const refused = new Set<Flag>();
  for (const { uids, flags } of changes.groups()) {
    try {
      const { stored } = await mailbox.store(uids, 'replace', flags, { signal });
      counts.flagsChanged += stored.length;
    } catch (error) {
      if (!isAboutFlags(error)) throw error;
      const isHeld = await heldFlags(mailbox, signal);
      for (const flag of flags) if (!isHeld(flag)) refused.add(flag);
      const held = flags.filter(isHeld);
      const differing = [...ids(uids)].filter((uid) => !sameFlags(held, flagsOf.get(uid) ?? held));
      if (differing.length === 0) continue;
      const { stored } = await mailbox.store(setOf(differing), 'replace', held, { signal });
      counts.flagsChanged += stored.length;
    }
  }
  if (refused.size === 0) return;
  yield { type: 'warning', path, message: `the target cannot hold these keywords: ${[...refused].join(' ')}` };
}

/** Removes messages the source no longer has. A listing that is shorter than the source claims proves nothing. */
async function* removeVanished(
  { path, from, mailbox, pairs, counts }: MailboxWork,
  inSource: readonly SourceFlags[],
  maxShare: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<SyncEvent> {
  if (inSource.length < Math.max(from.messages, from.currentMessages)) return;
  const present = setOf(inSource.map(({ uid }) => uid));
  const gone: Uid[] = [];
  for (const [source, target] of pairs) if (!contains(present, source)) gone.push(target);
  if (gone.length === 0) return;
  if (gone.length > FEW && maxShare < 1) {
    // What somebody removed from the target counts for nothing.
    const { added: inTarget } = await mailbox.changes(undefined, { signal });
    const held = setOf(inTarget.map(({ uid }) => uid));
    const pulled = count(intersection(held, pairs.targets()));
    const leaving = count(intersection(held, setOf(gone)));
    if (leaving > Math.max(FEW, pulled * maxShare)) {
      counts.failed += leaving;
      yield { type: 'expungeRefused', path, gone: leaving, pulled };
      return;
    }
  }
  const { expunged } = await mailbox.expunge(setOf(gone), { signal });
  counts.removed += count(expunged);
}
