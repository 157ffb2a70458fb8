import {
  type AuthenticationContext,
  type Authenticator,
  type ChannelBinding,
  concatBytes,
  equalBytes,
  InvalidStateError,
  type ScramHash,
  type ScramKeys,
  utf8Bytes,
} from '@posthorn/core';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { CREDENTIALS_FAILURE, outcome, PROTOCOL_FAILURE, type ServerMechanism, type ServerStep } from './mechanism.ts';
import { decodeName } from './saslname.ts';
import { digest, exclusiveOr, HASH_BYTES, hmac } from './scram-keys.ts';
import { decodeMessage, equalSecrets } from './text.ts';

export interface ScramServerOptions {
  /** What the TLS connection can be bound to, when the server offers `-PLUS` mechanisms. */
  readonly channelBinding?: ChannelBinding | undefined;
  /** Whether this is the `-PLUS` form. @defaultValue false */
  readonly plus?: boolean;
  /** Visible ASCII without commas, never used twice. Only for tests. @defaultValue 18 random octets in base64 */
  readonly nonce?: string;
}

const CLIENT_FIRST = /^((n|y|p=([A-Za-z0-9.-]+)),(?:a=([^,]*))?,)(n=([^,]*),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/s;
const CLIENT_FINAL = /^(c=([A-Za-z0-9+/=]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?),p=([A-Za-z0-9+/=]+)$/s;

/** What is known after the client's first message. */
interface Exchange {
  readonly header: string;
  readonly authorizeAs: string | undefined;
  readonly user: string;
  readonly keys: ScramKeys;
  readonly nonce: string;
  /** The part of the signed text that the first two messages make up. */
  readonly signedSoFar: string;
}

/** The server's half of SCRAM, over the keys that `authenticator.scramKeys` gives. */
export function scramServer(
  hash: ScramHash,
  authenticator: Authenticator,
  context: AuthenticationContext,
  options: ScramServerOptions = {},
): ServerMechanism {
  return new ScramServer(hash, authenticator, context, options);
}

class ScramServer implements ServerMechanism {
  readonly name: string;
  readonly #hash: ScramHash;
  readonly #authenticator: Authenticator;
  readonly #context: AuthenticationContext;
  readonly #channelBinding: ChannelBinding | undefined;
  readonly #plus: boolean;
  readonly #nonce: string;
  #state: 'start' | 'asked' | 'challenged' | 'proved' | 'done' = 'start';
  #exchange: Exchange | undefined;
  #success: ServerStep | undefined;

  constructor(
    hash: ScramHash,
    authenticator: Authenticator,
    context: AuthenticationContext,
    { channelBinding, plus = false, nonce }: ScramServerOptions,
  ) {
    this.name = `SCRAM-${hash}${plus ? '-PLUS' : ''}`;
    this.#hash = hash;
    this.#authenticator = authenticator;
    this.#context = context;
    this.#channelBinding = channelBinding;
    this.#plus = plus;
    this.#nonce = nonce ?? encodeBase64(crypto.getRandomValues(new Uint8Array(18)));
  }

  async step(response: Uint8Array | undefined): Promise<ServerStep> {
    const state = this.#state;
    if (state === 'done') throw new InvalidStateError('the authentication is over');
    if (response === undefined && state === 'start') {
      this.#state = 'asked';
      return { type: 'challenge', data: new Uint8Array() };
    }
    // Whatever goes wrong from here on is the end.
    this.#state = 'done';
    if (state === 'proved') return response?.length === 0 ? this.#success! : PROTOCOL_FAILURE;
    const message = response === undefined ? undefined : decodeMessage(response);
    if (message === undefined) return PROTOCOL_FAILURE;
    return state === 'challenged' ? this.#check(message, this.#exchange!) : this.#challenge(message);
  }

  /** Reads who the client is, and sends nonce, salt and iterations. */
  async #challenge(message: string): Promise<ServerStep> {
    const match = CLIENT_FIRST.exec(message);
    if (match === null || !this.#acceptsFlag(match[2]!, match[3])) return PROTOCOL_FAILURE;
    const [, header = '', , , encodedIdentity, bare = '', encodedUser = '', clientNonce = ''] = match;
    const user = decodeName(encodedUser);
    const identity = encodedIdentity === undefined ? undefined : decodeName(encodedIdentity);
    if (user === undefined || (encodedIdentity !== undefined && identity === undefined)) return PROTOCOL_FAILURE;
    const keys = await this.#authenticator.scramKeys?.(user, this.#hash, this.#context);
    if (keys === undefined) return CREDENTIALS_FAILURE;
    const nonce = clientNonce + this.#nonce;
    const serverFirst = `r=${nonce},s=${encodeBase64(keys.salt)},i=${keys.iterations}`;
    const authorizeAs = identity === user ? undefined : identity;
    this.#exchange = { header, authorizeAs, user, keys, nonce, signedSoFar: `${bare},${serverFirst}` };
    this.#state = 'challenged';
    return { type: 'challenge', data: utf8Bytes(serverFirst) };
  }

  /** `y` says that the client could bind and believes we cannot: when we can, our offer was tampered with. */
  #acceptsFlag(flag: string, bindingType: string | undefined): boolean {
    if (this.#plus) return bindingType !== undefined && bindingType === this.#channelBinding?.type;
    return flag === 'n' || (flag === 'y' && this.#channelBinding === undefined);
  }

  /** Checks the client's proof, and sends the server's own. */
  async #check(
    message: string,
    { header, authorizeAs, user, keys, nonce, signedSoFar }: Exchange,
  ): Promise<ServerStep> {
    const [, withoutProof = '', encodedBinding = '', finalNonce, encodedProof = ''] = CLIENT_FINAL.exec(message) ?? [];
    const binding = decodeBase64(encodedBinding);
    const proof = decodeBase64(encodedProof);
    const expected = concatBytes([utf8Bytes(header), (this.#plus && this.#channelBinding?.data) || new Uint8Array()]);
    if (binding === undefined || proof === undefined || proof.length !== HASH_BYTES[this.#hash])
      return PROTOCOL_FAILURE;
    if (finalNonce !== nonce || !equalBytes(binding, expected)) return PROTOCOL_FAILURE;

    const authMessage = utf8Bytes(`${signedSoFar},${withoutProof}`);
    const clientSignature = await hmac(keys.storedKey, authMessage, this.#hash);
    const storedKey = await digest(exclusiveOr(proof, clientSignature), this.#hash);
    if (!equalSecrets(storedKey, keys.storedKey)) return CREDENTIALS_FAILURE;
    const step = outcome(await this.#authenticator.authorize?.(user, this.#context, authorizeAs));
    if (step.type !== 'success') return step;
    this.#success = step;
    this.#state = 'proved';
    const serverSignature = await hmac(keys.serverKey, authMessage, this.#hash);
    return { type: 'challenge', data: utf8Bytes(`v=${encodeBase64(serverSignature)}`) };
  }
}
