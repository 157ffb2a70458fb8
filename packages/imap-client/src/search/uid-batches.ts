import { type Uid, type UidSet, uid } from '@posthorn/core';
import { setFromRanges } from '@posthorn/message-set';
import { extensionCommand, readExtension } from '@posthorn/wire/extensions';
import type { UntaggedEvent } from '../connection/client-events.ts';
import { ImapError } from '../errors.ts';
import { checkSelected, requireExtension, type Selection } from '../mailbox/selection.ts';

/** Which ranges to ask for, counted from 1: the newest first. */
export interface BatchRange {
  readonly first: number;
  readonly last: number;
}

/** A mailbox has not so many batches that it is sensible to ask for. */
const MOST_BATCHES = 100_000;

/**
 * Ranges of UIDs that hold `size` messages each, the last one perhaps fewer, the newest first: for going through a
 * mailbox piece by piece without a list of its UIDs.
 * @throws ImapError `IMAP_UNSUPPORTED`, `IMAP_PROTOCOL`
 * @see draft-ietf-mailmaint-imap-uidbatches
 */
export async function readUidBatches(
  selection: Selection,
  size: number,
  range: BatchRange | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly UidSet[]> {
  checkSelected(selection);
  requireExtension(selection, 'UIDBATCHES', 'tell batches of UIDs');
  let batches: readonly UidSet[] | undefined;
  let isBroken = false;
  const accept = (event: UntaggedEvent): boolean => {
    if (event.type !== 'unknown' || event.name !== 'UIDBATCHES') return false;
    const data = readExtension(event);
    if (data?.type !== 'uidBatches' || data.batches.length > MOST_BATCHES) isBroken = true;
    else batches = data.batches.map(({ first, last }) => between(first, last));
    return true;
  };
  const command = extensionCommand({ name: 'UIDBATCHES', size, ...(range && { range }) });
  await selection.connection.run(command, { signal, accept });
  if (isBroken || batches === undefined)
    throw new ImapError('IMAP_PROTOCOL', 'the server answered UIDBATCHES without batches that can be read');
  return batches;
}

/** The ends come highest first. */
function between(one: Uid, other: Uid): UidSet {
  const [first, last] = one < other ? [one, other] : [other, one];
  return setFromRanges([{ first: uid(first), last: uid(last) }]);
}
