import { type AuthenticationContext, type Authenticator, InvalidStateError, utf8Bytes } from '@posthorn/core';
import type { TokenCredentials } from './credentials.ts';
import {
  type ClientMechanism,
  CREDENTIALS_FAILURE,
  outcome,
  PROTOCOL_FAILURE,
  type ServerMechanism,
  type ServerStep,
} from './mechanism.ts';
import { decodeName, encodeName } from './saslname.ts';
import { ScriptedMechanism } from './scripted-mechanism.ts';
import { checkText, decodeMessage, printable } from './text.ts';

/** What parts the fields of a message. */
const SEPARATOR = '\x01';
/** Everything a token may be made of, and a little more. */
const VISIBLE = /^[\x21-\x7e]+$/;
const BEARER = /^Bearer +([\x21-\x7e]+)$/i;
const REFUSAL = utf8Bytes('{"status":"invalid_token"}');

/**
 * XOAUTH2, the bearer token mechanism of Google and Microsoft before {@link oauthBearer}.
 * @throws TypeError when a text is empty, or the token cannot be one.
 * @see https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
 */
export function xoauth2({ user, accessToken }: TokenCredentials): ClientMechanism {
  const fields = [`user=${checkUser(user)}`, `auth=Bearer ${checkToken(accessToken)}`, SEPARATOR];
  return tokenMechanism('XOAUTH2', fields.join(SEPARATOR), '');
}

/**
 * OAUTHBEARER: an OAuth 2 bearer token.
 * @throws TypeError when a text is empty, or the token cannot be one.
 * @see RFC 7628
 */
export function oauthBearer({ user, accessToken, host, port }: TokenCredentials): ClientMechanism {
  const fields = [
    `n,a=${encodeName(checkUser(user))},`,
    ...(host === undefined ? [] : [`host=${checkHost(host)}`]),
    ...(port === undefined ? [] : [`port=${port}`]),
    `auth=Bearer ${checkToken(accessToken)}`,
    SEPARATOR,
  ];
  return tokenMechanism('OAUTHBEARER', fields.join(SEPARATOR), SEPARATOR);
}

function tokenMechanism(name: string, message: string, refusalAnswer: string): ClientMechanism {
  return new ScriptedMechanism({
    name,
    initialResponse: utf8Bytes(message),
    refusalAnswer: utf8Bytes(refusalAnswer),
    readRefusal: (challenge) => printable(decodeMessage(challenge) ?? ''),
  });
}

/** The server's half of XOAUTH2. */
export function xoauth2Server(authenticator: Authenticator, context: AuthenticationContext): ServerMechanism {
  return tokenServer('XOAUTH2', authenticator, context, (message) => {
    const fields = fieldsOf(message);
    return { user: fields.get('user'), token: fields.get('auth') };
  });
}

/** The server's half of OAUTHBEARER. */
export function oauthBearerServer(authenticator: Authenticator, context: AuthenticationContext): ServerMechanism {
  return tokenServer('OAUTHBEARER', authenticator, context, (message) => {
    const header = /^[ny],(?:a=([^,]*))?,$/.exec(message.slice(0, message.indexOf(SEPARATOR)));
    const user = header?.[1] === undefined ? undefined : decodeName(header[1]);
    return { user, token: fieldsOf(message).get('auth') };
  });
}

function tokenServer(
  name: string,
  authenticator: Authenticator,
  context: AuthenticationContext,
  read: (message: string) => { readonly user?: string | undefined; readonly token?: string | undefined },
): ServerMechanism {
  let state: 'start' | 'asked' | 'refused' | 'done' = 'start';
  return {
    name,
    async step(response): Promise<ServerStep> {
      if (state === 'done') throw new InvalidStateError('the authentication is over');
      if (response === undefined && state === 'start') {
        state = 'asked';
        return { type: 'challenge', data: new Uint8Array() };
      }
      const wasRefused = state === 'refused';
      state = 'done';
      if (wasRefused) return CREDENTIALS_FAILURE;
      const message = decodeMessage(response ?? new Uint8Array());
      const { user, token } = message?.endsWith(SEPARATOR + SEPARATOR) ? read(message) : {};
      const bearer = BEARER.exec(token ?? '')?.[1];
      if (!user || bearer === undefined) return PROTOCOL_FAILURE;
      const step = outcome(await authenticator.checkToken?.(user, bearer, context));
      if (step.type === 'success') return step;
      // The client learns why in a last challenge, and acknowledges it (RFC 7628 section 3.2.3).
      state = 'refused';
      return { type: 'challenge', data: REFUSAL };
    },
  };
}

/** `name=value` fields; of fields of one name the first counts. */
function fieldsOf(message: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const field of message.split(SEPARATOR)) {
    const equals = field.indexOf('=');
    const name = field.slice(0, equals);
    if (equals > 0 && !fields.has(name)) fields.set(name, field.slice(equals + 1));
  }
  return fields;
}

function checkUser(user: string): string {
  if (checkText('user name', user).includes(SEPARATOR)) throw new TypeError('the user name holds a control character');
  return user;
}

function checkHost(host: string): string {
  if (!VISIBLE.test(host)) throw new TypeError('the host is not one');
  return host;
}

function checkToken(token: string): string {
  if (!VISIBLE.test(checkText('access token', token))) throw new TypeError('the access token is not one');
  return token;
}
