import type { MailboxPath, ScramHash } from '@posthorn/core';
import { type HostPort, parseEndpoint, parseHostPort, type StoreEndpoint } from '../../endpoint/endpoint-url.ts';
import type { PasswordOptions } from '../../endpoint/password.ts';
import { scramHashesOf } from '../../endpoint/scram-hashes.ts';
import { UsageError } from '../../failure.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { type Address, type AddressOptions, addressesOf, isImplicitTls } from './listen-at.ts';
import { type LogOptions, logSettingsOf } from './serve-log.ts';

/** The options of `posthorn serve`, as the command line has them. */
export interface ServeCommandOptions extends PasswordOptions, AddressOptions, LogOptions {
  readonly store: string;
  readonly user?: string | undefined;
  readonly users?: string | undefined;
  readonly scram?: string | undefined;
  readonly pop3Mailbox?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly allowInsecureAuth: boolean;
  readonly seed?: string | undefined;
  readonly metrics?: string | undefined;
  readonly processes?: string | undefined;
  readonly maxConnections?: string | undefined;
  readonly maxConnectionsPerAddress?: string | undefined;
  readonly maxConnectionsPerUser?: string | undefined;
}

/** What is to be served, once the command line was found to make sense. */
export interface ServePlan {
  readonly endpoint: StoreEndpoint;
  readonly addresses: readonly Address[];
  readonly metrics: HostPort | undefined;
  readonly processes: number;
  /** The mailbox that POP3 serves. */
  readonly mailbox: MailboxPath;
  readonly tlsFiles: { readonly cert: string; readonly key: string } | undefined;
  readonly limits: ConnectionLimits;
  /** Offered to all, so every user must have keys for them. */
  readonly scramHashes: readonly ScramHash[];
  readonly options: ServeCommandOptions;
}

/** Far more than any machine has cores. */
const MAX_PROCESSES = 1_024;

/** @throws UsageError that says what to write instead. */
export function planOf(options: ServeCommandOptions): ServePlan {
  const endpoint = parseEndpoint(options.store);
  if (endpoint.type === 'imap' || endpoint.type === 'pop3')
    throw new UsageError('--store takes maildir:DIR or memory:');
  const addresses = addressesOf(options);
  const mailbox = mailboxOf(options);
  const tlsFiles = tlsFilesOf(options);
  const secure = addresses.find(isImplicitTls);
  if (tlsFiles === undefined && secure !== undefined)
    throw new UsageError(`--${secure.protocol} needs --tls-cert FILE and --tls-key FILE`);
  if (tlsFiles === undefined && !options.allowInsecureAuth) {
    throw new UsageError(
      'without TLS nobody could log in: give --tls-cert and --tls-key, or --allow-insecure-auth on a trusted network',
    );
  }
  checkWho(options);
  const processes = countOf(options.processes, '--processes') ?? 1;
  if (processes > MAX_PROCESSES) throw new UsageError(`--processes takes at most ${MAX_PROCESSES}`);
  if (processes > 1 && endpoint.type === 'memory')
    throw new UsageError('--processes goes with maildir:DIR: what is in memory belongs to one process');
  logSettingsOf(options);
  const metrics = options.metrics === undefined ? undefined : metricsAddress(options.metrics);
  const scramHashes = scramHashesOf(options.scram);
  return {
    scramHashes,
    endpoint,
    addresses,
    metrics,
    processes,
    mailbox,
    tlsFiles,
    limits: limitsOf(options),
    options,
  };
}

function checkWho({ user, users, seed, scram }: ServeCommandOptions): void {
  if ((user === undefined) === (users === undefined))
    throw new UsageError('say who may log in: --user NAME for one, or --users FILE for those in a file');
  if (users === undefined && scram !== undefined)
    throw new UsageError('--scram goes with --users FILE, which holds the keys');
  if (users !== undefined && seed !== undefined)
    throw new UsageError('--seed goes with --user NAME, whose account it fills');
}

function mailboxOf({ pop3Mailbox, pop3, pop3s }: ServeCommandOptions): MailboxPath {
  if (pop3Mailbox === undefined) return ['INBOX'];
  if (pop3 === undefined && pop3s === undefined) throw new UsageError('--pop3-mailbox goes with --pop3 or --pop3s');
  const [first = '', ...rest] = pop3Mailbox.split('/');
  if (first === '' || rest.includes('')) throw new UsageError('--pop3-mailbox takes a name such as Archive/2026');
  return [first, ...rest];
}

function tlsFilesOf({ tlsCert: cert, tlsKey: key }: ServeCommandOptions): ServePlan['tlsFiles'] {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new UsageError('--tls-cert and --tls-key go together');
  return { cert, key };
}

/** A port alone is one of the loopback: what is counted is nobody else's business. */
function metricsAddress(text: string): HostPort {
  return parseHostPort(/^\d+$/.test(text) ? `127.0.0.1:${text}` : text, '--metrics');
}

function limitsOf(options: ServeCommandOptions): ConnectionLimits {
  const all = countOf(options.maxConnections, '--max-connections');
  const perAddress = countOf(options.maxConnectionsPerAddress, '--max-connections-per-address');
  const perUser = countOf(options.maxConnectionsPerUser, '--max-connections-per-user');
  return {
    ...(all === undefined ? {} : { maxConnections: all }),
    ...(perAddress === undefined ? {} : { maxConnectionsPerAddress: perAddress }),
    ...(perUser === undefined ? {} : { maxConnectionsPerUser: perUser }),
  };
}

function countOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`${option} takes a number from 1, not "${text}"`);
  return Number(text);
}
