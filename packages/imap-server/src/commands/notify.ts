import type { NotifyCommand } from '@posthorn/wire/extensions';
import { AccountWatch } from '../notify/account-watch.ts';
import { notifyRequest } from '../notify/notify-request.ts';
import { type Completion, no, ok } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';

/** Mailboxes that are looked into for one session. */
const MAX_WATCHED = 1000;

/**
 * From here on the client is told just what it asked for, also when no command is under way.
 * @see RFC 5465 section 3.1
 */
export async function notify(session: Session, command: NotifyCommand): Promise<Completion> {
  const request = notifyRequest(command);
  const { bell, signal, selected } = session;
  // What came up so far is told as ever, before the new rules hold.
  if (selected !== undefined) {
    await selected.refresh(signal);
    selected.notifiedUid = selected.view.lastUid ?? 0;
  }
  const account = session.openAccount();
  // What others share is watched once it was listed.
  await account.list({ signal });
  const watch = await AccountWatch.start({
    account,
    request,
    bell,
    modes: () => session.modes,
    hasModSeq: session.hasModSeq,
    selectedId: () => session.selected?.mailbox.id,
    signal,
  });
  if (watch.watched > MAX_WATCHED) {
    await watch.close();
    return no('Watch fewer mailboxes', 'NOTIFICATIONOVERFLOW');
  }
  await session.stopNotifying();
  session.notifying = watch;
  if (command.tellsStatus === true) await session.send(watch.statuses());
  if (selected !== undefined) await session.send(selected.view.report());
  return ok('Done');
}
