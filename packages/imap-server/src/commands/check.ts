import { errorFacts } from '@posthorn/transport/serving';
import { storeErrorCode } from '../replies/error-replies.ts';
import { type Completion, ok } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';

/** How long a client waits for housekeeping. */
const BUDGET_MS = 100;

/** Lets the store tidy up. What goes wrong with that, such as with a mailbox deleted meanwhile, is not the client’s concern. @see RFC 3501 section 6.4.1 */
export async function check(session: Session): Promise<Completion> {
  const { signal } = session;
  try {
    await session.openAccount().maintain({ budgetMs: BUDGET_MS, signal });
  } catch (error) {
    if (storeErrorCode(error) === undefined) throw error;
    session.log.info('housekeeping failed', { ...session.facts(), ...errorFacts(error) });
  }
  return ok('Done');
}
