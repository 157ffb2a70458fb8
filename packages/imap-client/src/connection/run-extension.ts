import { type ExtensionCommand, type ExtensionData, extensionCommand, readExtension } from '@posthorn/wire/extensions';
import { ImapError } from '../errors.ts';
import type { UntaggedEvent } from './client-events.ts';
import type { Connection } from './connection.ts';

/** No command has more answers than these. A server that goes on and on must not fill the memory. */
export const MOST_ANSWERS = 10_000;

/** A kind of answer that an extension has. */
export type AnswerOf<Type extends ExtensionData['type']> = Extract<ExtensionData, { readonly type: Type }>;

/** Gathers the answers of some kinds. */
export class ExtensionAnswers<Type extends ExtensionData['type']> {
  readonly #types: readonly string[];
  readonly #answers: AnswerOf<Type>[] = [];
  #malformed: string | undefined;

  constructor(types: readonly Type[]) {
    this.#types = types;
  }

  /** Takes an answer, to be offered to {@link Connection.run}. */
  readonly accept = (event: UntaggedEvent): boolean => {
    if (event.type !== 'unknown') return false;
    const answer = readExtension(event);
    if (answer === undefined) return false;
    if (answer.type === 'malformed') this.#malformed = answer.name;
    else if (!this.#types.includes(answer.type)) return false;
    else if (this.#answers.length < MOST_ANSWERS) this.#answers.push(answer as AnswerOf<Type>);
    else this.#malformed = `${event.name} after ${MOST_ANSWERS} others`;
    return true;
  };

  /** @throws ImapError `IMAP_PROTOCOL` when one could not be read */
  all(command: string): readonly AnswerOf<Type>[] {
    if (this.#malformed !== undefined)
      throw new ImapError('IMAP_PROTOCOL', `the server answered ${command} with an unreadable ${this.#malformed}`);
    return this.#answers;
  }
}

/**
 * Runs a command of an extension. @returns its answers of some kinds
 * @throws ImapError `IMAP_PROTOCOL` when one cannot be read
 */
export async function runExtension<Type extends ExtensionData['type']>(
  connection: Connection,
  command: ExtensionCommand,
  types: readonly Type[],
  signal: AbortSignal | undefined,
): Promise<readonly AnswerOf<Type>[]> {
  const answers = new ExtensionAnswers(types);
  await connection.run(extensionCommand(command), { signal, accept: answers.accept });
  return answers.all(command.name);
}

/** The one answer that must have come. @throws ImapError `IMAP_PROTOCOL` when there is none */
export function onlyAnswer<Answer>(answers: readonly Answer[], command: string): Answer {
  const answer = answers.at(-1);
  if (answer === undefined) throw new ImapError('IMAP_PROTOCOL', `the server answered ${command} without data`);
  return answer;
}
