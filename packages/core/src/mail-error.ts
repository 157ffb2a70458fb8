const MARK = Symbol.for('@posthorn/core/MailError');

/**
 * Root of all errors that the outside causes: the peer, the network, the disk, the credentials. Misused
 * arguments throw `TypeError` or `RangeError` instead.
 *
 * Recognise one by `code`, or by {@link MailError.is}, which also knows errors of another installed copy
 * of this package. Messages are one lower-case sentence and hold neither secrets nor message content.
 */
export abstract class MailError extends Error {
  /** What happened, as `PACKAGE_REASON`. Stable under semantic versioning. */
  abstract readonly code: string;

  static {
    Object.defineProperty(MailError.prototype, MARK, { value: true });
  }

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }

  /** Whether `value` is a `MailError`, made by this copy of the package or by another. */
  static is(value: unknown): value is MailError {
    return value instanceof Error && MARK in value;
  }
}

/** Which budget was exceeded. */
export type LimitName = 'line' | 'literal' | 'response' | 'depth' | 'number' | 'header' | 'parts' | 'set' | 'queue';

/** The peer sent more than a limit allows. The connection is finished. */
export class LimitExceededError extends MailError {
  override readonly code = 'LIMIT_EXCEEDED';
  readonly limit: LimitName;
  /** The largest amount allowed, in the unit of the limit. */
  readonly allowed: number;

  constructor(limit: LimitName, allowed: number, options?: ErrorOptions) {
    super(`the peer exceeded the limit of ${allowed} for ${limit}`, options);
    this.limit = limit;
    this.allowed = allowed;
  }
}

export type AuthenticationErrorCode =
  | 'AUTH_REFUSED'
  | 'AUTH_UNAVAILABLE'
  | 'AUTH_NO_MECHANISM'
  | 'AUTH_INSECURE'
  | 'AUTH_PROTOCOL';

/** Credentials were refused, or no acceptable way to send them was found. */
export class AuthenticationError extends MailError {
  /**
   * `AUTH_REFUSED` the peer said no; `AUTH_UNAVAILABLE` it could not decide now, so try later;
   * `AUTH_NO_MECHANISM` nothing offered is acceptable; `AUTH_INSECURE` only clear text was left;
   * `AUTH_PROTOCOL` the peer broke the mechanism.
   */
  override readonly code: AuthenticationErrorCode;

  constructor(code: AuthenticationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type ConnectionClosedErrorCode = 'CONNECTION_CLOSED' | 'CONNECTION_BYE' | 'CONNECTION_TIMEOUT';

/** The connection ended, or was given up, before the work was done. */
export class ConnectionClosedError extends MailError {
  /** `CONNECTION_CLOSED` it ended; `CONNECTION_BYE` the server said good-bye; `CONNECTION_TIMEOUT` it made no progress in time. */
  override readonly code: ConnectionClosedErrorCode;

  constructor(code: ConnectionClosedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type TransportErrorCode =
  | 'TRANSPORT_CONNECT'
  | 'TRANSPORT_LISTEN'
  | 'TRANSPORT_PROXY'
  | 'TRANSPORT_HOST_UNKNOWN'
  | 'TRANSPORT_TLS'
  | 'TRANSPORT_CERTIFICATE'
  | 'TRANSPORT_PLAINTEXT_BUFFERED'
  | 'TRANSPORT_TIMEOUT'
  | 'TRANSPORT_BROKEN'
  | 'TRANSPORT_UNSUPPORTED';

/** A transport could not be opened, secured, read or written. */
export class TransportError extends MailError {
  /**
   * `TRANSPORT_CONNECT` refused or unreachable; `TRANSPORT_LISTEN` the port to listen on cannot be had;
   * `TRANSPORT_PROXY` a proxy refused, or is none; `TRANSPORT_HOST_UNKNOWN` the name does not resolve;
   * `TRANSPORT_TLS` the handshake failed; `TRANSPORT_CERTIFICATE` the certificate is not acceptable;
   * `TRANSPORT_TIMEOUT` a read or write did not come to an end within its `timeoutMs`, and can be tried again;
   * `TRANSPORT_PLAINTEXT_BUFFERED` octets arrived in clear text before the handshake;
   * `TRANSPORT_BROKEN` reading or writing failed; `TRANSPORT_UNSUPPORTED` this transport cannot do it.
   */
  override readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type StoreErrorCode =
  | 'STORE_NONEXISTENT'
  | 'STORE_ALREADY_EXISTS'
  | 'STORE_HAS_CHILDREN'
  | 'STORE_READ_ONLY'
  | 'STORE_CANNOT'
  | 'STORE_NO_PERMISSION'
  | 'STORE_OVER_QUOTA'
  | 'STORE_LIMIT'
  | 'STORE_EXPUNGED'
  | 'STORE_UID_TAKEN'
  | 'STORE_IN_USE'
  | 'STORE_CORRUPT'
  | 'STORE_UNAVAILABLE'
  | 'STORE_CLOSED';

/** A mail store refused or failed. */
export class StoreError extends MailError {
  /**
   * `STORE_NONEXISTENT` no such mailbox or account; `STORE_ALREADY_EXISTS` the name is taken; `STORE_HAS_CHILDREN`;
   * `STORE_READ_ONLY`; `STORE_CANNOT` the store can never do that (a name it cannot hold, say); `STORE_NO_PERMISSION`;
   * `STORE_OVER_QUOTA` no space is left; `STORE_LIMIT` a configured limit; `STORE_EXPUNGED` the message is gone;
   * `STORE_UID_TAKEN` an asked UID is below uidNext; `STORE_IN_USE` locked by another, try again;
   * `STORE_CORRUPT` its files make no sense; `STORE_UNAVAILABLE` reading or writing failed; `STORE_CLOSED`.
   */
  override readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** An operation does not fit the state its object is in, such as FETCH with no mailbox selected. */
export class InvalidStateError extends MailError {
  override readonly code = 'INVALID_STATE';
}
