import { AuthenticationError, type ChannelBinding, concatBytes, type ScramHash, utf8Bytes } from '@posthorn/core';
import { decodeBase64, encodeBase64 } from './base64.ts';
import type { PasswordCredentials } from './credentials.ts';
import type { ClientMechanism } from './mechanism.ts';
import { isPrepared, prepareText } from './prepare-text.ts';
import { encodeName } from './saslname.ts';
import { deriveKeys, digest, exclusiveOr, hmac, saltPassword } from './scram-keys.ts';
import { checkOptionalText, checkText, decodeMessage, equalSecrets, printable } from './text.ts';

export interface ScramOptions {
  /** Binds the authentication to the TLS connection: the mechanism becomes its `-PLUS` form. */
  readonly channelBinding?: ChannelBinding | undefined;
  /**
   * Whether the connection could be bound but the server offers no `-PLUS`. Saying so lets the server notice when
   * somebody between took it out of the offer. Not with `channelBinding`. @defaultValue false
   */
  readonly couldBind?: boolean;
  /** Fewest iterations accepted: a server that asks for fewer helps somebody guess the password. @defaultValue 4096 */
  readonly minIterations?: number;
  /** Most iterations accepted: a server that asks for more wastes the client's time. @defaultValue 600_000 */
  readonly maxIterations?: number;
  /** Visible ASCII without commas, never used twice. Only for tests. @defaultValue 18 random octets in base64 */
  readonly nonce?: string;
}

const NONCE = /^[\x21-\x2b\x2d-\x7e]+$/;
const SERVER_FIRST = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/=]+),i=([1-9][0-9]{0,9})(?:,.*)?$/;
const SERVER_FINAL = /^([ve])=([^,]+)(?:,.*)?$/;

/**
 * SCRAM: proves that the client knows the password without sending it, and that the server knows it too.
 * @throws TypeError when a text is empty or holds NUL.
 * @see RFC 5802, RFC 7677
 */
export function scram(hash: ScramHash, credentials: PasswordCredentials, options: ScramOptions = {}): ClientMechanism {
  return new ScramClient(hash, credentials, options);
}

class ScramClient implements ClientMechanism {
  readonly name: string;
  readonly clientFirst = true;
  readonly #hash: ScramHash;
  readonly #user: string;
  readonly #password: string;
  readonly #header: string;
  readonly #binding: Uint8Array;
  readonly #minIterations: number;
  readonly #maxIterations: number;
  readonly #nonce: string;
  #clientFirstBare: string | undefined;
  #serverSignature: Uint8Array | undefined;
  #state: 'start' | 'hello' | 'proof' | 'verified' | 'failed' = 'start';
  #serverError: string | undefined;

  constructor(hash: ScramHash, { user, password, authorizeAs }: PasswordCredentials, options: ScramOptions) {
    const { channelBinding, couldBind = false, minIterations = 4096, maxIterations = 600_000 } = options;
    const { nonce = encodeBase64(crypto.getRandomValues(new Uint8Array(18))) } = options;
    if (!NONCE.test(nonce)) throw new TypeError('the nonce is not visible ASCII without commas');
    const identity = checkOptionalText('identity to act as', authorizeAs);
    const flag = channelBinding === undefined ? (couldBind ? 'y' : 'n') : `p=${channelBinding.type}`;
    this.name = `SCRAM-${hash}${channelBinding === undefined ? '' : '-PLUS'}`;
    this.#hash = hash;
    this.#user = checkText('user name', user);
    this.#password = checkText('password', password);
    this.#header = `${flag},${identity === '' ? '' : `a=${encodeName(identity)}`},`;
    this.#binding = channelBinding?.data ?? new Uint8Array();
    this.#minIterations = minIterations;
    this.#maxIterations = maxIterations;
    this.#nonce = nonce;
    if (isPrepared(user)) this.#clientFirstBare = this.#bareMessage(user);
  }

  get initialResponse(): Uint8Array | undefined {
    if (this.#clientFirstBare === undefined || !isPrepared(this.#user)) return undefined;
    return utf8Bytes(this.#header + this.#clientFirstBare);
  }

  get serverError(): string | undefined {
    return this.#serverError;
  }

  async respond(challenge: Uint8Array): Promise<Uint8Array> {
    const message = decodeMessage(challenge);
    if (message === undefined) throw this.#broken('sent a message that is not UTF-8');
    switch (this.#state) {
      case 'start':
        if (isPrepared(this.#user)) return this.#prove(message);
        if (message !== '') throw this.#broken('spoke before the client');
        this.#clientFirstBare = this.#bareMessage(await prepareText(this.#user));
        this.#state = 'hello';
        return utf8Bytes(this.#header + this.#clientFirstBare);
      case 'hello':
        return this.#prove(message);
      case 'proof':
        return this.#verify(message);
      default:
        throw this.#broken('sent more challenges than the mechanism has');
    }
  }

  finished(): void {
    if (this.#state !== 'verified') throw this.#broken('reported success without proving that it knows the password');
  }

  /** Answers the server's nonce, salt and iterations with the proof. */
  async #prove(serverFirst: string): Promise<Uint8Array> {
    this.#state = 'failed';
    const [, nonce = '', encodedSalt = '', digits = ''] = SERVER_FIRST.exec(serverFirst) ?? [];
    const salt = decodeBase64(encodedSalt);
    if (salt === undefined || salt.length === 0) throw this.#broken('sent a first message that makes no sense');
    if (nonce.length <= this.#nonce.length || !nonce.startsWith(this.#nonce)) throw this.#broken('changed the nonce');
    const iterations = Number(digits);
    if (iterations < this.#minIterations) throw this.#broken(`asks for only ${iterations} iterations`);
    if (iterations > this.#maxIterations) throw this.#broken(`asks for ${iterations} iterations`);

    const hash = this.#hash;
    const saltedPassword = await saltPassword(await prepareText(this.#password), { hash, salt, iterations });
    const { clientKey, serverKey } = await deriveKeys(saltedPassword, hash);
    const bound = encodeBase64(concatBytes([utf8Bytes(this.#header), this.#binding]));
    const withoutProof = `c=${bound},r=${nonce}`;
    const authMessage = utf8Bytes(`${this.#clientFirstBare},${serverFirst},${withoutProof}`);
    const clientSignature = await hmac(await digest(clientKey, hash), authMessage, hash);
    this.#serverSignature = await hmac(serverKey, authMessage, hash);
    this.#state = 'proof';
    return utf8Bytes(`${withoutProof},p=${encodeBase64(exclusiveOr(clientKey, clientSignature))}`);
  }

  /** Checks the server's own proof. The answer has no octets. */
  #verify(serverFinal: string): Uint8Array {
    this.#state = 'failed';
    const [, kind, value = ''] = SERVER_FINAL.exec(serverFinal) ?? [];
    if (kind === 'e') {
      this.#serverError = printable(value);
      throw new AuthenticationError('AUTH_REFUSED', `the server refused in ${this.name}: ${this.#serverError}`);
    }
    const signature = kind === 'v' ? decodeBase64(value) : undefined;
    if (signature === undefined || !equalSecrets(signature, this.#serverSignature!)) {
      throw this.#broken('could not prove that it knows the password');
    }
    this.#state = 'verified';
    return new Uint8Array();
  }

  #bareMessage(user: string): string {
    return `n=${encodeName(user)},r=${this.#nonce}`;
  }

  #broken(what: string): AuthenticationError {
    return new AuthenticationError('AUTH_PROTOCOL', `the server ${what} in ${this.name}`);
  }
}
