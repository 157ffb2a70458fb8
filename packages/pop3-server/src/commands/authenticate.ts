import { cramMd5Server, type ServerMechanism, serverMechanism } from '@posthorn/sasl';
import { fromBase64 } from '@posthorn/wire';
import { encodePop3Challenge } from '@posthorn/wire/pop3';
import { CommandRefused, err, ok, type Reply } from '../replies.ts';
import type { Session } from '../session.ts';
import { accountOf } from './apop.ts';
import type { CommandOf } from './execute.ts';
import { admit, waitTurn } from './login.ts';

const ASTERISK = 0x2a;

/** @see RFC 5034 section 4 */
export async function authenticate(session: Session, command: CommandOf<'AUTH'>): Promise<Reply | undefined> {
  const { mechanism: name, initialResponse } = command;
  if (name === undefined) return listMechanisms(session);
  const mechanism = mechanismOf(session, name);
  if (mechanism === undefined) {
    return session.canSendPassword ? err('That mechanism is not offered') : err('Use STLS first');
  }
  await waitTurn(session);
  let step = await mechanism.step(initialResponse);
  while (step.type === 'challenge') {
    session.output.push(encodePop3Challenge(step.data));
    step = await mechanism.step(await nextResponse(session));
  }
  return admit(session, step.type === 'success' ? step.account : undefined);
}

/** What AUTH alone asks for; no RFC says so, but clients from before CAPA do. */
async function listMechanisms(session: Session): Promise<undefined> {
  const sasl = session.protocol.capabilities.find((line) => line.startsWith('SASL '));
  await session.output.sendLines(ok('Mechanisms follow'), sasl?.split(' ').slice(1) ?? []);
}

function mechanismOf(session: Session, name: string): ServerMechanism | undefined {
  const { passwordOf } = session.options;
  if (name !== 'CRAM-MD5' || passwordOf === undefined) return serverMechanism(name, session.mechanismOptions);
  return cramMd5Server({ host: session.hostName, passwordOf, authorize: (user) => accountOf(session, user) });
}

/** The client's answer to a challenge. */
async function nextResponse(session: Session): Promise<Uint8Array> {
  session.protocol.expectLine();
  const event = await session.nextEvent();
  if (event?.type !== 'line') session.endWith('Good-bye');
  const { bytes } = event;
  if (bytes.length === 1 && bytes[0] === ASTERISK) throw new CommandRefused(err('Authentication cancelled'));
  const response = fromBase64(new TextDecoder('latin1').decode(bytes));
  if (response === undefined) throw new CommandRefused(err('That is not base64'));
  return response;
}
