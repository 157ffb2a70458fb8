import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseStoreUrl, type StoreUrl } from '@posthorn/core';
import { UsageError } from '../failure.ts';
import { hasStore } from './stores.ts';

/** An IMAP account. */
export interface ImapEndpoint {
  readonly type: 'imap';
  readonly security: 'tls' | 'starttls';
  readonly user: string;
  readonly host: string;
  readonly port: number;
}

/** A POP3 maildrop. */
export interface Pop3Endpoint {
  readonly type: 'pop3';
  readonly security: 'tls' | 'stls';
  readonly user: string;
  readonly host: string;
  readonly port: number;
}

/** A Maildir on this machine. */
export interface MaildirEndpoint {
  readonly type: 'maildir';
  readonly path: string;
  /** Such as its layout. @defaultValue none */
  readonly options?: Readonly<Record<string, string>>;
}

/** A store of somebody else's package. */
export interface ForeignStoreEndpoint {
  readonly type: 'store';
  readonly scheme: string;
  readonly location: string;
  readonly options: Readonly<Record<string, string>>;
}

/** A store: a Maildir, one in memory that ends with the command, or one that a package adds. */
export type StoreEndpoint = MaildirEndpoint | ForeignStoreEndpoint | { readonly type: 'memory' };

export type Endpoint = ImapEndpoint | Pop3Endpoint | StoreEndpoint;

const FORMS =
  'imaps://USER@HOST[:PORT], imap://USER@HOST[:PORT], pop3s://USER@HOST[:PORT], pop3://USER@HOST[:PORT], maildir:DIR or memory:';

/** What the scheme of a URL says, before anything else is known. */
const SCHEMES = {
  imaps: { type: 'imap', security: 'tls', port: 993 },
  imap: { type: 'imap', security: 'starttls', port: 143 },
  pop3s: { type: 'pop3', security: 'tls', port: 995 },
  pop3: { type: 'pop3', security: 'stls', port: 110 },
} as const;

/**
 * Reads `imaps://user@host`, `imap://user@host`, `pop3s://user@host`, `pop3://user@host`, `maildir:DIR`, `memory:` or the URL of another store.
 * @throws {@link UsageError}
 */
export function parseEndpoint(text: string): Endpoint {
  if (text === 'memory:') return { type: 'memory' };
  const name = /^([a-z][a-z0-9+.-]*):/.exec(text)?.[1] ?? '';
  if (!(name in SCHEMES) && name !== 'memory' && hasStore(name)) return storeEndpoint(text);
  const scheme = /^((?:imap|pop3)s?):\/\//.exec(text)?.[1] as keyof typeof SCHEMES | undefined;
  if (scheme === undefined) throw new UsageError(`cannot use "${withoutPassword(text)}": give ${FORMS}`);
  let url: URL;
  try {
    // The URL parser knows the rules of hosts and ports only for schemes of the web.
    url = new URL(text.replace(/^(?:imap|pop3)s?:/, 'https:'));
  } catch {
    throw new UsageError(`"${withoutPassword(text)}" is not a URL: give ${FORMS}`);
  }
  if (url.password !== '')
    throw new UsageError(
      'a password does not belong on the command line: give it in POSTHORN_PASSWORD, --password-file or --password-command',
    );
  if (url.username === '')
    throw new UsageError(`"${withoutPassword(text)}" names no user: write ${scheme}://USER@HOST[:PORT]`);
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw new UsageError(
      `"${withoutPassword(text)}" says more than user, host and port: write ${scheme}://USER@HOST[:PORT]`,
    );
  }
  const port = portOf(text) ?? SCHEMES[scheme].port;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { ...SCHEMES[scheme], user: userOf(url, text), host, port };
}

/** Where to listen. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Reads `HOST:PORT`; the host may be an IPv6 address in brackets. @throws {@link UsageError} */
export function parseHostPort(text: string, option: string): HostPort {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:/\s]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535)
    throw new UsageError(`${option} takes HOST:PORT, such as 127.0.0.1:1143, not "${text}"`);
  return { host: match[1]!.replace(/^\[(.*)\]$/, '$1'), port };
}

function storeEndpoint(text: string): StoreEndpoint {
  const { scheme, location, options } = storeUrl(text);
  const given = Object.fromEntries(options);
  if (scheme !== 'maildir') return { type: 'store', scheme, location, options: given };
  if (location === '') throw new UsageError('maildir: names no folder: write maildir:DIR');
  const path = location.replace(/^\/\/+/, '/');
  // Behind the scheme no shell replaces it.
  const isHome = path === '~' || path.startsWith('~/');
  const endpoint: MaildirEndpoint = { type: 'maildir', path: isHome ? join(homedir(), path.slice(1)) : path };
  return options.size === 0 ? endpoint : { ...endpoint, options: given };
}

function storeUrl(text: string): StoreUrl {
  try {
    return parseStoreUrl(text);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'that is no URL of a store');
  }
}

function userOf({ username }: URL, text: string): string {
  try {
    return decodeURIComponent(username);
  } catch {
    throw new UsageError(`"${withoutPassword(text)}" holds a % that is no escape: write it as %25`);
  }
}

/** The port as written: the URL parser drops the one that is usual for the web. */
function portOf(text: string): number | undefined {
  const digits = /:(\d+)\/?$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Whatever may be a password, up to the last `@`, is hidden. */
function withoutPassword(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/[^:@]*|(?![a-z][a-z0-9+.-]*:\/\/)[^:@]*):.*@/is, '$1:***@');
}
