import type { Connection } from '../connection/connection.ts';
import { onlyAnswer, runExtension } from '../connection/run-extension.ts';
import { ImapError } from '../errors.ts';

/** How a server compares strings. @see RFC 5255 section 4.8 */
export interface Comparator {
  /** The one in use, such as `i;unicode-casemap`. */
  readonly active: string;
  /** Those that fit what was asked for; undefined when nothing was. */
  readonly matching: readonly string[] | undefined;
}

/**
 * COMPARATOR: asks which is in use, or for the first of some that the server knows.
 * @throws ImapError `IMAP_UNSUPPORTED` when the server does not offer I18NLEVEL=2
 * @see RFC 5255 section 4.7
 */
export async function runComparator(
  connection: Connection,
  comparators: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Comparator> {
  if (levelOf(connection) < 2)
    throw new ImapError('IMAP_UNSUPPORTED', 'the server compares strings in one way only (it has no I18NLEVEL=2)');
  const { active, matching } = onlyAnswer(
    await runExtension(connection, { name: 'COMPARATOR', comparators }, ['comparator'], signal),
    'COMPARATOR',
  );
  return { active, matching };
}

/** 0 where the server says nothing, 1 where it compares in one way of its own, 2 where it can be told. */
export function levelOf({ protocol }: Connection): number {
  const levels = protocol.capabilities?.valuesOf('I18NLEVEL') ?? [];
  return Math.max(0, ...levels.filter((level) => /^[12]$/.test(level)).map(Number));
}
