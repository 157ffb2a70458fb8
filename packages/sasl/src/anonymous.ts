import { utf8Bytes } from '@posthorn/core';
import type { AnonymousCredentials } from './credentials.ts';
import type { ClientMechanism } from './mechanism.ts';
import { ScriptedMechanism } from './scripted-mechanism.ts';
import { checkText } from './text.ts';

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
