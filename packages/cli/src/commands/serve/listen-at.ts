import type { MailboxPath } from '@posthorn/core';
import { type ServeImapOptions, serveImap } from '@posthorn/imap-server';
import { servePop3 } from '@posthorn/pop3-server';
import type { RunningServer } from '@posthorn/transport/serving';
import { parseHostPort } from '../../endpoint/endpoint-url.ts';
import { UsageError } from '../../failure.ts';

const PROTOCOLS = ['imap', 'imaps', 'pop3', 'pop3s'] as const;
export type ServedProtocolName = (typeof PROTOCOLS)[number];

/** Where to listen, by protocol, as the command line has it. */
export type AddressOptions = { readonly [Each in ServedProtocolName]?: string | undefined };

/** A place to listen at. */
export interface Address {
  readonly protocol: ServedProtocolName;
  readonly host: string;
  readonly port: number;
}

/** What servers of both protocols are given. */
export type CommonServerOptions = Pick<
  ServeImapOptions,
  | 'store'
  | 'authenticator'
  | 'tls'
  | 'allowInsecureAuth'
  | 'logger'
  | 'limits'
  | 'mechanisms'
  | 'loginGuard'
  | 'observer'
  | 'isStoreShared'
>;

/** Whether a protocol speaks TLS from the first octet. */
export function isImplicitTls({ protocol }: Pick<Address, 'protocol'>): boolean {
  return protocol.endsWith('s');
}

/** @throws UsageError when there is none, or one makes no sense. */
export function addressesOf(options: AddressOptions): readonly Address[] {
  const addresses = PROTOCOLS.flatMap((protocol) => {
    const text = options[protocol];
    return text === undefined ? [] : [{ protocol, ...parseHostPort(text, `--${protocol}`) }];
  });
  if (addresses.length > 0) return addresses;
  throw new UsageError(
    'say where to listen: --imap HOST:PORT, --imaps HOST:PORT, --pop3 HOST:PORT or --pop3s HOST:PORT',
  );
}

/** Starts the server of an address. @param mailbox - What POP3 serves. */
export function listenAt(address: Address, options: CommonServerOptions, mailbox: MailboxPath): Promise<RunningServer> {
  const { protocol, host, port } = address;
  const common = { ...options, host, port, implicitTls: isImplicitTls(address) };
  return protocol.startsWith('pop3') ? servePop3({ ...common, mailbox }) : serveImap(common);
}
