import { once } from 'node:events';
import { type Account, accountId, type MailboxPath, StoreError } from '@posthorn/core';
import { loadMail } from '@posthorn/memory/load';
import type { CommandContext } from '../command-context.ts';
import { readPem } from '../endpoint/connect-imap.ts';
import { parseEndpoint } from '../endpoint/endpoint-url.ts';
import { openStore } from '../endpoint/open-store.ts';
import { findPassword, type PasswordOptions } from '../endpoint/password.ts';
import { singleUser } from '../endpoint/single-user.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { streamLogger } from '../output/stderr-logger.ts';
import { countText } from '../output/units.ts';
import {
  type Address,
  type AddressOptions,
  addressesOf,
  type CommonServerOptions,
  isImplicitTls,
  type Listening,
  listenAt,
} from './listen-at.ts';

export interface ServeCommandOptions extends PasswordOptions, AddressOptions {
  readonly store: string;
  readonly user: string;
  readonly pop3Mailbox?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly allowInsecureAuth: boolean;
  readonly seed?: string | undefined;
}

/** `posthorn serve`: serves a store until it is interrupted. */
export async function serveCommand(options: ServeCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { output, signal } = context;
  const endpoint = parseEndpoint(options.store);
  if (endpoint.type === 'imap') throw new UsageError('--store takes maildir:DIR or memory:');
  const addresses = addressesOf(options);
  const mailbox = mailboxOf(options);
  const tls = await certificateOf(options);
  const secure = addresses.find(isImplicitTls);
  if (tls === undefined && secure !== undefined)
    throw new UsageError(`--${secure.protocol} needs --tls-cert FILE and --tls-key FILE`);
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
    if (options.pop3Mailbox !== undefined) await checkMailbox(account, mailbox, options.pop3Mailbox);
    const { allowInsecureAuth } = options;
    const common = {
      store,
      authenticator: singleUser(options.user, password),
      tls,
      allowInsecureAuth,
      logger: context.verbose ? streamLogger(context.stderr) : undefined,
    };
    await serveUntilInterrupted(addresses, common, mailbox, context);
  } finally {
    await store.close();
  }
  return EXIT.done;
}

async function serveUntilInterrupted(
  addresses: readonly Address[],
  options: CommonServerOptions,
  mailbox: MailboxPath,
  { output, signal }: CommandContext,
): Promise<void> {
  const servers: Listening[] = [];
  try {
    for (const address of addresses) {
      const server = await listenAt(address, options, mailbox);
      servers.push(server);
      const { protocol } = address;
      output.event({ event: 'listening', protocol, host: server.host, port: server.port });
      output.line(`listening for ${protocol} on ${server.host}:${server.port}`);
    }
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

/** The mailbox that POP3 serves. */
function mailboxOf({ pop3Mailbox, pop3, pop3s }: ServeCommandOptions): MailboxPath {
  if (pop3Mailbox === undefined) return ['INBOX'];
  if (pop3 === undefined && pop3s === undefined) throw new UsageError('--pop3-mailbox goes with --pop3 or --pop3s');
  const [first = '', ...rest] = pop3Mailbox.split('/');
  if (first === '' || rest.includes('')) throw new UsageError('--pop3-mailbox takes a name such as Archive/2026');
  return [first, ...rest];
}

async function checkMailbox(account: Account, mailbox: MailboxPath, name: string): Promise<void> {
  try {
    await account.mailbox(mailbox);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'STORE_NONEXISTENT') throw error;
    throw new UsageError(`the store has no mailbox ${name} for --pop3-mailbox`);
  }
}

async function certificateOf({
  tlsCert,
  tlsKey,
}: ServeCommandOptions): Promise<{ cert: string; key: string } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) throw new UsageError('--tls-cert and --tls-key go together');
  return { cert: await readPem(tlsCert, '--tls-cert'), key: await readPem(tlsKey, '--tls-key') };
}
