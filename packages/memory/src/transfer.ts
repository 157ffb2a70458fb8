import { MAX_ID, type MailboxPath, StoreError, type Uid, type UidPairs, type UidSet } from '@posthorn/core';
import { checkRoom } from './account-quota.ts';
import type { AccountState } from './account-state.ts';

/** One step of `Account.transfer`: nobody sees the messages in both mailboxes or in neither. */
export function transfer(
  account: AccountState,
  from: MailboxPath,
  uids: UidSet,
  to: MailboxPath,
  mode: 'copy' | 'move',
): UidPairs {
  const source = account.mailboxAt(from);
  const target = account.mailboxAt(to);
  const records = source.select(uids);
  if (target.uidNext + records.length > MAX_ID + 1)
    throw new StoreError('STORE_LIMIT', 'no UID is left in the mailbox');
  if (account.counts(target) && (mode === 'copy' || !account.counts(source))) {
    const storage = records.reduce((total, { content }) => total + content.size, 0);
    checkRoom(account, { storage, messages: records.length });
  }
  const savedSeconds = Math.floor(account.settings.clock() / 1_000);
  const fresh = records.map((record, index) => ({
    ...record,
    uid: (target.uidNext + index) as Uid,
    flags: target.flagsOf(record.flags),
    savedSeconds,
  }));
  target.add(fresh);
  if (mode === 'move') source.remove(records);
  if (records.length > 0) {
    account.hub.notify(target.path);
    if (mode === 'move') account.hub.notify(source.path);
  }
  return {
    uidValidity: target.uidValidity,
    from: records.map((record) => record.uid),
    to: fresh.map((record) => record.uid),
  };
}
