import { once } from 'node:events';
import { type Authenticator, accountId, type MailStore } from '@posthorn/core';
import { type ImapServer, serveImap } from '@posthorn/imap-server';
import { loadMail } from '@posthorn/memory/load';
import type { CommandContext } from '../command-context.ts';
import { readPem } from '../endpoint/connect-imap.ts';
import { parseEndpoint, parseHostPort } from '../endpoint/endpoint-url.ts';
import { openStore } from '../endpoint/open-store.ts';
import { findPassword, type PasswordOptions } from '../endpoint/password.ts';
import { singleUser } from '../endpoint/single-user.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { streamLogger } from '../output/stderr-logger.ts';
import { countText } from '../output/units.ts';

export interface ServeCommandOptions extends PasswordOptions {
  readonly store: string;
  readonly user: string;
  readonly imap?: string | undefined;
  readonly imaps?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly allowInsecureAuth: boolean;
  readonly seed?: string | undefined;
}

interface Address {
  readonly protocol: 'imap' | 'imaps';
  readonly host: string;
  readonly port: number;
}

/** `posthorn serve`: serves a store until it is interrupted. */
export async function serveCommand(options: ServeCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { output, signal } = context;
  const endpoint = parseEndpoint(options.store);
  if (endpoint.type === 'imap') throw new UsageError('--store takes maildir:DIR or memory:');
  const addresses = addressesOf(options);
  const tls = await certificateOf(options);
  if (tls === undefined && options.imaps !== undefined)
    throw new UsageError('--imaps needs --tls-cert FILE and --tls-key FILE');
  if (tls === undefined && !options.allowInsecureAuth) {
    throw new UsageError(
      'without TLS nobody could log in: give --tls-cert and --tls-key, or --allow-insecure-auth on a trusted network',
    );
  }
  const password = await findPassword(options.user, options, { variables: ['POSTHORN_PASSWORD'], signal });
  const store = openStore(endpoint);
  try {
    // Opened now, so that a store that cannot be used fails at the start and not at the first login.
    const account = await store.open(accountId(options.user), { signal });
    if (options.seed !== undefined) {
      const { messages, mailboxes } = await loadMail(account, options.seed, { signal });
      const into = countText(mailboxes, 'mailbox', 'mailboxes');
      output.line(`loaded ${countText(messages, 'message')} into ${into} from ${options.seed}`);
    }
    await serveUntilInterrupted(store, singleUser(options.user, password), addresses, tls, options, context);
  } finally {
    await store.close();
  }
  return EXIT.done;
}

async function serveUntilInterrupted(
  store: MailStore,
  authenticator: Authenticator,
  addresses: readonly Address[],
  tls: { readonly cert: string; readonly key: string } | undefined,
  { allowInsecureAuth }: ServeCommandOptions,
  { output, signal, verbose, stderr }: CommandContext,
): Promise<void> {
  const servers: ImapServer[] = [];
  try {
    for (const { protocol, host, port } of addresses) {
      const server = await serveImap({
        store,
        authenticator,
        host,
        port,
        ...(tls === undefined ? {} : { tls }),
        implicitTls: protocol === 'imaps',
        allowInsecureAuth,
        ...(verbose ? { logger: streamLogger(stderr) } : {}),
      });
      servers.push(server);
      output.event({ event: 'listening', protocol, host: server.host, port: server.port });
      output.line(`listening for ${protocol} on ${server.host}:${server.port}`);
    }
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

function addressesOf({ imap, imaps }: ServeCommandOptions): readonly Address[] {
  const addresses: Address[] = [];
  if (imap !== undefined) addresses.push({ protocol: 'imap', ...parseHostPort(imap, '--imap') });
  if (imaps !== undefined) addresses.push({ protocol: 'imaps', ...parseHostPort(imaps, '--imaps') });
  if (addresses.length === 0) throw new UsageError('say where to listen: --imap HOST:PORT or --imaps HOST:PORT');
  return addresses;
}

async function certificateOf({
  tlsCert,
  tlsKey,
}: ServeCommandOptions): Promise<{ cert: string; key: string } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) throw new UsageError('--tls-cert and --tls-key go together');
  return { cert: await readPem(tlsCert, '--tls-cert'), key: await readPem(tlsKey, '--tls-key') };
}
