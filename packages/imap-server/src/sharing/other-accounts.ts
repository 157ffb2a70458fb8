import type {
  AbortOptions,
  Account,
  AccountAcl,
  AccountId,
  ChangeHint,
  Mailbox,
  MailboxInfo,
  MailboxPath,
  MailStore,
  StoreSharing,
} from '@posthorn/core';
import { storeErrorCode } from '../replies/error-replies.ts';
import { type InfoOfOther, OTHER_USERS, type PlaceOfOther, pathOfOther } from './other-users.ts';
import { nonexistent, refused } from './refusals.ts';
import { rightsOfUser, type SharingUser } from './rights-of-user.ts';
import { SharedMailbox } from './shared-mailbox.ts';

/** Rights of which one lets somebody know that a mailbox is there. @see RFC 4314 section 4, `MYRIGHTS` */
const VISIBLE = /[lrikxa]/;

/**
 * The accounts of others, as far as a user may use them. An account is opened once it lets anybody in, and is kept
 * open. What the user has no right to see answers as what is not there does.
 */
export class OtherAccounts {
  readonly #store: MailStore;
  readonly #sharing: StoreSharing;
  readonly #user: SharingUser;
  readonly #opening = new Map<AccountId, Promise<Account>>();
  readonly #open = new Map<AccountId, Account>();

  constructor(store: MailStore, sharing: StoreSharing, user: SharingUser) {
    this.#store = store;
    this.#sharing = sharing;
    this.#user = user;
  }

  /**
   * What the user may do with a mailbox; at least one thing by which it may be known.
   * @throws {@link StoreError} `STORE_NONEXISTENT`
   */
  async rightsAt({ owner, path }: PlaceOfOther, options?: AbortOptions): Promise<string> {
    const { acl } = await this.#accountOf(owner, options);
    const rights = await this.#rightsIn(acl, path, options);
    if (!VISIBLE.test(rights)) throw nonexistent();
    return rights;
  }

  /**
   * The account that a mailbox is in, once the user has all these rights to it.
   * @throws {@link StoreError} `STORE_NONEXISTENT`, `STORE_NO_PERMISSION`
   */
  async demand(place: PlaceOfOther, needed: string, options?: AbortOptions): Promise<Account> {
    const rights = await this.rightsAt(place, options);
    if ([...needed].every((right) => rights.includes(right))) return this.#accountOf(place.owner, options);
    throw refused();
  }

  /**
   * The account for a new mailbox: the nearest mailbox above it must let the user create others.
   * @returns The account, and where that mailbox is.
   * @throws {@link StoreError} `STORE_NO_PERMISSION`, whatever there is
   * @see RFC 4314 section 4
   */
  async demandParent(
    { owner, path }: PlaceOfOther,
    options?: AbortOptions,
  ): Promise<{ readonly account: Account; readonly parent: MailboxPath }> {
    for (let length = path.length - 1; length > 0; length--) {
      const parent = path.slice(0, length) as unknown as MailboxPath;
      const rights = await this.rightsAt({ owner, path: parent }, options).catch(unlessMissing);
      if (rights === undefined) continue;
      if (!rights.includes('k')) break;
      return { account: await this.#accountOf(owner, options), parent };
    }
    throw refused();
  }

  /** Opens a mailbox to read from it or to add to it. @throws {@link StoreError} `STORE_NONEXISTENT`, `STORE_NO_PERMISSION` */
  async mailbox(place: PlaceOfOther, options?: AbortOptions): Promise<Mailbox> {
    const rights = await this.rightsAt(place, options);
    if (!/[ri]/.test(rights)) throw refused();
    const account = await this.#accountOf(place.owner, options);
    const mailbox = await account.mailbox(place.path, options);
    const { id } = mailbox;
    return new SharedMailbox(mailbox, rights, (asked) => this.#rightsTo(id, place, asked));
  }

  /** The mailboxes that the user may see in lists, and the names above them, parents before children. */
  async list(subscriptions: ReadonlySet<string>, options?: AbortOptions): Promise<readonly InfoOfOther[]> {
    const listed = new Map<string, InfoOfOther>();
    for (const owner of await this.#owners(options)) {
      for (const info of await this.#visible(owner, options)) {
        const path = pathOfOther(owner, info.path);
        for (let length = 1; length < path.length; length++) {
          const above = nameOnly(path.slice(0, length) as unknown as MailboxPath, subscriptions);
          if (!listed.has(keyOf(above.path))) listed.set(keyOf(above.path), above);
        }
        // What a mailbox is for is its owner's business.
        const isSubscribed = subscriptions.has(keyOf(path));
        listed.set(keyOf(path), { ...info, path, isSubscribed, specialUse: [], isOfOther: true });
      }
    }
    return [...listed.values()];
  }

  /** Watches mailboxes of accounts that are open, or all of these. */
  watch(places: readonly PlaceOfOther[] | 'all', options: AbortOptions): readonly AsyncIterable<ChangeHint>[] {
    return [...this.#open].flatMap(([owner, account]) => {
      const paths = places === 'all' ? places : places.filter((place) => place.owner === owner).map(({ path }) => path);
      return paths.length === 0 ? [] : [renamed(owner, account.watch(paths, options))];
    });
  }

  async close(): Promise<void> {
    const opening = [...this.#opening.values()];
    this.#opening.clear();
    this.#open.clear();
    for (const opened of await Promise.allSettled(opening)) {
      if (opened.status === 'fulfilled') await opened.value.close();
    }
  }

  /** One account that cannot be read must not keep the others from being listed. */
  async #visible(owner: AccountId, options?: AbortOptions): Promise<readonly MailboxInfo[]> {
    try {
      const account = await this.#accountOf(owner, options);
      const visible: MailboxInfo[] = [];
      for (const info of await account.list(options)) {
        const rights = info.isSelectable ? await this.#rightsIn(account.acl, info.path, options) : '';
        if (rights.includes('l')) visible.push(info);
      }
      return visible;
    } catch (error) {
      if (storeErrorCode(error) === undefined) throw error;
      return [];
    }
  }

  /** The rights to a mailbox that was opened: another one under its name is not it. */
  async #rightsTo(id: Mailbox['id'], place: PlaceOfOther, options?: AbortOptions): Promise<string> {
    const account = await this.#accountOf(place.owner, options);
    const isThere = (await account.mailbox(place.path, options).catch(unlessMissing))?.id === id;
    if (isThere) return this.rightsAt(place, options);
    const infos = await account.list(options);
    const info = infos.find((each) => each.id === id);
    if (info === undefined) throw nonexistent();
    return this.rightsAt({ owner: place.owner, path: info.path }, options);
  }

  async #rightsIn(acl: AccountAcl | undefined, path: MailboxPath, options?: AbortOptions): Promise<string> {
    const entries = await acl?.entries(path, options).catch(unlessMissing);
    return entries === undefined ? '' : rightsOfUser(entries, this.#user);
  }

  async #owners(options?: AbortOptions): Promise<readonly AccountId[]> {
    return (await this.#sharing.owners(options)).filter((owner) => owner !== this.#user.account);
  }

  /** Only accounts that share are opened: a store may make any that is asked for. */
  async #accountOf(owner: AccountId, options?: AbortOptions): Promise<Account> {
    const known = this.#opening.get(owner);
    if (known !== undefined) return known;
    if (!(await this.#owners(options)).includes(owner)) throw nonexistent();
    const opening = this.#opening.get(owner) ?? this.#store.open(owner);
    this.#opening.set(owner, opening);
    try {
      const account = await opening;
      this.#open.set(owner, account);
      return account;
    } catch (error) {
      this.#opening.delete(owner);
      throw error;
    }
  }
}

function keyOf(path: readonly string[]): string {
  return path.join('\0');
}

/** The key of a path among subscriptions that {@link OtherAccounts.list} is given. */
export function subscriptionKeys(paths: readonly MailboxPath[]): ReadonlySet<string> {
  return new Set(paths.filter(([top]) => top === OTHER_USERS).map(keyOf));
}

function nameOnly(path: MailboxPath, subscriptions: ReadonlySet<string>): InfoOfOther {
  const isSubscribed = subscriptions.has(keyOf(path));
  const name = { path, id: undefined, isSelectable: false, allowsChildren: true, isSubscribed } as const;
  return { ...name, specialUse: [], isOfOther: true };
}

async function* renamed(
  owner: AccountId,
  hints: AsyncIterable<ChangeHint>,
): AsyncGenerator<ChangeHint, void, undefined> {
  for await (const { path } of hints) yield { path: pathOfOther(owner, path) };
}

function unlessMissing(error: unknown): undefined {
  if (storeErrorCode(error) !== 'STORE_NONEXISTENT') throw error;
}
