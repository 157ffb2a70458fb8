import type { Connection } from '../connection/connection.ts';
import { onlyAnswer, runExtension } from '../connection/run-extension.ts';

/**
 * LANGUAGE: asks for the languages of the server's texts, or for the first of some that it knows.
 * @returns language tags: all it knows, or the one it uses from now on
 * @see RFC 5255 section 3.2
 */
export async function runLanguage(
  connection: Connection,
  languages: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const answers = await runExtension(connection, { name: 'LANGUAGE', languages }, ['language'], signal);
  return onlyAnswer(answers, 'LANGUAGE').languages;
}
