import { applyFlags, type Flag, hasFlag, type SequenceNumber, SYSTEM_FLAGS } from '@posthorn/core';
import { count } from '@posthorn/message-set';
import type { FetchItems } from '@posthorn/wire';
import { bad, type Completion, no, ok } from '../replies.ts';
import type { Session } from '../session.ts';
import type { CommandOf } from './command-of.ts';

/** @see RFC 9051 section 6.4.6 */
export async function store(session: Session, command: CommandOf<'STORE'>): Promise<Completion> {
  const { messages, operation, flags, isSilent } = command;
  const { signal, output } = session;
  const selected = session.openMailbox();
  const { view, mailbox } = selected;
  if (selected.isReadOnly) return no('The mailbox is read-only', 'READ-ONLY');
  if (command.unchangedSince !== undefined) return bad('CONDSTORE is not offered');
  const unknown = unknownSystemFlag(flags);
  if (unknown !== undefined) return bad(`There is no flag ${unknown}`);
  await selected.refresh(signal);
  await session.send(view.announce());
  const numbers = view.resolve(messages);
  if (numbers === undefined) return bad('There is no message with that number');
  if (numbers.bounds.length === 0) return ok('No message has such a UID');

  const { stored } = await mailbox.store(view.uidsOf(numbers), operation, flags, { signal });
  view.applyStored(stored, isSilent ? (before) => applyFlags(before, operation, flags) : undefined);
  if (!isSilent) {
    for (const { uid } of stored) {
      const number = view.numberOf(uid);
      if (number === undefined) continue;
      const told: FetchItems = { flags: view.flagsAt(number) };
      await session.send(view.announceKeywords());
      output.send({ type: 'fetch', sequenceNumber: number, items: messages.type === 'uids' ? { uid, ...told } : told });
      view.toldFlags(uid);
      if (output.isFull) await output.flush();
    }
  }
  const isWhole = stored.length === count<SequenceNumber>(numbers);
  if (isWhole || messages.type === 'uids') return ok('Done');
  return no('Some of the messages no longer exist', 'EXPUNGEISSUED');
}

/** The first flag that looks like a system flag and is none that clients may set. */
export function unknownSystemFlag(flags: readonly Flag[]): Flag | undefined {
  return flags.find((flag) => flag.startsWith('\\') && flag !== '\\Recent' && !hasFlag(SYSTEM_FLAGS, flag));
}
