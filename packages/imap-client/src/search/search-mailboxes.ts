import type { Uid, UidValidity } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import {
  type ExtendedSearchData,
  extensionCommand,
  type MailboxFilter,
  readExtension,
} from '@posthorn/wire/extensions';
import type { UntaggedEvent } from '../connection/client-events.ts';
import type { Connection } from '../connection/connection.ts';
import { MOST_ANSWERS } from '../connection/run-extension.ts';
import { ImapError } from '../errors.ts';
import { answerOf, returnsOf, type SearchAnswer, type SearchQuestion } from './search-answer.ts';
import { needsOf, type PreparedSearch } from './search-key.ts';
import { Found } from './search-messages.ts';

/** What was found in one of several mailboxes. */
export interface MailboxSearchResult<Question extends SearchQuestion> {
  readonly mailbox: MailboxName;
  readonly uidValidity: UidValidity | undefined;
  readonly answer: SearchAnswer<Uid, Question>;
}

/** Searches several mailboxes at once. Those in which nothing was found do not come. @see RFC 7377 */
export async function searchMailboxes<Question extends SearchQuestion>(
  connection: Connection,
  { key, sources }: { readonly key: PreparedSearch; readonly sources: readonly MailboxFilter[] },
  question: Question,
  signal: AbortSignal | undefined,
): Promise<readonly MailboxSearchResult<Question>[]> {
  const returns = returnsOf(question);
  if (key === 'nothing') return [];
  const { charset } = needsOf(key);
  const results = new Map<string, { readonly data: ExtendedSearchData; readonly found: Found<Uid> }>();
  let isBroken = false;
  const accept = (event: UntaggedEvent): boolean => {
    if (event.type !== 'unknown' || event.name !== 'ESEARCH') return false;
    const data = readExtension(event);
    // News of a search that is followed.
    if (data?.type === 'extendedSearch' && data.changes !== undefined) return false;
    if (data?.type !== 'extendedSearch' || data.mailbox === undefined || results.size > MOST_ANSWERS) isBroken = true;
    else {
      const result = results.get(data.mailbox.wire) ?? { data, found: new Found<Uid>() };
      results.set(data.mailbox.wire, result);
      result.found.accept(event);
    }
    return true;
  };
  const named = charset && !connection.protocol.isUtf8 ? { charset: 'UTF-8' } : {};
  const command = extensionCommand({ name: 'ESEARCH', sources, return: returns, key, ...named });
  await connection.run(command, { signal, accept });
  if (isBroken) throw new ImapError('IMAP_PROTOCOL', 'the server answered ESEARCH with something unreadable');
  return [...results.values()].map(({ data, found }) => {
    found.check();
    return {
      mailbox: data.mailbox!,
      uidValidity: data.uidValidity,
      answer: answerOf(found.result(returns), question),
    };
  });
}
