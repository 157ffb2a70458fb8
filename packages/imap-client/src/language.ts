import type { UntaggedEvent } from './client-protocol.ts';
import type { Connection } from './connection.ts';
import { ImapError } from './errors.ts';
import { argument, readTokens, spaced } from './raw-tokens.ts';

/**
 * LANGUAGE: asks for the languages of the server's texts, or for the first of some that it knows.
 * @returns language tags: all it knows, or the one it uses from now on
 * @see RFC 5255 section 3.2
 */
export async function runLanguage(
  connection: Connection,
  wanted: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  let tags: readonly string[] | undefined;
  const accept = (event: UntaggedEvent): boolean => {
    if (event.type !== 'unknown' || event.name !== 'LANGUAGE') return false;
    const [list] = readTokens(event.raw) ?? [];
    tags = Array.isArray(list) ? list.filter((tag) => typeof tag === 'string') : undefined;
    return true;
  };
  await connection.run({ name: 'X', command: 'LANGUAGE', raw: spaced(wanted.map(argument)) }, { signal, accept });
  if (tags === undefined) throw new ImapError('IMAP_PROTOCOL', 'the server answered LANGUAGE without a list of tags');
  return tags;
}
