import type {
  AbortOptions,
  Account,
  AccountAcl,
  AccountFilters,
  AccountMetadata,
  AccountQuota,
  ChangeHint,
  CreateMailboxOptions,
  Mailbox,
  MailboxInfo,
  MailboxPath,
  MailboxStatus,
  MailStore,
  MaintenanceOptions,
  MaintenanceReport,
  UidPairs,
  UidSet,
} from '@posthorn/core';
import { mergeHints } from './merge-hints.ts';
import { OtherAccounts, subscriptionKeys } from './other-accounts.ts';
import { isOfOthers, type PlaceOfOther, placeOf } from './other-users.ts';
import { aclWithOthers, metadataWithOthers, quotaWithOthers } from './parts-with-others.ts';
import { cannot, existingPlace, refused } from './refusals.ts';
import { ALL_RIGHTS } from './rights.ts';
import type { SharingUser } from './rights-of-user.ts';
import { type TransferEnd, transferBetween } from './transfer-between.ts';

/**
 * A user's account with what others share with them, as far as the store knows of sharing: their mailboxes stand below
 * {@link OTHER_USERS}, and every method asks first what their owners let the user do.
 * @see RFC 2342, RFC 4314
 */
export function withOthers(own: Account, user: SharingUser, store: MailStore): Account {
  const { sharing } = store;
  return sharing === undefined ? own : new AccountWithOthers(own, new OtherAccounts(store, sharing, user));
}

class AccountWithOthers implements Account {
  readonly metadata: AccountMetadata | undefined;
  readonly acl: AccountAcl | undefined;
  readonly filters: AccountFilters | undefined;
  readonly #own: Account;
  readonly #others: OtherAccounts;

  constructor(own: Account, others: OtherAccounts) {
    this.#own = own;
    this.#others = others;
    this.metadata = metadataWithOthers(own.metadata, others);
    this.acl = aclWithOthers(own.acl, others);
    this.filters = own.filters;
  }

  /** A store may begin, or cease, to have limits. */
  get quota(): AccountQuota | undefined {
    return quotaWithOthers(this.#own.quota, this.#others);
  }

  async list(options?: AbortOptions): Promise<readonly MailboxInfo[]> {
    const own = (await this.#own.list(options)).filter(({ path }) => !isOfOthers(path));
    const subscriptions = (await this.#own.subscriptions?.(options)) ?? [];
    return [...own, ...(await this.#others.list(subscriptionKeys(subscriptions), options))];
  }

  async create(path: MailboxPath, options: CreateMailboxOptions = {}): Promise<MailboxInfo> {
    if (!isOfOthers(path)) return this.#own.create(path, options);
    const place = placeOf(path);
    if (place === undefined) throw cannot();
    if (options.specialUse !== undefined && options.specialUse.length > 0) throw cannot();
    const { account, parent } = await this.#others.demandParent(place, options);
    const { acl } = account;
    const inherited = await acl?.entries(parent, options);
    const created = await account.create(place.path, options);
    // Who may use a mailbox may use one that is made in it. The owner's entry is there by itself. RFC 4314 section 4.
    for (const { identifier, rights } of inherited ?? []) {
      if (identifier !== place.owner) await acl?.change(place.path, identifier, rights, { signal: options.signal });
    }
    return { ...created, path, isSubscribed: false, specialUse: [] };
  }

  async delete(path: MailboxPath, options?: AbortOptions): Promise<void> {
    if (!isOfOthers(path)) return this.#own.delete(path, options);
    const place = existingPlace(path);
    const account = await this.#others.demand(place, 'x', options);
    return account.delete(place.path, options);
  }

  async rename(from: MailboxPath, to: MailboxPath, options?: AbortOptions): Promise<void> {
    if (!isOfOthers(from) && !isOfOthers(to)) return this.#own.rename(from, to, options);
    // A mailbox does not change its owner.
    if (!isOfOthers(from)) throw cannot();
    const source = existingPlace(from);
    const account = await this.#others.demand(source, 'x', options);
    const target = placeOf(to);
    if (!isOfOthers(to) || target?.owner !== source.owner) throw cannot();
    await this.#others.demandParent(target, options);
    // Those below go along, and so they have to be the user's to move.
    for (const { path, isSelectable } of await account.list(options)) {
      const isBelow = path.length > source.path.length && source.path.every((part, at) => part === path[at]);
      if (isBelow && isSelectable && !(await this.#may('x', { owner: source.owner, path }, options))) throw refused();
    }
    return account.rename(source.path, target.path, options);
  }

  /** What a user is subscribed to is theirs alone, and needs not be there. */
  subscribe(path: MailboxPath, on: boolean, options?: AbortOptions): Promise<void> {
    return this.#own.subscribe(path, on, options);
  }

  async subscriptions(options?: AbortOptions): Promise<readonly MailboxPath[]> {
    if (this.#own.subscriptions !== undefined) return this.#own.subscriptions(options);
    const infos = await this.#own.list(options);
    return infos.filter(({ isSubscribed }) => isSubscribed).map(({ path }) => path);
  }

  async status(path: MailboxPath, options?: AbortOptions): Promise<MailboxStatus> {
    if (!isOfOthers(path)) return this.#own.status(path, options);
    const place = existingPlace(path);
    const account = await this.#others.demand(place, 'r', options);
    return account.status(place.path, options);
  }

  async mailbox(path: MailboxPath, options?: AbortOptions): Promise<Mailbox> {
    return isOfOthers(path) ? this.#others.mailbox(existingPlace(path), options) : this.#own.mailbox(path, options);
  }

  async transfer(
    from: MailboxPath,
    uids: UidSet,
    to: MailboxPath,
    mode: 'copy' | 'move',
    options?: AbortOptions,
  ): Promise<UidPairs> {
    if (!isOfOthers(from) && !isOfOthers(to)) return this.#own.transfer(from, uids, to, mode, options);
    const target = await this.#end(to, 'i', options);
    const source = await this.#end(from, mode === 'move' ? 'rte' : 'r', options);
    return transferBetween(source, uids, target, mode, options);
  }

  watch(paths: readonly MailboxPath[] | 'all', options: AbortOptions = {}): AsyncIterable<ChangeHint> {
    const { signal } = options;
    const places = paths === 'all' ? paths : paths.flatMap((path) => (isOfOthers(path) ? (placeOf(path) ?? []) : []));
    const own = paths === 'all' ? paths : paths.filter((path) => !isOfOthers(path));
    if (places.length === 0) return this.#own.watch(own, options);
    return mergeHints(
      (stop) => [
        ...(own.length === 0 ? [] : [this.#own.watch(own, { signal: stop })]),
        ...this.#others.watch(places, { signal: stop }),
      ],
      signal,
    );
  }

  maintain(options?: MaintenanceOptions): Promise<MaintenanceReport> {
    return this.#own.maintain(options);
  }

  async close(): Promise<void> {
    await this.#others.close();
    await this.#own.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** One end of a transfer: the account, the path in it, and what the user may do there. */
  async #end(path: MailboxPath, needed: string, options?: AbortOptions): Promise<TransferEnd> {
    if (!isOfOthers(path)) return { account: this.#own, path, rights: ALL_RIGHTS };
    const place = existingPlace(path);
    const account = await this.#others.demand(place, needed, options);
    return { account, path: place.path, rights: await this.#others.rightsAt(place, options) };
  }

  async #may(right: string, place: PlaceOfOther, options?: AbortOptions): Promise<boolean> {
    const rights = await this.#others.rightsAt(place, options).catch(() => '');
    return rights.includes(right);
  }
}
