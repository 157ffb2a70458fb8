import type { Uid, UidValidity } from '@posthorn/core';

/** A message and the unique id that came with it from elsewhere, if one did. */
export interface KnownUniqueId {
  readonly uid: Uid;
  readonly pop3UniqueId: string | undefined;
}

/** 1 to 70 printable ASCII characters. @see RFC 1939 section 7 */
const UNIQUE_ID = /^[\x21-\x7e]{1,70}$/;

/**
 * The unique ids of all messages of a maildrop, in their order. A message keeps the one it came with, as long as it is
 * one and no other message has it too; else it gets what Dovecot gives by default, `%08Xu%08Xv`: UID and UIDVALIDITY
 * in eight hexadecimal digits each.
 */
export function uniqueIds(uidValidity: UidValidity, messages: readonly KnownUniqueId[]): readonly string[] {
  const owners = new Map<string, number>();
  const count = (id: string): unknown => owners.set(id, (owners.get(id) ?? 0) + 1);
  const isAnyKept = messages.some(({ pop3UniqueId }) => pop3UniqueId !== undefined);
  if (isAnyKept) {
    for (const { uid, pop3UniqueId } of messages) {
      const own = defaultUniqueId(uid, uidValidity);
      count(own);
      if (pop3UniqueId !== undefined && pop3UniqueId !== own) count(pop3UniqueId);
    }
  }
  return messages.map(({ uid, pop3UniqueId }) => {
    const isKept = pop3UniqueId !== undefined && owners.get(pop3UniqueId) === 1 && UNIQUE_ID.test(pop3UniqueId);
    return isKept ? pop3UniqueId : defaultUniqueId(uid, uidValidity);
  });
}

function defaultUniqueId(uid: Uid, uidValidity: UidValidity): string {
  return hexadecimal(uid) + hexadecimal(uidValidity);
}

function hexadecimal(value: number): string {
  return value.toString(16).padStart(8, '0');
}
