import { assertNever } from '@posthorn/core';
import type { Pop3Command } from '@posthorn/wire/pop3';

/** A session is over once it is in the UPDATE state. @see RFC 1939 section 3 */
export type SessionState = 'authorization' | 'transaction' | 'update';

/** A command this server knows. */
export type KnownCommand = Exclude<Pop3Command, { readonly name: 'X' }>;

/** Why a command is not allowed now; undefined when it is. */
export function refusalOf(
  { name }: KnownCommand,
  state: SessionState,
  isOffered: (capability: string) => boolean,
): string | undefined {
  switch (name) {
    case 'CAPA':
    case 'QUIT':
      return undefined;
    case 'LANG':
      return isOffered(name) ? undefined : NOT_OFFERED;
    case 'UTF8':
    case 'STLS':
    case 'USER':
    case 'APOP':
      if (!isOffered(name)) return NOT_OFFERED;
      return before(state);
    case 'AUTH':
      if (!isOffered('SASL')) return NOT_OFFERED;
      return before(state);
    case 'PASS':
      return before(state);
    case 'TOP':
    case 'UIDL':
      if (!isOffered(name)) return NOT_OFFERED;
      return after(state);
    case 'STAT':
    case 'LIST':
    case 'RETR':
    case 'DELE':
    case 'NOOP':
    case 'RSET':
      return after(state);
    default:
      return assertNever(name);
  }
}

const NOT_OFFERED = 'That command is not offered';

function before(state: SessionState): string | undefined {
  return state === 'authorization' ? undefined : 'You are logged in already';
}

function after(state: SessionState): string | undefined {
  return state === 'transaction' ? undefined : 'Log in first';
}
