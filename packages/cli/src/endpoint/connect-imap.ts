import { connect, type ImapClient } from '@posthorn/imap-client';
import type { CommandContext } from '../command-context.ts';
import { UsageError } from '../failure.ts';
import { streamLogger } from '../output/stderr-logger.ts';
import type { ImapEndpoint } from './endpoint-url.ts';
import { readPem } from './read-pem.ts';

export interface SourceConnectOptions {
  /** Stays in clear text instead of STARTTLS or STLS, credentials included. */
  readonly plaintext: boolean;
  /** A file of certificate authorities in PEM, trusted instead of the system's. */
  readonly tlsCa?: string | undefined;
}

/** Connects and logs in as the options of the command line say. */
export async function connectImap(
  endpoint: ImapEndpoint,
  password: string,
  { plaintext, tlsCa }: SourceConnectOptions,
  { signal, verbose, stderr }: Pick<CommandContext, 'signal' | 'verbose' | 'stderr'>,
): Promise<ImapClient> {
  if (plaintext && endpoint.security === 'tls') throw new UsageError('--plaintext contradicts imaps://: write imap://');
  const { host, port, user } = endpoint;
  return connect({
    host,
    port,
    security: plaintext ? 'none' : endpoint.security,
    auth: { user, password },
    allowInsecureAuth: plaintext,
    ...(tlsCa === undefined ? {} : { tls: { ca: await readPem(tlsCa, '--tls-ca') } }),
    ...(verbose ? { logger: streamLogger(stderr) } : {}),
    signal,
  });
}
