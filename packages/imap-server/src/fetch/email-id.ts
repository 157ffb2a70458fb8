import { type EmailId, emailId, type Mailbox, type Uid } from '@posthorn/core';

/**
 * The id of a message in a store that has none of its own: the triple that it must be the same for.
 * @see RFC 8474 section 5.1
 */
export function emailIdOf({ id, uidValidity }: Pick<Mailbox, 'id' | 'uidValidity'>, uid: Uid): EmailId {
  const suffix = `-${uidValidity.toString(36)}-${uid.toString(36)}`;
  return emailId(`M${id.slice(0, 254 - suffix.length)}${suffix}`);
}
