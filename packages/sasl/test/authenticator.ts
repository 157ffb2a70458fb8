import {
  type AccountId,
  type AuthenticationContext,
  type Authenticator,
  accountId,
  decodeText,
  utf8Bytes,
} from '@posthorn/core';
import { type ClientMechanism, deriveScramKeys, type ServerMechanism, type ServerStep } from '../src/index.ts';

export const USER = 'alice';
export const PASSWORD = 'correct horse';
export const TOKEN = 'dG9rZW4=';
export const ALICE: AccountId = accountId('alice');
export const BOB: AccountId = accountId('bob');

export const PLAIN_CONTEXT: AuthenticationContext = { protocol: 'imap', security: 'none' };
export const TLS_CONTEXT: AuthenticationContext = { protocol: 'imap', security: 'tls' };

/** Knows one user, who may act as bob. */
export const authenticator: Required<Authenticator> = {
  checkPassword: async (user, password, _context, authorizeAs) =>
    user === USER && password === PASSWORD ? accountOf(authorizeAs) : undefined,
  scramKeys: async (user, hash) => {
    const password = user === USER ? PASSWORD : 'nobody knows';
    return deriveScramKeys(password, { hash, salt: utf8Bytes('a salt of theirs'), iterations: 4096 });
  },
  checkToken: async (user, token) => (user === USER && token === TOKEN ? ALICE : undefined),
  authorize: async (user, _context, authorizeAs) => (user === USER ? accountOf(authorizeAs) : undefined),
};

function accountOf(authorizeAs: string | undefined): AccountId | undefined {
  if (authorizeAs === undefined) return ALICE;
  return authorizeAs === 'bob' ? BOB : undefined;
}

export interface Exchange {
  /** Where it ended. */
  readonly step: ServerStep;
  /** Messages, `C:` and `S:`. */
  readonly messages: readonly string[];
}

/** Runs both halves against each other, as a protocol does; `initial` says whether it carries an initial response. */
export async function run(
  client: ClientMechanism,
  server: ServerMechanism,
  { initial = true }: { readonly initial?: boolean } = {},
): Promise<Exchange> {
  const messages: string[] = [];
  let pending = client.initialResponse;
  let response: Uint8Array | undefined;
  if (initial && pending !== undefined) {
    response = pending;
    pending = undefined;
    messages.push(`C: ${decodeText(response)}`);
  }
  for (;;) {
    const step = await server.step(response);
    if (step.type !== 'challenge') return { step, messages };
    messages.push(`S: ${decodeText(step.data)}`);
    response = pending ?? (await client.respond(step.data));
    pending = undefined;
    messages.push(`C: ${decodeText(response)}`);
  }
}
