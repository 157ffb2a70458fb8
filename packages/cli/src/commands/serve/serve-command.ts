import { once } from 'node:events';
import {
  type Account,
  type Authenticator,
  accountId,
  type Logger,
  type MailboxPath,
  type MailStore,
  StoreError,
  silentLogger,
} from '@posthorn/core';
import { loadMail } from '@posthorn/memory/load';
import { openUsers } from '@posthorn/users';
import type { CommandContext } from '../command-context.ts';
import { parseEndpoint } from '../endpoint/endpoint-url.ts';
import { openStore } from '../endpoint/open-store.ts';
import { findPassword, type PasswordOptions } from '../endpoint/password.ts';
import { readPem } from '../endpoint/read-pem.ts';
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
  readonly user?: string | undefined;
  readonly users?: string | undefined;
  readonly pop3Mailbox?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly allowInsecureAuth: boolean;
  readonly seed?: string | undefined;
}

/** `posthorn serve`: serves a store until it is interrupted. */
export async function serveCommand(options: ServeCommandOptions, context: CommandContext): Promise<ExitCode> {
  const endpoint = parseEndpoint(options.store);
  if (endpoint.type === 'imap' || endpoint.type === 'pop3')
    throw new UsageError('--store takes maildir:DIR or memory:');
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
  const authenticator = await authenticatorOf(options, context);
  const store = openStore(endpoint, options.user === undefined ? 'per-user' : 'single');
  try {
    if (options.user !== undefined) await prepareAccount(store, options.user, mailbox, options, context);
    const { allowInsecureAuth } = options;
    const common = {
      store,
      authenticator,
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

/** One user with a password, or those of a file. */
async function authenticatorOf(options: ServeCommandOptions, context: CommandContext): Promise<Authenticator> {
  const { user, users, seed } = options;
  if ((user === undefined) === (users === undefined)) {
    throw new UsageError('say who may log in: --user NAME for one, or --users FILE for those in a file');
  }
  if (users !== undefined) {
    if (seed !== undefined) throw new UsageError('--seed goes with --user NAME, whose account it fills');
    return openUsers(users, { logger: context.verbose ? streamLogger(context.stderr) : complaints(context.stderr) });
  }
  const { signal } = context;
  return singleUser(user!, await findPassword(user!, options, { variables: ['POSTHORN_PASSWORD'], signal }));
}

/** What is wrong with the users file is said also without `--verbose`. */
function complaints(stream: NodeJS.WritableStream): Logger {
  const { warn, error } = streamLogger(stream);
  return { ...silentLogger, warn, error };
}

/** Opens the one account, so that a store that cannot be used fails at the start and not at the first login. */
async function prepareAccount(
  store: MailStore,
  user: string,
  mailbox: MailboxPath,
  { seed, pop3Mailbox }: ServeCommandOptions,
  { output, signal }: CommandContext,
): Promise<void> {
  const account = await store.open(accountId(user), { signal });
  if (seed !== undefined) {
    const { messages, mailboxes } = await loadMail(account, seed, { signal });
    const into = countText(mailboxes, 'mailbox', 'mailboxes');
    output.line(`loaded ${countText(messages, 'message')} into ${into} from ${seed}`);
  }
  if (pop3Mailbox !== undefined) await checkMailbox(account, mailbox, pop3Mailbox);
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
