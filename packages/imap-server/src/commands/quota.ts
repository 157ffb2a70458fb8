import type { AccountQuota, MailboxPath, QuotaResourceName, QuotaRoot } from '@posthorn/core';
import { extensionResponse, type QuotaResource } from '@posthorn/wire/extensions';
import { pathOf } from '../mailboxes/names.ts';
import { storeErrorCode } from '../replies/error-replies.ts';
import { CommandRefused, type Completion, no, ok } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';
import { isOfOthers } from '../sharing/other-users.ts';
import type { CommandOf } from './command-of.ts';

/** STORAGE is told in units of 1024 octets. @see RFC 9208 section 5.1 */
const STORAGE_UNIT = 1024;
const INBOX: MailboxPath = ['INBOX'];
const COUNTED: readonly QuotaResourceName[] = ['STORAGE', 'MESSAGE', 'MAILBOX', 'ANNOTATION-STORAGE'];

/** @see RFC 9208 section 4.1.1 */
export async function getQuota(session: Session, name: string): Promise<Completion> {
  const root = await quotaOf(session).root(name, { signal: session.signal });
  if (root === undefined) return no('There is no such quota root', 'NONEXISTENT');
  await tell(session, root);
  return ok('Done');
}

/** Of a mailbox that does not exist it tells the roots it would have. @see RFC 9208 section 4.1.2 */
export async function getQuotaRoot(
  session: Session,
  { mailbox }: CommandOf<'GETACL' | 'MYRIGHTS' | 'GETQUOTAROOT'>,
): Promise<Completion> {
  const { signal } = session;
  const quota = quotaOf(session);
  const roots = await rootsOf(quota, pathOf(mailbox, session.modes) ?? INBOX, signal);
  await session.send([extensionResponse({ type: 'quotaRoot', mailbox, roots })]);
  for (const name of roots) {
    const root = await quota.root(name, { signal });
    if (root !== undefined) await tell(session, root);
  }
  return ok('Done');
}

/** @see RFC 9208 section 4.1.3 */
export async function setQuota(
  session: Session,
  { root: name, limits: asked }: CommandOf<'SETQUOTA'>,
): Promise<Completion> {
  const { signal } = session;
  const quota = quotaOf(session);
  if (quota.limit === undefined) return no('You may not change limits', 'NOPERM');
  const limits = new Map<QuotaResourceName, number>();
  for (const { name: resource, limit } of asked) {
    const known = COUNTED.find((each) => each === resource.toUpperCase());
    if (known === undefined) return no('That is not counted', 'CANNOT');
    limits.set(known, limit * unitOf(known));
  }
  await quota.limit(name, limits, { signal });
  const root = await quota.root(name, { signal });
  if (root !== undefined) await tell(session, root);
  return ok('Done');
}

/** The roots of a mailbox, or of what it would be made in. */
async function rootsOf(quota: AccountQuota, path: MailboxPath, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return await quota.roots(path, { signal });
  } catch (error) {
    // Of what others do not share nothing is told.
    if (path === INBOX || isOfOthers(path) || storeErrorCode(error) !== 'STORE_NONEXISTENT') throw error;
    const [first, ...rest] = path.slice(0, -1);
    return rootsOf(quota, first === undefined ? INBOX : [first, ...rest], signal);
  }
}

function quotaOf(session: Session): AccountQuota {
  const { quota } = session.openAccount();
  if (quota === undefined) throw new CommandRefused(no('There are no quotas here', 'CANNOT'));
  return quota;
}

/** Resources without a limit are left out. */
async function tell(session: Session, { name, usages }: QuotaRoot): Promise<void> {
  const resources = usages.flatMap(({ resource, usage, limit }): QuotaResource[] => {
    if (limit === undefined) return [];
    const unit = unitOf(resource);
    return [{ name: resource, usage: Math.ceil(usage / unit), limit: Math.floor(limit / unit) }];
  });
  await session.send([extensionResponse({ type: 'quota', root: name, resources })]);
}

function unitOf(resource: QuotaResourceName): number {
  return resource === 'STORAGE' || resource === 'ANNOTATION-STORAGE' ? STORAGE_UNIT : 1;
}
