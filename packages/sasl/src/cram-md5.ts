import { hmac } from '@noble/hashes/hmac.js';
import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { type AccountId, AuthenticationError, InvalidStateError, utf8Bytes } from '@posthorn/core';
import type { PasswordCredentials } from './credentials.ts';
import { type ClientMechanism, outcome, PROTOCOL_FAILURE, type ServerMechanism, type ServerStep } from './mechanism.ts';
import { checkText, decodeMessage, equalSecrets, MAX_MESSAGE_BYTES } from './text.ts';

/**
 * CRAM-MD5: proves knowledge of the password by a digest of it and a challenge. Whoever listens can guess at the
 * password, and the server proves nothing, so it is for TLS and for servers without SCRAM.
 * @throws TypeError when a text is empty or holds NUL, or when `authorizeAs` is given: there is no place for it.
 * @see RFC 2195
 */
export function cramMd5({ user, password, authorizeAs }: PasswordCredentials): ClientMechanism {
  if (authorizeAs !== undefined) throw new TypeError('CRAM-MD5 cannot act as somebody else');
  checkText('user name', user);
  checkText('password', password);
  let answered = false;
  return {
    name: 'CRAM-MD5',
    clientFirst: false,
    initialResponse: undefined,
    respond(challenge) {
      if (answered) throw new AuthenticationError('AUTH_PROTOCOL', 'the server sent a second challenge in CRAM-MD5');
      if (challenge.length === 0 || challenge.length > MAX_MESSAGE_BYTES) {
        throw new AuthenticationError('AUTH_PROTOCOL', 'the server sent no usable challenge in CRAM-MD5');
      }
      answered = true;
      return utf8Bytes(`${user} ${bytesToHex(digestOf(password, challenge))}`);
    },
    finished() {
      if (!answered) throw new AuthenticationError('AUTH_PROTOCOL', 'the server ended CRAM-MD5 before its challenge');
    },
  };
}

export interface CramMd5ServerOptions {
  /** The name after `@` in the challenge. */
  readonly host: string;
  /** The password of a user, which this mechanism needs as it is; undefined when there is no such user. */
  readonly passwordOf: (user: string) => Promise<string | undefined>;
  /** The account of a user who gave the right digest. */
  readonly authorize: (user: string) => Promise<AccountId | undefined>;
  /** Never used twice. Only for tests. @defaultValue 128 random bits */
  readonly nonce?: string;
}

const RESPONSE = /^(.+) ([0-9a-f]{32})$/s;

/** The server's half of CRAM-MD5. */
export function cramMd5Server({ host, passwordOf, authorize, nonce }: CramMd5ServerOptions): ServerMechanism {
  const unique = nonce ?? bytesToHex(crypto.getRandomValues(new Uint8Array(16)));
  const challenge = utf8Bytes(`<${unique}@${host}>`);
  let state: 'start' | 'asked' | 'done' = 'start';
  return {
    name: 'CRAM-MD5',
    async step(response): Promise<ServerStep> {
      if (state === 'done') throw new InvalidStateError('the authentication is over');
      const wasAsked = state === 'asked';
      state = response === undefined && !wasAsked ? 'asked' : 'done';
      if (state === 'asked') return { type: 'challenge', data: challenge };
      const [, user, hex = ''] = RESPONSE.exec((wasAsked && response && decodeMessage(response)) || '') ?? [];
      if (user === undefined) return PROTOCOL_FAILURE;
      const password = await passwordOf(user);
      // The digest is computed for unknown users too, so that they take as long.
      const isRight = equalSecrets(utf8Bytes(hex), utf8Bytes(bytesToHex(digestOf(password ?? '', challenge))));
      return outcome(isRight && password !== undefined ? await authorize(user) : undefined);
    },
  };
}

function digestOf(password: string, challenge: Uint8Array): Uint8Array {
  return hmac(md5, utf8Bytes(password), challenge);
}
