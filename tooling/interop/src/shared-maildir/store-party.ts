import { type Account, collectBytes, type MailboxPath, StoreError, uid } from '@posthorn/core';
import { rangeSet, setOf } from '@posthorn/message-set';
import { comparableFlags, type Party, type SeenMailbox, type SeenMessage } from './party.ts';

const EVERY = rangeSet(uid(1), uid(0xffff_ffff));

/** An account of a store of ours. */
export function storeParty(account: Account): Party {
  const mailboxOf = (name: string) => account.mailbox(pathOf(name));
  const setOfUids = (uids: readonly number[]) => setOf(uids.map(uid));
  return {
    name: 'the store',
    mailboxes: async () =>
      (await account.list())
        .filter(({ isSelectable }) => isSelectable)
        .map(({ path }) => path.join('/'))
        .sort(),
    look: (name) =>
      ifThere(async () => {
        const found: SeenMessage[] = [];
        for await (const { uid: id, flags, envelope } of (await mailboxOf(name)).scan(EVERY, ['flags', 'envelope']))
          found.push({ uid: id, flags: comparableFlags(flags), token: envelope.subject ?? '' });
        return found;
      }),
    lookClosely: (name) => ifThere(() => lookClosely(account, pathOf(name))),
    deliver: async (name, { octets }, flags) => {
      await (await mailboxOf(name)).append([{ body: [octets], flags }]);
    },
    store: async (name, uids, operation, flags) => {
      await (await mailboxOf(name)).store(setOfUids(uids), operation, flags);
    },
    expunge: async (name, uids) => {
      await (await mailboxOf(name)).expunge(setOfUids(uids));
    },
    transfer: async (from, uids, to, mode) => {
      await account.transfer(pathOf(from), setOfUids(uids), pathOf(to), mode);
    },
    create: async (name) => {
      await account.create(pathOf(name));
    },
    rename: (from, to) => account.rename(pathOf(from), pathOf(to)),
    delete: (name) => account.delete(pathOf(name)),
    close: () => account.close(),
  };
}

async function lookClosely(account: Account, path: MailboxPath): Promise<SeenMailbox> {
  const mailbox = await account.mailbox(path);
  const messages: SeenMailbox['messages'][number][] = [];
  for await (const { uid: id, flags, envelope } of mailbox.scan(EVERY, ['flags', 'envelope'])) {
    const body = await mailbox.read(id);
    const octets = Buffer.from(await collectBytes(body.stream())).toString('latin1');
    await body.release();
    messages.push({ uid: id, token: envelope.subject ?? '', flags: comparableFlags(flags), octets });
  }
  return { uidValidity: mailbox.uidValidity, messages };
}

async function ifThere<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreError && error.code === 'STORE_NONEXISTENT') return undefined;
    throw error;
  }
}

function pathOf(name: string): MailboxPath {
  return name.split('/') as unknown as MailboxPath;
}
