import {
  applyFlags,
  type Flag,
  hasFlag,
  type MessageSummary,
  type SequenceNumber,
  SYSTEM_FLAGS,
  sameFlags,
  type UidSet,
} from '@posthorn/core';
import { count, sequenceSetOf } from '@posthorn/message-set';
import type { FetchItems, ResponseCode } from '@posthorn/wire';
import { namesUids } from '../protocol/command-rules.ts';
import { bad, type Completion, no, ok } from '../replies/replies.ts';
import type { SelectedMailbox } from '../selected/selected-mailbox.ts';
import type { Session } from '../session/session.ts';
import { permitted } from '../sharing/rights.ts';
import type { CommandOf } from './command-of.ts';
import { enableCondstore } from './enable.ts';

/** @see RFC 9051 section 6.4.6, RFC 7162 section 3.1.3 */
export async function store(session: Session, command: CommandOf<'STORE'>): Promise<Completion> {
  const { messages, operation, flags, unchangedSince } = command;
  const { signal } = session;
  const selected = session.openMailbox();
  const { view, mailbox } = selected;
  if (selected.isReadOnly) return no('The mailbox is read-only', 'READ-ONLY');
  if (unchangedSince !== undefined) {
    if (!selected.hasModSeq) return bad('The mailbox has no lasting mod-sequences');
    enableCondstore(session);
  }
  const mistake = mistakeIn(flags);
  if (mistake !== undefined) return bad(mistake);
  const allowed = permitted(selected.rights, flags);
  // To replace the flags is to change every flag. RFC 4314 section 4.
  const isRefused =
    operation === 'replace'
      ? ![...'swt'].every((right) => selected.rights.includes(right))
      : allowed.length === 0 && flags.length > 0;
  if (isRefused) return no('You may not change these flags', 'NOPERM');
  await selected.refresh(signal);
  await session.send(view.announce());
  const numbers = selected.resolve(messages);
  if (numbers === undefined) return bad('Invalid messageset: there is no message with that number');
  if (numbers.bounds.length === 0) return ok('There was nothing to store');

  const { stored, modified } = await mailbox.store(view.uidsOf(numbers), operation, allowed, {
    unchangedSince,
    signal,
  });
  await tellStored(session, selected, { ...command, flags: allowed }, stored);
  const isUid = namesUids(messages);
  const code = modified.bounds.length === 0 ? undefined : modifiedCode(selected, modified, isUid);
  const isWhole = stored.length + count(modified) === count<SequenceNumber>(numbers);
  if (isWhole || isUid) return ok(code === undefined ? 'Done' : 'Some messages were changed before', code);
  const text = 'Some of the messages no longer exist';
  if (code !== undefined) return no(text, code);
  // The others were changed, and most clients take a NO for a STORE that did nothing. RFC 5530 section 3.
  return ok(text, { type: 'atom', name: 'EXPUNGEISSUED' });
}

/**
 * Answers for each message. A silent STORE is answered with mod-sequences alone, to those who follow them, unless a
 * message came out other than the client can work out.
 */
async function tellStored(
  session: Session,
  { view, hasModSeq }: SelectedMailbox,
  { messages, operation, flags, isSilent }: CommandOf<'STORE'>,
  stored: readonly MessageSummary[],
): Promise<void> {
  const tellsModSeq = session.modes.condstore && hasModSeq;
  const expected = (before: readonly Flag[]): readonly Flag[] => applyFlags(before, operation, flags);
  const surprising = new Set<number>();
  if (isSilent && tellsModSeq) {
    for (const { uid, flags: now } of stored) {
      const number = view.numberOf(uid);
      if (number !== undefined && !sameFlags(expected(view.keptFlagsAt(number)), now)) surprising.add(uid);
    }
  }
  view.applyStored(stored, isSilent ? expected : undefined);
  if (isSilent && !tellsModSeq) return;
  for (const { uid } of stored) {
    const number = view.numberOf(uid);
    if (number === undefined) continue;
    const told: { -readonly [Item in keyof FetchItems]: FetchItems[Item] } = {};
    if (namesUids(messages) || tellsModSeq) told.uid = uid;
    if (!isSilent || surprising.has(uid)) {
      told.flags = view.flagsAt(number);
      await session.send(view.announceKeywords());
      view.toldFlags(uid);
    }
    if (tellsModSeq) told.modSeq = view.modSeqAt(number);
    await session.send([{ type: 'fetch', sequenceNumber: number, items: told }]);
  }
}

/** Which messages were left alone, in the client's terms. */
function modifiedCode({ view }: SelectedMailbox, modified: UidSet, isUid: boolean): ResponseCode {
  const set = isUid ? sequenceSetOf(modified) : sequenceSetOf(view.numbersOf(modified));
  return { type: 'modified', set };
}

/** Why clients may not set some flags: one looks like a system flag and is none, or holds what no atom may. */
export function mistakeIn(flags: readonly Flag[]): string | undefined {
  const unknown = flags.find((flag) => flag.startsWith('\\') && flag !== '\\Recent' && !hasFlag(SYSTEM_FLAGS, flag));
  if (unknown !== undefined) return `There is no flag ${unknown}`;
  return flags.every((flag) => NAME.test(flag)) ? undefined : 'A flag holds a character that none may hold';
}

/** A flag behind its backslash is an atom. @see RFC 9051 section 9, `flag` */
const NAME = /^\\?[!#$&'+-[^-z|}~]+$/;
