import type { AbortOptions, Account, Mailbox } from '@posthorn/core';
import { expectEqual } from './expect.ts';
import { all, appendMails, EVERY, mail, uidsIn } from './mail.ts';

/** What one can see of an account: the messages of each mailbox. */
export type Picture = Readonly<Record<string, readonly string[]>>;

/** Something one can ask of an account. */
export type Operation = (account: Account, inbox: Mailbox, options: AbortOptions) => Promise<unknown>;

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  list: (account, _, options) => account.list(options),
  create: (account, _, options) => account.create(['Fresh'], options),
  delete: (account, _, options) => account.delete(['Target'], options),
  rename: (account, _, options) => account.rename(['Target'], ['Elsewhere'], options),
  subscribe: (account, _, options) => account.subscribe(['Target'], true, options),
  status: (account, _, options) => account.status(['INBOX'], options),
  mailbox: (account, _, options) => account.mailbox(['INBOX'], options),
  copy: (account, _, options) => account.transfer(['INBOX'], EVERY, ['Target'], 'copy', options),
  move: (account, _, options) => account.transfer(['INBOX'], EVERY, ['Target'], 'move', options),
  changes: (_, inbox, options) => inbox.changes(undefined, options),
  keywords: (_, inbox, options) => inbox.keywords(options),
  scan: (_, inbox, options) => all(inbox.scan(EVERY, ['flags'], options)),
  read: async (_, inbox, options) => inbox.read((await uidsIn(inbox))[0]!, undefined, options),
  append: (_, inbox, options) => inbox.append([{ body: [mail('c')] }, { body: [mail('d')] }], options),
  store: (_, inbox, options) => inbox.store(EVERY, 'add', ['\\Seen'], options),
  expunge: (_, inbox, options) => inbox.expunge(EVERY, options),
  claimRecent: (_, inbox, options) => inbox.claimRecent('session' as never, options),
};

/** Those of them that change several things, which happen together or not at all. */
export const CHANGES: readonly string[] = ['create', 'delete', 'rename', 'copy', 'move', 'append', 'store', 'expunge'];

/** Fills an account for the operations. */
export async function prepare(account: Account, inbox: Mailbox): Promise<void> {
  await account.create(['Target']);
  await account.create(['Target', 'Child']);
  await appendMails(inbox, 'a', 'b');
}

/** What one can see of an account, without what an abandoned attempt may use up. */
export async function picture(account: Account): Promise<Picture> {
  const found: Record<string, readonly string[]> = {};
  for (const { path, isSelectable, isSubscribed } of await account.list()) {
    if (!isSelectable) continue;
    const rows = await all((await account.mailbox(path)).scan(EVERY, ['flags']));
    found[path.join('/')] = [
      String(isSubscribed),
      ...rows.map((row) => `${row.uid} ${[...row.flags].sort().join(' ')}`),
    ];
  }
  return found;
}

/** Checks the picture after an operation that took place: both messages, or both mailboxes, together. */
export function expectWhole(name: string, before: Picture, after: Picture): void {
  const count = (path: string): number => (after[path]?.length ?? 0) - 1;
  const figures = [
    count('INBOX'),
    count('Target'),
    count('Target/Child'),
    count('Elsewhere'),
    count('Elsewhere/Child'),
  ];
  const expected: Readonly<Record<string, readonly number[]>> = {
    create: [2, 0, 0, -1, -1],
    delete: [2, -1, 0, -1, -1],
    rename: [2, -1, -1, 0, 0],
    copy: [2, 2, 0, -1, -1],
    move: [0, 2, 0, -1, -1],
    append: [4, 0, 0, -1, -1],
    store: [2, 0, 0, -1, -1],
    expunge: [0, 0, 0, -1, -1],
  };
  expectEqual(figures, expected[name], `messages in each mailbox after an aborted ${name} that took place`);
  if (name === 'store') {
    const seen = after['INBOX']!.filter((row) => row.endsWith(' \\Seen')).length;
    expectEqual(seen, before['INBOX']!.length - 1, 'messages that are seen');
  }
}
