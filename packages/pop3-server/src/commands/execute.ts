import { assertNever } from '@posthorn/core';
import type { Pop3Command } from '@posthorn/wire/pop3';
import { ok, type Reply } from '../replies.ts';
import type { ServerEvent } from '../server-protocol.ts';
import type { Session } from '../session.ts';
import { apop } from './apop.ts';
import { authenticate } from './authenticate.ts';
import { capa, lang, startTls, utf8 } from './connection.ts';
import { list, uidl } from './listing.ts';
import { pass, user } from './login.ts';
import { dele, quit, rset, stat } from './maildrop-commands.ts';
import { retr, top } from './retrieve.ts';

/** One kind of command. */
export type CommandOf<Name extends Pop3Command['name']> = Extract<Pop3Command, { readonly name: Name }>;

/** Runs a command that the protocol let through. What it gives back is still to be sent. */
export async function execute(
  session: Session,
  { command, user: name = '' }: Extract<ServerEvent, { readonly type: 'command' }>,
): Promise<Reply | undefined> {
  switch (command.name) {
    case 'CAPA':
      return capa(session);
    case 'STLS':
      return startTls(session);
    case 'UTF8':
      return utf8(session);
    case 'LANG':
      return lang(session, command.language);
    case 'USER':
      return user(session);
    case 'PASS':
      return pass(session, name, command.password);
    case 'APOP':
      return apop(session, command);
    case 'AUTH':
      return authenticate(session, command);
    case 'STAT':
      return stat(session);
    case 'LIST':
      return list(session, command.number);
    case 'UIDL':
      return uidl(session, command.number);
    case 'RETR':
      return retr(session, command.number);
    case 'TOP':
      return top(session, command.number, command.lines);
    case 'DELE':
      return dele(session, command.number);
    case 'RSET':
      return rset(session);
    case 'NOOP':
      return ok('Done');
    case 'QUIT':
      return quit(session);
    default:
      return assertNever(command);
  }
}
