import { type Flag, hasFlag, type Mailbox, MailError, SYSTEM_FLAGS } from '@posthorn/core';

/** Tells the flags that a mailbox is sure to hold: those of the standard, and the keywords it has already. */
export async function heldFlags(mailbox: Mailbox, signal: AbortSignal | undefined): Promise<(flag: Flag) => boolean> {
  const held = [...SYSTEM_FLAGS, ...(await mailbox.keywords({ signal }))];
  return (flag) => hasFlag(held, flag);
}

/** Whether a store refused because of the flags: too many keywords, or one it cannot write down. */
export function isAboutFlags(error: unknown): boolean {
  return MailError.is(error) && (error.code === 'STORE_LIMIT' || error.code === 'STORE_CANNOT');
}
