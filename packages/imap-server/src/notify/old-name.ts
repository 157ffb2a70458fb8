import { utf8Bytes } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { ListData } from '@posthorn/wire';

/** A LIST response that says how a mailbox was called before. @see RFC 9051 section 6.3.9.7 */
export function listedUnder(listed: ListData, { wire }: MailboxName): ListData {
  const raw = utf8Bytes(`("${wire.replaceAll(/["\\]/g, '\\$&')}")`);
  return { ...listed, extended: [{ name: 'OLDNAME', raw }] };
}
