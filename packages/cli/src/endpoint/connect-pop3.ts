import { connect, type Pop3Client } from '@posthorn/pop3-client';
import type { CommandContext } from '../command-context.ts';
import { UsageError } from '../failure.ts';
import { streamLogger } from '../output/stderr-logger.ts';
import type { SourceConnectOptions } from './connect-imap.ts';
import type { Pop3Endpoint } from './endpoint-url.ts';
import { readPem } from './read-pem.ts';

/** Connects and logs in as the options of the command line say. */
export async function connectPop3(
  endpoint: Pop3Endpoint,
  password: string,
  { plaintext, tlsCa }: SourceConnectOptions,
  { signal, verbose, stderr }: Pick<CommandContext, 'signal' | 'verbose' | 'stderr'>,
): Promise<Pop3Client> {
  if (plaintext && endpoint.security === 'tls') throw new UsageError('--plaintext contradicts pop3s://: write pop3://');
  const { host, port, user } = endpoint;
  return connect({
    host,
    port,
    security: plaintext ? 'none' : endpoint.security,
    auth: { user, password },
    allowInsecureAuth: plaintext,
    utf8: 'ifOffered',
    ...(tlsCa === undefined ? {} : { tls: { ca: await readPem(tlsCa, '--tls-ca') } }),
    ...(verbose ? { logger: streamLogger(stderr) } : {}),
    signal,
  });
}
