import type { AbortOptions, AccountMetadata, MailboxPath, MetadataEntries } from '@posthorn/core';
import type { AccountState } from './account-state.ts';

/** Annotations, kept with what they are about. */
export function memoryMetadata(open: (signal?: AbortSignal) => AccountState): AccountMetadata {
  return {
    async entries(path: MailboxPath | undefined, { signal }: AbortOptions = {}): Promise<MetadataEntries> {
      return new Map(annotationsOf(open(signal), path));
    },
    async change(path, entries, { signal }: AbortOptions = {}) {
      await open(signal).change('annotate', signal, () => {
        const account = open();
        const kept = annotationsOf(account, path);
        let isChanged = false;
        for (const [name, value] of entries) {
          isChanged ||= kept.get(name) !== (value ?? undefined);
          if (value === null) kept.delete(name);
          else kept.set(name, value);
        }
        if (!isChanged) return;
        // There is no hint about an account: who watches it looks at everything.
        if (path === undefined) return account.hub.notify(['INBOX']);
        const mailbox = account.mailboxAt(path);
        // RFC 7162 section 3.2: a client that comes back is to learn of it.
        mailbox.highestModSeq++;
        account.hub.notify(mailbox.path);
      });
    },
  };
}

function annotationsOf(account: AccountState, path: MailboxPath | undefined): Map<string, string> {
  return path === undefined ? account.annotations : account.mailboxAt(path).annotations;
}
