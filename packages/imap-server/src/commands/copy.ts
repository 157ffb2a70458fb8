import type { ResponseCode } from '@posthorn/wire';
import { namesUids } from '../protocol/command-rules.ts';
import { inOrder } from '../replies/ordered-set.ts';
import { bad, type Completion, no, ok, untagged } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';
import { mayRemove } from '../sharing/rights.ts';
import type { CommandOf } from './command-of.ts';
import { targetPath, tryingToCreate } from './mailboxes.ts';

/** @see RFC 9051 section 6.4.7 and section 6.4.8 */
export async function copyOrMove(session: Session, command: CommandOf<'COPY' | 'MOVE'>): Promise<Completion> {
  const { name, messages, mailbox } = command;
  const { signal } = session;
  const selected = session.openMailbox();
  const { view } = selected;
  if (name === 'MOVE' && selected.isReadOnly) return no('The mailbox is read-only', 'READ-ONLY');
  if (name === 'MOVE' && !mayRemove(selected.rights)) return no('You may not remove messages', 'NOPERM');
  await selected.refresh(signal);
  await session.send(view.announce());
  const numbers = selected.resolve(messages);
  if (numbers === undefined) return bad('Invalid messageset: there is no message with that number');
  const uids = view.uidsOf(numbers);
  // All or nothing: a message that is gone cannot be copied.
  if (!namesUids(messages) && view.hasVanishedIn(uids)) {
    return no('Some of the messages no longer exist', 'EXPUNGEISSUED');
  }
  const from = await selected.currentPath(signal);
  const mode = name === 'COPY' ? 'copy' : 'move';
  const pairs = await tryingToCreate(
    session.openAccount().transfer(from, uids, targetPath(session, mailbox), mode, { signal }),
  );
  if (pairs.from.length === 0) return ok('There was nothing to do');
  const code: ResponseCode = {
    type: 'copyUid',
    uidValidity: pairs.uidValidity,
    from: inOrder(pairs.from),
    to: inOrder(pairs.to),
  };
  if (name === 'COPY') return ok('Copied', code);
  // Before the EXPUNGE responses that follow. RFC 6851 section 4.3.
  session.output.send(untagged('OK', 'Moved', code));
  return { ...ok('Moved'), tellsModSeq: true };
}
