import {
  type Account,
  type BodyHandle,
  MAX_ID,
  type Mailbox,
  MailError,
  type Uid,
  type UidSet,
  uid as uidOf,
} from '@posthorn/core';
import { rangeSet } from '@posthorn/message-set';
import type { SourceMailbox, SourceMailboxInfo, SourceMessage, SourceOptions, SyncSource } from './source.ts';

/**
 * An account of a mail store as the source of a sync. It is only read.
 *
 * @param name - Names the account; what the sync remembers is kept under it.
 */
export function accountSource(account: Account, name: string): SyncSource {
  return {
    name,
    async list({ signal }: SourceOptions) {
      const infos: SourceMailboxInfo[] = [];
      for (const { path, isSelectable, isSubscribed, specialUse } of await account.list({ signal })) {
        if (isSelectable) infos.push({ path, key: JSON.stringify(path), isSubscribed, specialUse });
      }
      return infos;
    },
    async open({ path }: SourceMailboxInfo, { signal }: SourceOptions) {
      const { messages, uidNext, highestModSeq } = await account.status(path, { signal });
      const mailbox = await account.mailbox(path, { signal });
      return reader(mailbox, messages, { uidNext, highestModSeq });
    },
  };
}

function reader(
  mailbox: Mailbox,
  messages: number,
  figures: Pick<SourceMailbox, 'uidNext' | 'highestModSeq'>,
): SourceMailbox {
  return {
    ...figures,
    uidValidity: mailbox.uidValidity,
    messages,
    currentMessages: messages,
    flags: ({ signal }) => mailbox.scan(rangeSet(uidOf(1), uidOf(MAX_ID)), ['flags'], { signal }),
    metadata: (uids, { signal }) => mailbox.scan(uids, ['size', 'internalDate'], { signal }),
    messagesOf: (uids, options) => bodies(mailbox, uids, options),
  };
}

async function* bodies(mailbox: Mailbox, uids: UidSet, { signal }: SourceOptions): AsyncGenerator<SourceMessage> {
  for await (const { uid, flags, internalDate } of mailbox.scan(uids, ['flags', 'internalDate'], { signal })) {
    const body = await openBody(mailbox, uid, signal);
    if (body === undefined) continue;
    try {
      yield { uid, flags, internalDate, body };
    } finally {
      await body.release();
    }
  }
}

/** Undefined for a message that is gone by now. */
async function openBody(mailbox: Mailbox, uid: Uid, signal: AbortSignal | undefined): Promise<BodyHandle | undefined> {
  try {
    return await mailbox.read(uid, undefined, { signal });
  } catch (error) {
    if (MailError.is(error) && error.code === 'STORE_EXPUNGED') return undefined;
    throw error;
  }
}
