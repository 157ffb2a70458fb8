import { type AuthenticationContext, type Authenticator, InvalidStateError, utf8Bytes } from '@posthorn/core';
import type { PasswordCredentials } from './credentials.ts';
import { type ClientMechanism, outcome, PROTOCOL_FAILURE, type ServerMechanism, type ServerStep } from './mechanism.ts';
import { ScriptedMechanism } from './scripted-mechanism.ts';
import { checkText, decodeMessage } from './text.ts';

/**
 * LOGIN: name, then password, each in answer to a prompt whose text means nothing. Only for servers without PLAIN.
 * @throws TypeError when a text is empty or holds NUL, or when `authorizeAs` is given: LOGIN has no place for it.
 * @see draft-murchison-sasl-login-00
 */
export function login({ user, password, authorizeAs }: PasswordCredentials): ClientMechanism {
  if (authorizeAs !== undefined) throw new TypeError('LOGIN cannot act as somebody else');
  const answers = [utf8Bytes(checkText('user name', user)), utf8Bytes(checkText('password', password))];
  return new ScriptedMechanism({ name: 'LOGIN', answers });
}

/** The server's half of LOGIN. An initial response is taken for the user name. */
export function loginServer(authenticator: Authenticator, context: AuthenticationContext): ServerMechanism {
  let user: string | undefined;
  let done = false;
  return {
    name: 'LOGIN',
    async step(response): Promise<ServerStep> {
      if (done) throw new InvalidStateError('the authentication is over');
      if (response === undefined && user === undefined) return { type: 'challenge', data: utf8Bytes('Username:') };
      const text = decodeMessage(response ?? new Uint8Array());
      done = user !== undefined || !text || text.includes('\0');
      if (!text || text.includes('\0')) return PROTOCOL_FAILURE;
      if (user !== undefined) return outcome(await authenticator.checkPassword(user, text, context));
      user = text;
      return { type: 'challenge', data: utf8Bytes('Password:') };
    },
  };
}
