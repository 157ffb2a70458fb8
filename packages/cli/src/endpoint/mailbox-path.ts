import type { MailboxPath } from '@posthorn/core';
import { UsageError } from '../failure.ts';

/** Reads the name of a mailbox, with `/` between its parts. @throws {@link UsageError} that names the option */
export function parseMailboxPath(text: string, option: string): MailboxPath {
  const [first = '', ...rest] = text.split('/');
  if (first === '' || rest.includes('')) throw new UsageError(`${option} takes a name such as Archive/2026`);
  return [first, ...rest];
}
