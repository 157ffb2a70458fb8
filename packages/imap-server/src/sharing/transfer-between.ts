import type { AbortOptions, Account, Mailbox, MailboxPath, NewMessage, Uid, UidPairs, UidSet } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { withPermittedFlags } from './shared-mailbox.ts';

/** A mailbox that messages come from or go to. */
export interface TransferEnd {
  readonly account: Account;
  readonly path: MailboxPath;
  /** What the user may do with it. */
  readonly rights: string;
}

/**
 * Copies or moves messages between accounts, all or none. Within one account the store does it, unless flags are to be
 * left out.
 * @see RFC 4314 section 4, `COPY`
 */
export async function transferBetween(
  source: TransferEnd,
  uids: UidSet,
  target: TransferEnd,
  mode: 'copy' | 'move',
  options?: AbortOptions,
): Promise<UidPairs> {
  const keepsFlags = [...'swt'].every((right) => target.rights.includes(right));
  if (source.account === target.account && keepsFlags)
    return source.account.transfer(source.path, uids, target.path, mode, options);
  const from = await source.account.mailbox(source.path, options);
  const to = await target.account.mailbox(target.path, options);
  const taken: Uid[] = [];
  const copies = withPermittedFlags(messagesOf(from, uids, taken, options), target.rights);
  const { uidValidity, uids: given } = await to.append(copies, options);
  if (mode === 'move') await removeMoved(from, setOf(taken), { to, given: setOf(given) });
  return { uidValidity, from: taken, to: given };
}

/** Messages as they are read; their UIDs are noted. */
async function* messagesOf(
  mailbox: Mailbox,
  uids: UidSet,
  taken: Uid[],
  options?: AbortOptions,
): AsyncGenerator<NewMessage, void, undefined> {
  for await (const { uid, flags, internalDate } of mailbox.scan(uids, ['flags', 'internalDate'], options)) {
    const body = await mailbox.read(uid, undefined, options);
    try {
      taken.push(uid);
      yield { body: body.stream(), flags, internalDate };
    } finally {
      await body.release();
    }
  }
}

/** Takes away what was copied. When that fails the copies go too: there is never a message too many. */
async function removeMoved(
  from: Mailbox,
  moved: UidSet,
  { to, given }: { readonly to: Mailbox; readonly given: UidSet },
): Promise<void> {
  try {
    await from.expunge(moved);
  } catch (error) {
    await to.expunge(given);
    throw error;
  }
}
