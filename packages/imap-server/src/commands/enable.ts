import { type Completion, ok, untagged } from '../replies/replies.ts';
import { enableModes } from '../session/client-modes.ts';
import type { Session } from '../session/session.ts';

/** @see RFC 5161, RFC 9051 section 6.3.1 */
export async function enable(session: Session, names: readonly string[]): Promise<Completion> {
  const { modes, enabled } = enableModes(session.modes, names, (name) => session.protocol.isOffered(name));
  session.output.send({ type: 'enabled', capabilities: enabled });
  if (modes.condstore) enableCondstore(session);
  session.modes = modes;
  return ok('Done');
}

/**
 * Takes note of a client that knows mod-sequences. The first time, it is told where the selected mailbox stands.
 * @see RFC 7162 section 3.1
 */
export function enableCondstore(session: Session): void {
  if (session.modes.condstore) return;
  session.modes = { ...session.modes, condstore: true };
  const { selected } = session;
  if (selected?.hasModSeq !== true || selected.view.toldModSeq === 0n) return;
  session.output.send(untagged('OK', 'Highest', { type: 'highestModSeq', modSeq: selected.view.toldModSeq }));
}
