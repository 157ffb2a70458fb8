import type { AccountId } from '@posthorn/core';
import { remoteHost } from '@posthorn/transport/serving';
import { openMaildrop } from '../open-maildrop.ts';
import { err, ok, type Reply } from '../replies.ts';
import type { Session } from '../session.ts';
import { sharedStateOf } from '../shared-state.ts';

const SECOND_MS = 1000;

/** Tells nothing about whether there is such a user. */
export function user(session: Session): Reply {
  return session.canSendPassword ? ok('Now the password, with PASS') : err('Use STLS first');
}

export async function pass(session: Session, name: string, password: string): Promise<Reply> {
  if (!session.canSendPassword) return err('Use STLS first');
  await waitTurn(session);
  const { authenticator, context } = session.mechanismOptions;
  return admit(session, await authenticator.checkPassword(name, password, context), name);
}

/** Opens the maildrop of who proved to be somebody; undefined stands for who did not. */
export async function admit(session: Session, account: AccountId | undefined, name?: string): Promise<Reply> {
  if (account === undefined) return refuse(session, name);
  const { loginGuard, observer } = session;
  loginGuard.succeeded(name);
  const { store, mailbox = ['INBOX'], exclusive = false, loginDelaySeconds = 0 } = session.options;
  const shared = sharedStateOf(store);
  if (!shared.noteLogin(account, session.timers.now(), loginDelaySeconds * SECOND_MS)) {
    observer.login?.('limited');
    return err(`Log in no more often than every ${loginDelaySeconds} seconds`, 'LOGIN-DELAY');
  }
  if (!loginGuard.enter(account)) {
    shared.forgetLogin(account);
    observer.login?.('limited');
    return err('You have too many connections', 'SYS/TEMP');
  }
  const { signal } = session;
  try {
    session.loggedIn(account, await openMaildrop({ store, account, path: mailbox, isExclusive: exclusive, signal }));
  } catch (error) {
    shared.forgetLogin(account);
    loginGuard.leave(account);
    observer.login?.('failed');
    throw error;
  }
  observer.login?.('accepted');
  session.log.info('logged in', { ...session.facts(), account, user: name });
  return ok('Logged in');
}

/** An address whose logins failed too often waits before the next is looked at. */
export async function waitTurn(session: Session): Promise<void> {
  const delay = session.loginGuard.delayBefore(remoteHost(session.transport));
  if (delay > 0) await session.sleep(delay);
}

/**
 * Answers a failed login late, and later each time: of this connection, and of this user on any.
 * @see RFC 3206 section 4
 */
async function refuse(session: Session, name: string | undefined): Promise<Reply> {
  const { loginFailureDelayMs, maxLoginFailures } = session.limits;
  const failures = ++session.loginFailures;
  session.log.warn('login failed', { ...session.facts(), failures });
  session.observer.login?.('refused');
  session.loginGuard.failed(remoteHost(session.transport), name);
  await session.sleep(Math.max(loginFailureDelayMs * 2 ** (failures - 1), session.loginGuard.delayAfter(name)));
  const reply = err('Name or password is wrong', 'AUTH');
  if (failures >= maxLoginFailures) session.endWith(reply.text, reply.code);
  return reply;
}
