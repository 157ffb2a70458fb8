import { type AuthenticationContext, type Authenticator, InvalidStateError, utf8Bytes } from '@posthorn/core';
import type { PasswordCredentials } from './credentials.ts';
import { type ClientMechanism, outcome, PROTOCOL_FAILURE, type ServerMechanism, type ServerStep } from './mechanism.ts';
import { ScriptedMechanism } from './scripted-mechanism.ts';
import { checkOptionalText, checkText, decodeMessage } from './text.ts';

/**
 * PLAIN: name and password as they are.
 * @throws TypeError when a text is empty or holds NUL.
 * @see RFC 4616
 */
export function plain({ user, password, authorizeAs }: PasswordCredentials): ClientMechanism {
  const identity = checkOptionalText('identity to act as', authorizeAs);
  const message = `${identity}\0${checkText('user name', user)}\0${checkText('password', password)}`;
  return new ScriptedMechanism({ name: 'PLAIN', initialResponse: utf8Bytes(message) });
}

/** The server's half of PLAIN. */
export function plainServer(authenticator: Authenticator, context: AuthenticationContext): ServerMechanism {
  let state: 'start' | 'asked' | 'done' = 'start';
  return {
    name: 'PLAIN',
    async step(response): Promise<ServerStep> {
      if (state === 'done') throw new InvalidStateError('the authentication is over');
      if (response === undefined && state === 'start') {
        state = 'asked';
        return { type: 'challenge', data: new Uint8Array() };
      }
      state = 'done';
      const fields = decodeMessage(response ?? new Uint8Array())?.split('\0') ?? [];
      const [authorizeAs, user, password] = fields;
      if (fields.length !== 3 || authorizeAs === undefined || !user || !password) return PROTOCOL_FAILURE;
      const other = authorizeAs === '' || authorizeAs === user ? undefined : authorizeAs;
      return outcome(await authenticator.checkPassword(user, password, context, other));
    },
  };
}
