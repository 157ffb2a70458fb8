import type { AccountId } from '@posthorn/core';
import { serverMechanism } from '@posthorn/sasl';
import { remoteHost, serverTls } from '@posthorn/transport/serving';
import { fromBase64, toBase64 } from '@posthorn/wire';
import { bad, CommandRefused, type Completion, no, ok, tagged } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';
import { withOthers } from '../sharing/account-with-others.ts';
import type { CommandOf } from './command-of.ts';

const ASTERISK = 0x2a;

/**
 * Secures the connection. Octets that came behind the command in clear text end it: they may be somebody else's.
 * @see RFC 9051 section 6.2.1 and section 11.1
 */
export async function startTls(session: Session, tag: string): Promise<Completion> {
  const { options, protocol, output, transport } = session;
  if (options.tls === undefined || transport.security === 'tls') return bad('TLS is not offered');
  if (session.input.hasUnreadInput) session.input.endWith('Nothing may follow STARTTLS before the handshake');
  const completion = ok('Begin TLS now');
  output.send(tagged(tag, completion));
  await output.flush();
  await transport.startTls(serverTls(options.tls));
  protocol.tlsStarted();
  return completion;
}

export async function login(session: Session, { user, password }: CommandOf<'LOGIN'>): Promise<Completion> {
  if (!session.canSendPassword) return no('Use STARTTLS first', 'PRIVACYREQUIRED');
  await waitTurn(session);
  const { authenticator, context } = session.mechanismOptions;
  return admit(session, await authenticator.checkPassword(user, password, context), { user });
}

export async function authenticate(session: Session, command: CommandOf<'AUTHENTICATE'>): Promise<Completion> {
  const { mechanism: name, initialResponse } = command;
  const isOffered = session.protocol.capabilities.includes(`AUTH=${name.toUpperCase()}`);
  const mechanism = isOffered ? serverMechanism(name, session.mechanismOptions) : undefined;
  if (mechanism === undefined) {
    return session.canSendPassword
      ? no('That mechanism is not offered', 'CANNOT')
      : no('Use STARTTLS first', 'PRIVACYREQUIRED');
  }
  await waitTurn(session);
  let step = await mechanism.step(initialResponse);
  while (step.type === 'challenge') {
    session.output.send({ type: 'continuation', text: toBase64(step.data) });
    step = await mechanism.step(await nextResponse(session));
  }
  const isAnonymous = name.toUpperCase() === 'ANONYMOUS';
  return admit(session, step.type === 'success' ? step.account : undefined, { isAnonymous });
}

/** The client's answer to a challenge. */
async function nextResponse(session: Session): Promise<Uint8Array> {
  session.protocol.expectLine();
  const event = await session.input.nextEvent();
  if (event === undefined) session.input.endWith('Good-bye');
  if (event.type !== 'line') session.input.endWith('That is no answer to the challenge');
  const { bytes } = event;
  if (bytes.length === 1 && bytes[0] === ASTERISK) throw new CommandRefused(bad('Authentication cancelled'));
  const response = fromBase64(new TextDecoder('latin1').decode(bytes));
  if (response === undefined) throw new CommandRefused(bad('That is not base64'));
  return response;
}

async function admit(
  session: Session,
  account: AccountId | undefined,
  { user, isAnonymous = false }: { readonly user?: string; readonly isAnonymous?: boolean },
): Promise<Completion> {
  if (account === undefined) return refuse(session, user);
  session.loginGuard.succeeded(user);
  if (!session.loginGuard.enter(account)) {
    session.observer.login?.('limited');
    return no('You have too many connections', 'LIMIT');
  }
  session.accountName = account;
  try {
    const { store } = session.options;
    const own = await store.open(account, { signal: session.signal });
    session.account = withOthers(own, { account, isAnonymous }, store);
  } catch (error) {
    session.leaveAccount();
    session.observer.login?.('failed');
    throw error;
  }
  session.loggedIn();
  session.observer.login?.('accepted');
  session.log.info('logged in', { ...session.facts(), account, user });
  return ok('Logged in', { type: 'capability', capabilities: session.protocol.capabilities });
}

/** An address whose logins failed too often waits before the next is looked at. */
async function waitTurn(session: Session): Promise<void> {
  const delay = session.loginGuard.delayBefore(remoteHost(session.transport));
  if (delay > 0) await session.input.sleep(delay);
}

/** Answers a failed login late, and later each time: of this connection, and of this user on any. */
async function refuse(session: Session, user: string | undefined): Promise<Completion> {
  const { loginFailureDelayMs, maxLoginFailures } = session.limits;
  const failures = ++session.loginFailures;
  session.log.warn('login failed', { ...session.facts(), failures });
  session.observer.login?.('refused');
  session.loginGuard.failed(remoteHost(session.transport), user);
  await session.input.sleep(Math.max(loginFailureDelayMs * 2 ** (failures - 1), session.loginGuard.delayAfter(user)));
  if (failures >= maxLoginFailures) session.shutDown('Too many logins failed');
  return no('Name or password is wrong', 'AUTHENTICATIONFAILED');
}
