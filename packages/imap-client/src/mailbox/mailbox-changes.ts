import type { Flag, ModSeq, Uid, UidSet } from '@posthorn/core';
import {
  contains,
  count,
  difference,
  emptySet,
  IdSetBuilder,
  intersection,
  isEmpty,
  union,
} from '@posthorn/message-set';
import type { IncompleteMessage } from '../errors.ts';
import type { FetchedMessage, FetchQuery } from '../fetch/fetch-query.ts';
import { FlagGroups, flagsKey, formatCursor, type MailboxState, parseCursor } from './mailbox-cursor.ts';

/** How a mailbox differs from what a cursor knows of it. */
export type MailboxDifference =
  /** The UIDs of the cursor name other messages now: what follows is everything there is. */
  | { readonly type: 'reset' }
  /** A message is new, or may have other flags. */
  | {
      readonly type: 'message';
      readonly uid: Uid;
      readonly flags: readonly Flag[];
      readonly modSeq: ModSeq | undefined;
      readonly isNew: boolean;
    }
  /** Messages that the cursor knows are gone. */
  | { readonly type: 'vanished'; readonly uids: UidSet }
  /** The end: where to go on the next time. */
  | { readonly type: 'cursor'; readonly cursor: string };

export interface ChangesOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Gets messages whose flags could not be read. They are neither reported nor taken for gone, and come again the next
   * time. Without it the loop ends with an error and no cursor.
   */
  readonly onIncomplete?: ((message: IncompleteMessage) => void) | undefined;
  /** Compares all flags, whatever the server says of its mod-sequences. @defaultValue false */
  readonly distrustsModSeq?: boolean | undefined;
}

/** What the comparison needs of a mailbox. */
export interface ComparedMailbox {
  readonly uidValidity: MailboxState['uidValidity'];
  readonly exists: number;
  /** Where the mailbox stood when it was selected; undefined when it keeps no mod-sequences. */
  readonly highestModSeq: ModSeq | undefined;
  /** Whether the server tells what has vanished. */
  readonly tellsVanished: boolean;
  fetch<const Query extends FetchQuery>(
    query: Query,
    changedSince: ModSeq | undefined,
    onVanished: ((uids: UidSet) => void) | undefined,
    options: ChangesOptions,
  ): AsyncIterable<FetchedMessage<Query>>;
  uids(signal: AbortSignal | undefined): Promise<UidSet>;
}

/**
 * What has changed since a cursor: by QRESYNC where it is on, else by mod-sequences and a comparison of UIDs, else by a
 * comparison of all flags.
 */
export async function* mailboxChanges(
  mailbox: ComparedMailbox,
  since: string | undefined,
  options: ChangesOptions,
): AsyncGenerator<MailboxDifference, void> {
  const saved = since === undefined ? undefined : parseCursor(since);
  const isSame = saved !== undefined && saved.uidValidity === mailbox.uidValidity;
  if (saved !== undefined && !isSame) yield { type: 'reset' };
  const known: MailboxState = isSame
    ? saved
    : { uidValidity: mailbox.uidValidity, modSeq: undefined, uids: emptySet(), flags: undefined };
  const hasModSeq = mailbox.highestModSeq !== undefined && options.distrustsModSeq !== true;
  yield* hasModSeq ? byModSeq(mailbox, known, options) : byFlags(mailbox, known, options);
}

/** @see RFC 7162 section 6 */
async function* byModSeq(
  mailbox: ComparedMailbox,
  known: MailboxState,
  options: ChangesOptions,
): AsyncGenerator<MailboxDifference, void> {
  // Without a mod-sequence to go on from, everything is asked for, and compared by what is there.
  const { modSeq: from } = known;
  const came = new IdSetBuilder<Uid>();
  let vanished: UidSet = emptySet();
  let highest = higher(from, mailbox.highestModSeq);
  const onVanished = (uids: UidSet): void => {
    vanished = union<Uid>(vanished, intersection<Uid>(known.uids, uids));
  };
  const tellsVanished = mailbox.tellsVanished && from !== undefined;
  if (mailbox.exists > 0) {
    const query = { flags: true, modSeq: true } as const;
    for await (const message of mailbox.fetch(query, from, tellsVanished ? onVanished : undefined, options)) {
      const { uid, flags, modSeq } = message;
      came.add(uid);
      highest = higher(highest, modSeq);
      yield { type: 'message', uid, flags, modSeq, isNew: !contains(known.uids, uid) };
    }
  }
  const changed = came.build();
  if (mailbox.exists === 0) vanished = known.uids;
  else if (!tellsVanished && mayHaveLost(mailbox, known, changed))
    vanished = goneFrom(mailbox, known.uids, await mailbox.uids(options.signal));
  if (!isEmpty(vanished)) yield { type: 'vanished', uids: vanished };
  const uids = union<Uid>(difference<Uid>(known.uids, vanished), changed);
  yield { type: 'cursor', cursor: formatCursor({ ...known, modSeq: highest, uids, flags: undefined }) };
}

/** As many as there are, and none beyond: then none of those known can be gone. */
function mayHaveLost({ exists }: ComparedMailbox, { uids }: MailboxState, changed: UidSet): boolean {
  return count(uids) > 0 && count(union<Uid>(uids, changed)) !== exists;
}

/** The known messages that are not there; none when fewer are listed than there are, for the list is then not whole. */
function goneFrom({ exists }: ComparedMailbox, known: UidSet, there: UidSet): UidSet {
  return count(there) < exists ? emptySet<Uid>() : difference<Uid>(known, there);
}

async function* byFlags(
  mailbox: ComparedMailbox,
  known: MailboxState,
  options: ChangesOptions,
): AsyncGenerator<MailboxDifference, void> {
  const before = known.flags ?? new Map<string, UidSet>();
  const groups = new FlagGroups();
  const came = new IdSetBuilder<Uid>();
  const unread = new IdSetBuilder<Uid>();
  let isBlind = false;
  const { onIncomplete } = options;
  const watched = onIncomplete && {
    onIncomplete: (message: IncompleteMessage) => {
      if (message.uid === undefined) isBlind = true;
      else unread.add(message.uid);
      onIncomplete(message);
    },
  };
  if (mailbox.exists > 0) {
    for await (const { uid, flags } of mailbox.fetch({ flags: true }, undefined, undefined, {
      ...options,
      ...watched,
    })) {
      const key = flagsKey(flags);
      came.add(uid);
      groups.add(uid, key);
      const isNew = !contains(known.uids, uid);
      const isSame = !isNew && contains(before.get(key) ?? NONE, uid);
      if (!isSame) yield { type: 'message', uid, flags, modSeq: undefined, isNew };
    }
  }
  const there = union<Uid>(came.build(), intersection<Uid>(unread.build(), known.uids));
  // Who could not be read at all may be any of those that did not come.
  const vanished = isBlind ? emptySet<Uid>() : goneFrom(mailbox, known.uids, there);
  if (!isEmpty(vanished)) yield { type: 'vanished', uids: vanished };
  const uids = union<Uid>(difference<Uid>(known.uids, vanished), there);
  yield { type: 'cursor', cursor: formatCursor({ ...known, modSeq: undefined, uids, flags: groups.build() }) };
}

const NONE: UidSet = emptySet();

function higher(left: ModSeq | undefined, right: ModSeq | undefined): ModSeq | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return left > right ? left : right;
}
