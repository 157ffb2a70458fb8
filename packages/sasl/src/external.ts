import { type AuthenticationContext, type Authenticator, InvalidStateError, utf8Bytes } from '@posthorn/core';
import type { ExternalCredentials } from './credentials.ts';
import { type ClientMechanism, outcome, PROTOCOL_FAILURE, type ServerMechanism, type ServerStep } from './mechanism.ts';
import { ScriptedMechanism } from './scripted-mechanism.ts';
import { checkOptionalText, decodeMessage } from './text.ts';

/**
 * EXTERNAL: the server knows from elsewhere who the client is, as a rule from its TLS certificate.
 * @throws TypeError when `authorizeAs` holds NUL.
 * @see RFC 4422 appendix A
 */
export function external({ authorizeAs }: Omit<ExternalCredentials, 'external'> = {}): ClientMechanism {
  const message = utf8Bytes(checkOptionalText('identity to act as', authorizeAs));
  return new ScriptedMechanism({ name: 'EXTERNAL', initialResponse: message });
}

/**
 * The server's half of EXTERNAL, over `authenticator.authorize`.
 * @param user - Who the connection proves the client to be, such as the name in a certificate that was verified.
 */
export function externalServer(
  user: string,
  authenticator: Authenticator,
  context: AuthenticationContext,
): ServerMechanism {
  let state: 'start' | 'asked' | 'done' = 'start';
  return {
    name: 'EXTERNAL',
    async step(response): Promise<ServerStep> {
      if (state === 'done') throw new InvalidStateError('the authentication is over');
      if (response === undefined && state === 'start') {
        state = 'asked';
        return { type: 'challenge', data: new Uint8Array() };
      }
      state = 'done';
      const identity = response && decodeMessage(response);
      if (identity === undefined || identity.includes('\0')) return PROTOCOL_FAILURE;
      const authorizeAs = identity === '' || identity === user ? undefined : identity;
      return outcome(await authenticator.authorize?.(user, context, authorizeAs));
    },
  };
}
