import type { SequenceNumber, Uid, UidSet } from '@posthorn/core';
import { emptySet, type SequenceSet, union } from '@posthorn/message-set';
import type { Command, MessageSelector } from '@posthorn/wire';
import type { UntaggedEvent } from '../connection/client-events.ts';
import type { MessageSelection } from './message-selection.ts';
import { type CommandOptions, requireExtension, runAll, type Selection } from './selection.ts';

/** What went while a mailbox was expunged, whoever flagged it. */
export interface ExpungeResult {
  /** In the order told: each number counts from what was left by those before it. */
  readonly sequenceNumbers: readonly SequenceNumber[];
  /** From servers that tell by UID. @see RFC 7162 section 3.2.10 */
  readonly vanished: UidSet;
}

const MOST_TOLD = 1_000_000;

/** Removes messages flagged `\Deleted`: all of them, or those that are meant. */
export async function expungeMessages(
  selection: Selection,
  uids: MessageSelection | undefined,
  { signal }: CommandOptions,
): Promise<ExpungeResult> {
  const sequenceNumbers: SequenceNumber[] = [];
  let vanished: UidSet = emptySet();
  let lastSeen: UntaggedEvent | undefined;
  // Everybody else hears of it too.
  const accept = (event: UntaggedEvent): boolean => {
    if (event === lastSeen) return false;
    lastSeen = event;
    if (event.type === 'expunge') {
      if (sequenceNumbers.length < MOST_TOLD) sequenceNumbers.push(event.sequenceNumber);
    }
    if (event.type === 'vanished' && !event.isEarlier) vanished = union<Uid>(vanished, event.uids);
    return false;
  };
  if (uids === undefined) await selection.connection.run({ name: 'EXPUNGE' }, { signal, accept });
  else {
    requireExtension(selection, 'UIDPLUS', 'expunge by UID');
    await runAll(selection, uids, toCommand, { signal, accept });
  }
  return { sequenceNumbers, vanished };
}

function toCommand(selector: MessageSelector): Command {
  return { name: 'EXPUNGE', uids: selector.type === 'saved' ? '$' : (selector.set as SequenceSet<Uid>) };
}
