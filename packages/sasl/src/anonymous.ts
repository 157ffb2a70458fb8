import { type AccountId, InvalidStateError, utf8Bytes } from '@posthorn/core';
import type { AnonymousCredentials } from './credentials.ts';
import { type ClientMechanism, PROTOCOL_FAILURE, type ServerMechanism, type ServerStep } from './mechanism.ts';
import { ScriptedMechanism } from './scripted-mechanism.ts';
import { checkText, decodeMessage, printable } from './text.ts';

const MAX_TRACE_CHARACTERS = 255;

/**
 * ANONYMOUS: no proof at all, only a trace for the server's log.
 * @throws TypeError when the trace is empty, holds NUL, or is longer than 255 characters.
 * @see RFC 4505
 */
export function anonymous({ trace = 'anonymous' }: Omit<AnonymousCredentials, 'anonymous'> = {}): ClientMechanism {
  if ([...checkText('trace', trace)].length > MAX_TRACE_CHARACTERS) throw new TypeError('the trace is too long');
  return new ScriptedMechanism({ name: 'ANONYMOUS', initialResponse: utf8Bytes(trace) });
}

export interface AnonymousServerOptions {
  /** The account that anybody may open. */
  readonly account: AccountId;
  /** Told the trace: anybody's words, on one line and without control characters. */
  readonly onTrace?: ((trace: string) => void) | undefined;
}

/** The server's half of ANONYMOUS: lets everybody in. */
export function anonymousServer({ account, onTrace }: AnonymousServerOptions): ServerMechanism {
  let state: 'start' | 'asked' | 'done' = 'start';
  return {
    name: 'ANONYMOUS',
    async step(response): Promise<ServerStep> {
      if (state === 'done') throw new InvalidStateError('the authentication is over');
      if (response === undefined && state === 'start') {
        state = 'asked';
        return { type: 'challenge', data: new Uint8Array() };
      }
      state = 'done';
      const trace = response && decodeMessage(response);
      if (trace === undefined || trace.includes('\0') || [...trace].length > MAX_TRACE_CHARACTERS)
        return PROTOCOL_FAILURE;
      onTrace?.(printable(trace));
      return { type: 'success', account };
    },
  };
}
