import type { Account, AccountId, Mailbox, MailStore, NewMessage } from '@posthorn/core';
import { accountId, hasFlag, uid } from '@posthorn/core';
import { emptySet, ids, rangeSet, setOf } from '@posthorn/message-set';

/** Replaces methods of the accounts and mailboxes of a store. */
export interface Breakage {
  readonly store?: (store: MailStore) => Partial<MailStore>;
  readonly account?: (account: Account) => Partial<Account>;
  readonly mailbox?: (mailbox: Mailbox, account: Account) => Partial<Mailbox>;
}

/** A store that breaks a promise, and a part of the name of the test that must notice. */
export interface BrokenStore extends Breakage {
  readonly fault: string;
  readonly noticed: string;
}

const EVERY = rangeSet(uid(1), uid(4_294_967_295));

export const BROKEN: readonly BrokenStore[] = [
  {
    fault: 'writes bare LF (D2)',
    noticed: 'keeps CRLF line ends',
    mailbox: (mailbox) => ({ append: (batch, options) => mailbox.append(mapped(batch, withoutCr), options) }),
  },
  {
    fault: 'copies nothing but a line end (D1)',
    noticed: 'copy keeps octets',
    account: (account) => ({
      transfer: async (from, uids, to) => {
        const source = await account.mailbox(from);
        const target = await account.mailbox(to);
        const found = [];
        for await (const row of source.scan(uids, [])) found.push(row.uid);
        const { uids: arrived } = await target.append(found.map(() => ({ body: [Uint8Array.of(10)] })));
        return { uidValidity: target.uidValidity, from: found, to: arrived };
      },
    }),
  },
  {
    fault: 'asks for all of a batch before it reads the first message',
    noticed: 'a batch may come as it is made',
    mailbox: (mailbox) => ({
      append: async (batch, options) => {
        const messages: NewMessage[] = [];
        for await (const message of batch) messages.push(message);
        return mailbox.append(messages, options);
      },
    }),
  },
  {
    fault: 'says that it appended when its disk failed',
    noticed: 'append, of which any one write fails',
    mailbox: (mailbox) => ({
      append: (batch, options) => mailbox.append(batch, options).catch(() => mailbox.append([])),
    }),
  },
  {
    fault: 'moves in two steps, of which the second may fail',
    noticed: 'move, of which any one write fails',
    account: (account) => ({
      transfer: async (from, uids, to, mode, options) => {
        const pairs = await account.transfer(from, uids, to, 'copy', options);
        if (mode === 'move') await (await account.mailbox(from)).expunge(setOf(pairs.from));
        return pairs;
      },
    }),
  },
  {
    fault: 'appends one by one (D17)',
    noticed: 'a body that fails takes its whole batch with it',
    mailbox: (mailbox) => ({
      append: async (batch) => {
        let result = await mailbox.append([]);
        for await (const message of batch) result = await mailbox.append([message]);
        return result;
      },
    }),
  },
  {
    fault: 'forgets an expunge that another session stored over (D9)',
    noticed: 'hides it from nobody (D9)',
    mailbox: (mailbox) => ({
      changes: async (since) => ({ ...(await mailbox.changes(since)), vanished: emptySet() }),
    }),
  },
  {
    fault: 'listens only while somebody waits (D19)',
    noticed: 'is in force when the call returns',
    account: (account) => ({
      watch: async function* (paths, options) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        yield* account.watch(paths, {
          signal: AbortSignal.any([AbortSignal.timeout(50), ...(options?.signal ? [options.signal] : [])]),
        });
      },
    }),
  },
  {
    fault: 'claims nothing (D5)',
    noticed: 'handed to the first who asks (D5)',
    mailbox: (mailbox) => ({
      claimRecent: async (session) => {
        await mailbox.claimRecent(session);
        return emptySet();
      },
    }),
  },
  {
    fault: 'fails with an internal error for a name that is taken (D6)',
    noticed: 'is not created again (D6)',
    account: (account) => ({
      create: (path, options) =>
        account.create(path, options).catch(() => {
          throw new TypeError('internal error');
        }),
    }),
  },
  {
    fault: 'takes a dot for the hierarchy (D10)',
    noticed: 'look alike are never one mailbox',
    account: (account) => ({
      create: (path, options) =>
        account.create(path.flatMap((part) => part.split('.').filter(Boolean)) as never, options),
    }),
  },
  {
    fault: 'counts no deleted messages',
    noticed: 'the figures equal a recount',
    account: (account) => ({ status: async (path) => ({ ...(await account.status(path)), deleted: 0 }) }),
  },
  {
    fault: 'ignores unchangedSince',
    noticed: 'only one of two conditional stores wins',
    mailbox: (mailbox) => ({ store: (uids, operation, flags) => mailbox.store(uids, operation, flags) }),
  },
  {
    fault: 'expunges what is not deleted',
    noticed: 'onlyDeleted leaves what is not marked',
    mailbox: (mailbox) => ({ expunge: (uids) => mailbox.expunge(uids) }),
  },
  {
    fault: 'opens bodies late',
    noticed: 'a handle survives the expunge',
    mailbox: (mailbox) => ({
      read: async (id, range) => ({
        size: (await mailbox.read(id, range)).size,
        stream: async function* () {
          yield* (await mailbox.read(id, range)).stream();
        },
        release: async () => {},
      }),
    }),
  },
  {
    fault: 'scans backwards (P25)',
    noticed: 'ascending order of UID (P25)',
    mailbox: (mailbox) => ({
      scan: async function* (uids, fields) {
        const rows = [];
        for await (const row of mailbox.scan(uids, fields)) rows.push(row);
        yield* rows.reverse();
      },
    }),
  },
  {
    fault: 'has one UIDVALIDITY for all',
    noticed: 'UIDVALIDITY grows when a mailbox is deleted',
    account: (account) => ({ status: async (path) => ({ ...(await account.status(path)), uidValidity: 42 as never }) }),
  },
  {
    fault: 'opens the same account for everybody',
    noticed: 'two accounts share nothing',
    store: (store) => ({ open: () => store.open(accountId('alice')) }),
  },
  {
    fault: 'drops keywords when it moves (P6)',
    noticed: 'move keeps octets, flags, keywords',
    account: (account) => ({
      transfer: async (from, uids, to, mode) => {
        const pairs = await account.transfer(from, uids, to, mode);
        await (await account.mailbox(to)).store(EVERY, 'remove', ['$Forwarded']);
        return pairs;
      },
    }),
  },
  {
    fault: 'deletes a mailbox with its children',
    noticed: 'delete leaves the children',
    account: (account) => ({
      delete: async (path) => {
        await account.delete(path);
        for (const info of await account.list()) {
          if (info.isSelectable && info.path.length > path.length && info.path[0] === path[0])
            await account.delete(info.path);
        }
      },
    }),
  },
  {
    fault: 'wraps the reason of an abort',
    noticed: 'append with an aborted signal rejects with its reason',
    mailbox: (mailbox) => ({
      append: (batch, options) =>
        mailbox.append(batch, options).catch((cause: unknown) => {
          throw new Error('append failed', { cause });
        }),
    }),
  },
  {
    fault: 'leaves a flag out of its answer',
    noticed: 'ends as it does in a simple model',
    mailbox: (mailbox) => ({
      changes: async (since) => {
        const page = await mailbox.changes(since);
        return { ...page, changed: page.changed.filter((each) => !hasFlag(each.flags, 'Label')) };
      },
    }),
  },
  {
    fault: 'moves in two steps that an expunge can come between',
    noticed: 'move aborted at any await',
    account: (account) => ({
      transfer: async (from, uids, to, _mode, options) => {
        const pairs = await account.transfer(from, uids, to, 'copy');
        options?.signal?.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, 0));
        options?.signal?.throwIfAborted();
        await (await account.mailbox(from)).expunge(setOf(pairs.from));
        return pairs;
      },
    }),
  },
  {
    fault: 'gives vanished UIDs that nobody knew',
    noticed: 'came and went between two readings',
    mailbox: (mailbox) => ({
      changes: async (since) => {
        const page = await mailbox.changes(since);
        return since === undefined ? page : { ...page, vanished: setOf([...ids(page.vanished), uid(2)]) };
      },
    }),
  },
];

/** A store with some of its methods replaced. */
export function broken(
  store: MailStore,
  { store: breakStore, account: breakAccount, mailbox: breakMailbox }: Breakage,
): MailStore {
  const open = async (id: AccountId): Promise<Account> => {
    const account = await ({ ...breakStore?.(store) }.open ?? store.open.bind(store))(id);
    const mailbox: Account['mailbox'] = async (path, options) => {
      const real = await account.mailbox(path, options);
      return replaced(real, breakMailbox?.(real, account) ?? {});
    };
    return replaced(account, { mailbox, ...breakAccount?.(account) });
  };
  return replaced(store, { open });
}

function replaced<Target extends object>(target: Target, methods: Partial<Target>): Target {
  return new Proxy(target, {
    get(_, name) {
      const own: unknown = Reflect.get(methods, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function* mapped(
  batch: readonly NewMessage[] | AsyncIterable<NewMessage>,
  change: (message: NewMessage) => NewMessage,
): AsyncIterable<NewMessage> {
  for await (const message of batch) yield change(message);
}

function withoutCr(message: NewMessage): NewMessage {
  async function* body(): AsyncIterable<Uint8Array> {
    for await (const chunk of message.body) yield chunk.filter((octet) => octet !== 13);
  }
  return { ...message, body: body() };
}
