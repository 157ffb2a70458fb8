import { AuthenticationError } from '@posthorn/core';
import type { ClientMechanism } from '@posthorn/sasl';
import { fromBase64 } from '@posthorn/wire';
import type { Pop3Answer } from './client-protocol.ts';
import type { Connection } from './connection.ts';

/** Steps of any mechanism, at the most. */
const MOST_STEPS = 10;
/** Longest command line, line end included. @see RFC 2449 section 4 */
const MAX_LINE_BYTES = 255;

export interface ExchangeOptions {
  /** Sends the first message together with AUTH, where it fits into the line. */
  readonly initialResponse: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs one AUTH. Aborting costs the connection, since the exchange cannot be left half-way.
 * @throws {@link ServerRefusedError}; AuthenticationError `AUTH_PROTOCOL` when the server breaks the mechanism.
 * @see RFC 5034
 */
export async function runMechanism(
  connection: Connection,
  mechanism: ClientMechanism,
  { initialResponse, signal }: ExchangeOptions,
): Promise<void> {
  const exchange = new Exchange(mechanism, initialResponse);
  const abort = (): void => connection.fail(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const { name } = mechanism;
    await new Promise<Pop3Answer>((done, fail) => {
      const first = exchange.initialResponse;
      connection.submit(
        { name: 'AUTH', mechanism: name, ...(first === undefined ? {} : { initialResponse: first }) },
        { challenge: (text) => exchange.answer(text), done, fail },
      );
    });
  } catch (error) {
    throw exchange.failure ?? error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  if (exchange.failure !== undefined) throw exchange.failure;
  mechanism.finished();
}

/** The client's side of one AUTH. */
class Exchange {
  /** Why we gave up. */
  failure: unknown;
  readonly initialResponse: Uint8Array | undefined;
  readonly #mechanism: ClientMechanism;
  #isFirstSent: boolean;
  #steps = 0;

  constructor(mechanism: ClientMechanism, sendsFirst: boolean) {
    this.#mechanism = mechanism;
    this.initialResponse = sendsFirst && fits(mechanism) ? mechanism.initialResponse : undefined;
    this.#isFirstSent = this.initialResponse !== undefined;
  }

  /** @returns undefined to cancel */
  async answer(text: string): Promise<Uint8Array | undefined> {
    if (this.failure !== undefined || ++this.#steps > MOST_STEPS) throw surplus();
    try {
      const first = this.#isFirstSent ? undefined : this.#mechanism.initialResponse;
      this.#isFirstSent = true;
      if (first !== undefined) return first;
      return await this.#mechanism.respond(fromBase64(text.trim()) ?? notBase64());
    } catch (error) {
      this.failure = error;
      return undefined;
    }
  }
}

function fits({ name, initialResponse = new Uint8Array() }: ClientMechanism): boolean {
  const encoded = Math.max(1, Math.ceil(initialResponse.length / 3) * 4);
  return `AUTH ${name} `.length + encoded + 2 <= MAX_LINE_BYTES;
}

function surplus(): AuthenticationError {
  return new AuthenticationError('AUTH_PROTOCOL', 'the server goes on asking after the authentication was cancelled');
}

function notBase64(): never {
  throw new AuthenticationError('AUTH_PROTOCOL', 'the server sent a challenge that is not base64');
}
