import { utf8Bytes } from '@posthorn/core';
import type { ExternalCredentials } from './credentials.ts';
import type { ClientMechanism } from './mechanism.ts';
import { ScriptedMechanism } from './scripted-mechanism.ts';
import { checkOptionalText } from './text.ts';

/**
 * EXTERNAL: the server knows from elsewhere who the client is, as a rule from its TLS certificate.
 * @throws TypeError when `authorizeAs` holds NUL.
 * @see RFC 4422 appendix A
 */
export function external({ authorizeAs }: Omit<ExternalCredentials, 'external'> = {}): ClientMechanism {
  const message = utf8Bytes(checkOptionalText('identity to act as', authorizeAs));
  return new ScriptedMechanism({ name: 'EXTERNAL', initialResponse: message });
}
