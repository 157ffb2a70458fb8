import type { Authenticator, Logger, MailStore, Transport } from '@posthorn/core';
import type { ServerMechanismOptions } from '@posthorn/sasl';
import type { LoginGuard, ServerIdentity, ServerObserver, Timers } from '@posthorn/transport/serving';
import type { ServerLimits } from '../limits.ts';
import type { CapabilityFilter } from '../protocol/capabilities.ts';

export interface SessionOptions {
  readonly store: MailStore;
  readonly authenticator: Authenticator;
  /** Certificate and key in PEM: offers STARTTLS on connections in clear text. */
  readonly tls?: ServerIdentity | undefined;
  /** More ways to log in: hashes of SCRAM, ANONYMOUS, CRAM-MD5, EXTERNAL, and mechanisms of your own. */
  readonly mechanisms?: MechanismOptions | undefined;
  /** Accepts passwords without TLS. Only for loopback and tests. @defaultValue false */
  readonly allowInsecureAuth?: boolean | undefined;
  readonly logger?: Logger | undefined;
  readonly limits?: Partial<ServerLimits> | undefined;
  /**
   * Whether other processes serve the same accounts at the same time. Mod-sequences of a store that does not keep them
   * (`traits.durableModSeq`) then differ from process to process, and clients are told NOMODSEQ. @defaultValue false
   */
  readonly isStoreShared?: boolean | undefined;
  /** Offers COMPRESS=DEFLATE, which the transport must be able to. @defaultValue true in `serveImap`, else false */
  readonly compress?: boolean | undefined;
  /**
   * What is remembered of logins, for all connections that share it. `serveImap` makes one for the server.
   * @defaultValue one for this connection alone
   */
  readonly loginGuard?: LoginGuard | undefined;
  /** Capabilities to switch off, by name, or a test for those to offer. */
  readonly capabilities?: CapabilityFilter | undefined;
  /** Is told what happens, to count it. */
  readonly observer?: ServerObserver | undefined;
  /** For tests. */
  readonly timers?: Timers | undefined;
}

/** More ways to log in than the authenticator alone has. */
export interface MechanismOptions
  extends Pick<ServerMechanismOptions, 'scramHashes' | 'cramMd5' | 'anonymous' | 'custom'> {
  /** Who a connection proves its client to be, by a certificate or the owner of a socket; adds EXTERNAL. */
  readonly userOf?: (transport: Transport) => string | undefined;
}
