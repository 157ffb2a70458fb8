import type { MailboxInfo, MailboxPath } from '@posthorn/core';
import type { MailboxFilter } from '@posthorn/wire/extensions';
import { isSharedByOther } from '../sharing/other-users.ts';
import { pathOf, type Spelling } from './names.ts';

/** Whether a mailbox is one that a filter means. @see RFC 5465 section 6, RFC 7377 section 2.2 */
export function isMeant(filter: MailboxFilter, info: MailboxInfo, spelling: Spelling): boolean {
  const { path, isSubscribed } = info;
  switch (filter.type) {
    case 'personal':
      return !isSharedByOther(info);
    case 'inboxes':
      return path.length === 1 && path[0] === 'INBOX';
    case 'subscribed':
      return isSubscribed;
    case 'subtree':
    case 'subtreeOne':
    case 'mailboxes':
      return filter.mailboxes.some((name) => {
        const top = pathOf(name, spelling);
        return top !== undefined && isWithin(path, top, REACH[filter.type]);
      });
    default:
      // The selected mailbox is not told by what it is called.
      return false;
  }
}

/** How many levels below a name are meant. */
const REACH = { mailboxes: 0, subtreeOne: 1, subtree: Number.POSITIVE_INFINITY } as const;

function isWithin(path: MailboxPath, top: MailboxPath, levels: number): boolean {
  const depth = path.length - top.length;
  return depth >= 0 && depth <= levels && top.every((part, index) => part === path[index]);
}
