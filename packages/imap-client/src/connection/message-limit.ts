/**
 * Servers that deal with so many messages in one command, from the highest UID down, and leave the rest for the next.
 * @see RFC 9738
 * @module
 */
import type { Uid } from '@posthorn/core';
import type { MessageRange, SequenceSet } from '@posthorn/message-set';
import type { MessageSelector, StatusResponse } from '@posthorn/wire';
import { ImapError } from '../errors.ts';

/** The lowest UID that a command has dealt with, when there may be more below it. */
export function limitOf({ code }: StatusResponse): Uid | undefined {
  return code?.type === 'messageLimit' ? code.lowestUid : undefined;
}

/**
 * What of the messages is left for another command; undefined when nothing is.
 * @throws ImapError `IMAP_UNSUPPORTED` when the rest has no name that is known here
 */
export function restOf(messages: MessageSelector, response: StatusResponse): MessageSelector | undefined {
  const lowest = limitOf(response);
  if (lowest === undefined) return undefined;
  if (messages.type !== 'uids')
    throw new ImapError('IMAP_UNSUPPORTED', 'the server took only some of the messages, and can go on by UID alone');
  const set = below(messages.set, lowest);
  // A limit above all that was asked for leaves nothing out, and must not be asked about for ever.
  const isShorter = messages.set.ranges.some(({ last }) => last === '*' || last >= lowest);
  return isShorter && set.ranges.length > 0 ? { type: 'uids', set } : undefined;
}

function below({ ranges }: SequenceSet<Uid>, uid: Uid): SequenceSet<Uid> {
  const rest: MessageRange<Uid>[] = [];
  for (const { first, last } of ranges) {
    if (first === '*' || first >= uid) continue;
    rest.push({ first, last: last === '*' || last >= uid ? ((uid - 1) as Uid) : last });
  }
  return { ranges: rest };
}
