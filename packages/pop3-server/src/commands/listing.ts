import type { MaildropMessage } from '../maildrop.ts';
import { err, ok, type Reply } from '../replies.ts';
import type { Session } from '../session.ts';

export const NO_MESSAGE: Reply = err('There is no such message');

export function list(session: Session, number: number | undefined): Promise<Reply | undefined> {
  return listing(session, number, 'Sizes follow', ({ size }) => size);
}

export function uidl(session: Session, number: number | undefined): Promise<Reply | undefined> {
  return listing(session, number, 'Unique ids follow', ({ uniqueId }) => uniqueId);
}

/** What is to be told of one message, or of all that are not marked. */
async function listing(
  session: Session,
  number: number | undefined,
  text: string,
  tell: (message: MaildropMessage) => string | number,
): Promise<Reply | undefined> {
  const { drop } = session.maildrop;
  if (number !== undefined) {
    const message = drop.get(number);
    return message === undefined ? NO_MESSAGE : ok(`${number} ${tell(message)}`);
  }
  await session.output.sendLines(ok(text), linesOf(drop.listed(), tell));
  return undefined;
}

function* linesOf(
  messages: Iterable<readonly [number: number, message: MaildropMessage]>,
  tell: (message: MaildropMessage) => string | number,
): Iterable<string> {
  for (const [number, message] of messages) yield `${number} ${tell(message)}`;
}
