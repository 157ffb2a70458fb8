import { bad, type Completion, ok } from '../replies/replies.ts';
import { NO_MODES } from '../session/client-modes.ts';
import type { Session } from '../session/session.ts';

/**
 * Forgets who is logged in and what was switched on; TLS stays.
 * @see RFC 8437
 */
export async function unauthenticate(session: Session): Promise<Completion> {
  // Compression would have to end too, and cannot: it is not offered then. RFC 8437 section 3 knows no NO.
  if (session.isCompressed) return bad('Compression cannot end');
  await session.deselect();
  await session.stopNotifying();
  const { account } = session;
  session.account = undefined;
  session.leaveAccount();
  session.modes = NO_MODES;
  session.loggedOff();
  await account?.close();
  return ok('You can log in anew');
}
