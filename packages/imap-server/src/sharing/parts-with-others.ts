import type { AccountAcl, AccountMetadata, AccountQuota } from '@posthorn/core';
import type { OtherAccounts } from './other-accounts.ts';
import { isOfOthers, type PlaceOfOther } from './other-users.ts';
import { existingPlace, refused } from './refusals.ts';

/** Access control of mailboxes of which the user may be the owner or somebody else. @see RFC 4314 section 4 */
export function aclWithOthers(own: AccountAcl | undefined, others: OtherAccounts): AccountAcl | undefined {
  if (own === undefined) return undefined;
  const administered = async (
    place: PlaceOfOther,
    options?: Parameters<AccountAcl['entries']>[1],
  ): Promise<AccountAcl> => {
    const { acl } = await others.demand(place, 'a', options);
    if (acl === undefined) throw refused();
    return acl;
  };
  return {
    async entries(path, options) {
      if (!isOfOthers(path)) return own.entries(path, options);
      const place = existingPlace(path);
      return (await administered(place, options)).entries(place.path, options);
    },
    async change(path, identifier, rights, options) {
      if (!isOfOthers(path)) return own.change(path, identifier, rights, options);
      const place = existingPlace(path);
      return (await administered(place, options)).change(place.path, identifier, rights, options);
    },
    async myRights(path, options) {
      return isOfOthers(path) ? others.rightsAt(existingPlace(path), options) : own.myRights(path, options);
    },
    async grantable(path, identifier, options) {
      if (!isOfOthers(path)) return own.grantable(path, identifier, options);
      const place = existingPlace(path);
      return (await administered(place, options)).grantable(place.path, identifier, options);
    },
  };
}

/**
 * Annotations. Of a mailbox of somebody else only those below `/shared` show: `/private` are its owner's alone, and the
 * user has none there.
 * @see RFC 5464 section 3.3
 */
export function metadataWithOthers(
  own: AccountMetadata | undefined,
  others: OtherAccounts,
): AccountMetadata | undefined {
  if (own === undefined) return undefined;
  const shared = async (
    place: PlaceOfOther,
    needed: string,
    options?: Parameters<AccountMetadata['entries']>[1],
  ): Promise<AccountMetadata> => {
    const { metadata } = await others.demand(place, needed, options);
    if (metadata === undefined) throw refused();
    return metadata;
  };
  return {
    async entries(path, options) {
      if (path === undefined || !isOfOthers(path)) return own.entries(path, options);
      const place = existingPlace(path);
      const entries = await (await shared(place, 'lr', options)).entries(place.path, options);
      return onlyShared(entries);
    },
    async change(path, entries, options) {
      if (path === undefined || !isOfOthers(path)) return own.change(path, entries, options);
      const place = existingPlace(path);
      const metadata = await shared(place, 'lw', options);
      if (onlyShared(entries).size < entries.size) throw refused();
      return metadata.change(place.path, entries, options);
    },
  };
}

/** Limits. Those of somebody else's account are their owner's to know: their mailboxes have no quota root here. */
export function quotaWithOthers(own: AccountQuota | undefined, others: OtherAccounts): AccountQuota | undefined {
  if (own === undefined) return undefined;
  const { limit } = own;
  return {
    async roots(path, options) {
      if (!isOfOthers(path)) return own.roots(path, options);
      await others.rightsAt(existingPlace(path), options);
      return [];
    },
    root: (name, options) => own.root(name, options),
    ...(limit === undefined ? {} : { limit: (name, limits, options) => limit.call(own, name, limits, options) }),
  };
}

function onlyShared<Value extends string | null>(entries: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  return new Map([...entries].filter(([name]) => name.startsWith('/shared/')));
}
