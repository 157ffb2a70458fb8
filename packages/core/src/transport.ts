/** What a client asks of a TLS handshake. */
export interface ClientTlsOptions {
  readonly role?: 'client';
  /** The name or address the certificate must be for, and the name sent as SNI. */
  readonly host: string;
  /** Certificate authorities to trust instead of the system's, in PEM. */
  readonly ca?: string | readonly string[];
  /** Certificate to show the server, in PEM, with its `key`. */
  readonly cert?: string;
  readonly key?: string;
  /** What `key` is encrypted with, when it is. */
  readonly passphrase?: string;
  /**
   * The only certificates to accept, whoever signed them and whatever names they hold: the SHA-256 of the certificate in
   * 64 hexadecimal digits, with or without colons, or that of its public key (SubjectPublicKeyInfo) as `sha256/` and
   * base64, the form of RFC 7469.
   */
  readonly fingerprints?: readonly string[];
  /** Gives up the handshake, and with it the connection: rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Accepts any certificate. Only ever for tests and servers reached over a trusted path. @defaultValue false */
  readonly allowInvalidCertificate?: boolean;
  /** Most time for the handshake. @defaultValue 10_000 */
  readonly timeoutMs?: number;
}

/** What a server brings to a TLS handshake. */
export interface ServerTlsOptions {
  readonly role: 'server';
  /** Certificate chain in PEM. */
  readonly cert: string;
  /** Private key in PEM. */
  readonly key: string;
  /** Most time for the handshake. @defaultValue 10_000 */
  readonly timeoutMs?: number;
}

export type TlsOptions = ClientTlsOptions | ServerTlsOptions;

/** How long to wait for a read or a write. Giving up waiting changes nothing about the connection. */
export interface WaitOptions {
  /** Stops waiting: rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Stops waiting after so long. @defaultValue never */
  readonly timeoutMs?: number | undefined;
}

/** Data that ties an authentication to the TLS connection beneath it. @see RFC 5929, RFC 9266 */
export interface ChannelBinding {
  readonly type: 'tls-exporter' | 'tls-server-end-point';
  readonly data: Uint8Array;
}

/**
 * An ordered stream of octets in both directions. Pull-based: octets nobody reads stay with the peer, so not
 * calling `read` is the back-pressure.
 */
export interface Transport {
  /**
   * The next chunk, never empty, or null at the end of the stream. One read at a time. The chunk is the caller's to keep.
   * A read that was given up took nothing: the next one begins where it began.
   * @throws {@link TransportError} when the connection breaks, `TRANSPORT_TIMEOUT`; the reason given to `destroy` after
   *   it was called.
   */
  read(options?: WaitOptions): Promise<Uint8Array | null>;
  /**
   * Sends octets in order; settles when the peer's side can take more. The arrays must not change until then. A write
   * that was given up is still under way: its octets go out, or some of them, so its arrays must not change at all.
   * @throws {@link TransportError} when the connection is broken or closed, `TRANSPORT_TIMEOUT`.
   */
  write(data: Uint8Array | readonly Uint8Array[], options?: WaitOptions): Promise<void>;
  /**
   * Runs a TLS handshake on the connection. No read may be under way.
   * @throws {@link TransportError} `TRANSPORT_PLAINTEXT_BUFFERED` when octets arrived in clear text that nobody read,
   *   `TRANSPORT_CERTIFICATE`, `TRANSPORT_TLS`; the connection is destroyed.
   */
  startTls(options: TlsOptions): Promise<void>;
  /**
   * Compresses both directions from here on.
   * @param received - Octets that a read gave already although they belong to the compressed stream.
   * @throws {@link TransportError} `TRANSPORT_UNSUPPORTED`
   */
  startDeflate(received?: Uint8Array): Promise<void>;
  /** Sends what was written, then ends the stream. Idempotent; never rejects. */
  close(): Promise<void>;
  /** Drops the connection at once; a read or write under way rejects with `reason`. Idempotent. */
  destroy(reason?: unknown): void;
  readonly security: 'none' | 'tls';
  /** The peer's address and port for logs and limits, such as `127.0.0.1:54321`, when there is one. */
  readonly remoteAddress?: string | undefined;
  readonly channelBinding?: ChannelBinding | undefined;
  /** Octets read and written so far, as the caller saw them. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
}
