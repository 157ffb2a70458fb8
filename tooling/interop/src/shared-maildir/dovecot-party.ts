import { uid } from '@posthorn/core';
import {
  type ConnectOptions,
  connect,
  type ImapClient,
  type SelectedMailbox,
  ServerRefusedError,
} from '@posthorn/imap-client';
import { setOf } from '@posthorn/message-set';
import { comparableFlags, type Party, type SeenMessage } from './party.ts';

const HEADER = { subject: { text: 'HEADER.FIELDS', fields: ['Subject'] } } as const;

/** A session of a real server. */
export async function dovecotParty(options: ConnectOptions): Promise<Party> {
  const client = await connect(options);
  const known = new Map<string, string>();
  return {
    name: 'Dovecot',
    mailboxes: async () =>
      (await client.list())
        .filter(({ isSelectable }) => isSelectable)
        .map(({ path }) => path.join('/'))
        .sort(),
    look: async (mailbox) => {
      const selected = await selectIfThere(client, mailbox);
      return selected && look(selected, mailbox, known);
    },
    lookClosely: async (mailbox) => {
      const selected = await selectIfThere(client, mailbox);
      if (selected === undefined) return undefined;
      const messages: (SeenMessage & { octets: string })[] = [];
      for await (const { uid: id, flags, body } of selected.fetch('1:*', { flags: true, body: true })) {
        const octets = Buffer.from(await body.bytes()).toString('latin1');
        messages.push({ uid: id, token: tokenOf(octets), flags: comparableFlags(flags), octets });
      }
      return { uidValidity: selected.uidValidity, messages: messages.sort((one, other) => one.uid - other.uid) };
    },
    deliver: async (mailbox, { octets }, flags) => {
      await client.append(mailbox, { body: octets, flags });
    },
    store: async (mailbox, uids, operation, flags) => {
      const selected = await client.select(mailbox);
      await selected.store(setOf(uids.map(uid)), operation, flags);
    },
    expunge: async (mailbox, uids) => {
      const selected = await client.select(mailbox);
      await selected.store(setOf(uids.map(uid)), 'add', ['\\Deleted']);
      await selected.expunge(setOf(uids.map(uid)));
    },
    transfer: async (from, uids, to, mode) => {
      const selected = await client.select(from);
      await selected[mode](setOf(uids.map(uid)), to);
    },
    create: (mailbox) => client.create(mailbox),
    rename: (from, to) => client.rename(from, to),
    delete: async (mailbox) => {
      // Dovecot ends a session whose own mailbox goes.
      await client.select('INBOX');
      await client.delete(mailbox);
    },
    close: () => client.close(),
  };
}

async function selectIfThere(client: ImapClient, mailbox: string): Promise<SelectedMailbox | undefined> {
  try {
    return await client.select(mailbox, { readOnly: true });
  } catch (error) {
    if (error instanceof ServerRefusedError) return undefined;
    throw error;
  }
}

/** Subjects are asked for once: no UID ever names another message. */
async function look(
  selected: SelectedMailbox,
  mailbox: string,
  known: Map<string, string>,
): Promise<readonly SeenMessage[]> {
  const key = (id: number): string => `${mailbox} ${selected.uidValidity} ${id}`;
  const found: { readonly uid: number; readonly flags: readonly string[] }[] = [];
  for await (const { uid: id, flags } of selected.fetch('1:*', { flags: true }))
    found.push({ uid: id, flags: comparableFlags(flags) });
  const unknown = found.filter((each) => !known.has(key(each.uid))).map((each) => uid(each.uid));
  if (unknown.length > 0) {
    for await (const { uid: id, sections } of selected.fetch(setOf(unknown), { sections: HEADER }))
      if (sections.subject !== null) known.set(key(id), tokenOf(Buffer.from(sections.subject).toString('latin1')));
  }
  return found
    .filter((each) => known.has(key(each.uid)))
    .map((each) => ({ ...each, token: known.get(key(each.uid))! }))
    .sort((one, other) => one.uid - other.uid);
}

function tokenOf(text: string): string {
  return /^Subject: (.*)$/im.exec(text)?.[1]?.trim() ?? '';
}
