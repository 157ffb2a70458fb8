import {
  type Account,
  collectBytes,
  equalBytes,
  MAX_ID,
  type Mailbox,
  type MailboxPath,
  sameFlags,
  type Uid,
  uid as uidOf,
} from '@posthorn/core';
import { rangeSet } from '@posthorn/message-set';

/** How a mailbox of one account compares with the one of the same name in another. */
export interface MailboxComparison {
  readonly path: MailboxPath;
  readonly messages: number;
  readonly bytes: number;
  /** Messages that are missing, that only the other account has, or that differ in octets, flags or date. */
  readonly differences: number;
}

/** Compares all mailboxes and messages of two accounts: UIDs, octets, flags and dates. */
export async function compareAccounts(left: Account, right: Account): Promise<readonly MailboxComparison[]> {
  const comparisons: MailboxComparison[] = [];
  for (const { path, isSelectable } of await left.list()) {
    if (isSelectable)
      comparisons.push(await compareMailboxes(path, await left.mailbox(path), await right.mailbox(path)));
  }
  return comparisons;
}

async function compareMailboxes(path: MailboxPath, left: Mailbox, right: Mailbox): Promise<MailboxComparison> {
  const everything = rangeSet(uidOf(1), uidOf(MAX_ID));
  const unmatched = new Map<Uid, { flags: readonly string[]; seconds: number }>();
  for await (const { uid, flags, internalDate } of right.scan(everything, ['flags', 'internalDate'])) {
    unmatched.set(uid, { flags, seconds: internalDate.epochSeconds });
  }
  let [messages, bytes, differences] = [0, 0, left.uidValidity === right.uidValidity ? 0 : 1];
  for await (const { uid, flags, internalDate } of left.scan(everything, ['flags', 'internalDate'])) {
    const twin = unmatched.get(uid);
    unmatched.delete(uid);
    const octets = await octetsOf(left, uid);
    messages += 1;
    bytes += octets.length;
    const isSame =
      twin !== undefined &&
      twin.seconds === internalDate.epochSeconds &&
      sameFlags(flags, twin.flags) &&
      equalBytes(octets, await octetsOf(right, uid));
    if (!isSame) differences += 1;
  }
  return { path, messages, bytes, differences: differences + unmatched.size };
}

async function octetsOf(mailbox: Mailbox, uid: Uid): Promise<Uint8Array> {
  const body = await mailbox.read(uid);
  try {
    return await collectBytes(body.stream());
  } finally {
    await body.release();
  }
}
