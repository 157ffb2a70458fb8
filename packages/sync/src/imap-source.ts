import type { ModSeq, UidSet } from '@posthorn/core';
import type { ImapClient, ListedMailbox, SelectedMailbox } from '@posthorn/imap-client';
import type { SourceMailbox, SourceMailboxInfo, SourceOptions, SyncSource } from './source.ts';

/**
 * An IMAP account as the source of a sync. The connection is used for nothing else meanwhile, and stays open.
 * Mailboxes are only ever examined: nothing changes at the source, not even `\Seen` or `\Recent`.
 *
 * @param name - Names the account, such as `alice@mail.example.org`.
 */
export function imapSource(client: ImapClient, name: string): SyncSource {
  const listed = new Map<string, ListedMailbox>();
  return {
    name,
    async list({ signal }: SourceOptions) {
      listed.clear();
      const infos: SourceMailboxInfo[] = [];
      for (const mailbox of await client.list({ signal })) {
        if (!mailbox.isSelectable) continue;
        const key = mailbox.name.wire;
        listed.set(key, mailbox);
        infos.push({
          path: mailbox.path,
          key,
          isSubscribed: mailbox.isSubscribed ?? true,
          specialUse: mailbox.specialUse,
        });
      }
      return infos;
    },
    async open(info: SourceMailboxInfo, { signal }: SourceOptions) {
      const mailbox = listed.get(info.key);
      if (mailbox === undefined) throw new RangeError(`the source did not list ${info.path.join('/')}`);
      return reader(await client.select(mailbox, { readOnly: true, signal }));
    },
  };
}

function reader(mailbox: SelectedMailbox): SourceMailbox {
  return {
    uidValidity: mailbox.uidValidity,
    uidNext: mailbox.uidNext,
    messages: mailbox.exists,
    highestModSeq: mailbox.highestModSeq as ModSeq | undefined,
    flags: ({ signal }) => (mailbox.exists === 0 ? nothing() : mailbox.fetch('1:*', { flags: true }, { signal })),
    metadata: (uids: UidSet, { signal }) => mailbox.fetch(uids, { size: true, internalDate: true }, { signal }),
    messagesOf: (uids: UidSet, { signal }) =>
      mailbox.fetch(uids, { flags: true, internalDate: true, body: true }, { signal }),
  };
}

async function* nothing(): AsyncGenerator<never> {}
