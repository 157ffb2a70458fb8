import { err, ok, type Reply } from '../replies.ts';
import type { Session } from '../session.ts';
import { NO_MESSAGE } from './listing.ts';

export function stat(session: Session): Reply {
  const { drop } = session.maildrop;
  return ok(`${drop.count} ${drop.octets}`);
}

export function dele(session: Session, number: number): Reply {
  const { mailbox, drop } = session.maildrop;
  if (mailbox.isReadOnly) return err('The mailbox is read-only', 'SYS/PERM');
  return drop.mark(number) ? ok('Marked to be deleted') : NO_MESSAGE;
}

export function rset(session: Session): Reply {
  session.maildrop.drop.reset();
  return ok('Nothing is marked any more');
}

/** Enters the UPDATE state, where alone messages are deleted; what fails there ends the session all the same. */
export async function quit(session: Session): Promise<Reply> {
  const isLoggedIn = session.protocol.state === 'transaction';
  session.protocol.ended();
  if (isLoggedIn) await session.maildrop.commit();
  return ok('Good-bye');
}
