import type { Response } from '@posthorn/wire';
import { DELIMITER } from '../mailboxes/names.ts';
import type { Session } from '../session/session.ts';
import { OTHER_USERS } from '../sharing/other-users.ts';

/** Where mailboxes stand: the user's own at the top, those of others below one name, where any are shared. @see RFC 2342 */
export function namespaceResponse({ options }: Session): Response {
  const prefix = `${OTHER_USERS}${DELIMITER}`;
  const others = { prefix: { text: prefix, wire: prefix }, delimiter: DELIMITER };
  return {
    type: 'namespace',
    personal: [{ prefix: { text: '', wire: '' }, delimiter: DELIMITER }],
    otherUsers: options.store.sharing === undefined ? [] : [others],
    shared: [],
  };
}
