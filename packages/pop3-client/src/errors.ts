/**
 * What can go wrong between a POP3 client and its server. `@posthorn/core` has the kinds that all protocols share.
 * @module
 */
import { MailError, printable } from '@posthorn/core';

/** Why a {@link Pop3Error} was thrown: see its `code`. */
export type Pop3ErrorCode =
  | 'POP3_PROTOCOL'
  | 'POP3_NOT_POP3'
  | 'POP3_STLS_UNAVAILABLE'
  | 'POP3_STLS_REFUSED'
  | 'POP3_UNSUPPORTED'
  | 'POP3_COMMIT_FAILED';

/** The server broke the protocol, or cannot do what is needed. */
export class Pop3Error extends MailError {
  /**
   * `POP3_PROTOCOL` an answer that makes no sense, and the connection is closed; `POP3_NOT_POP3` another protocol
   * answers on this port; `POP3_STLS_UNAVAILABLE` STLS is required and not offered; `POP3_STLS_REFUSED` the server said
   * no to it; `POP3_UNSUPPORTED` the server lacks what the call needs; `POP3_COMMIT_FAILED` it is not known that the
   * server carried out the deletions of the session.
   */
  override readonly code: Pop3ErrorCode;

  constructor(code: Pop3ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Another protocol that was recognised by its first octets. */
export type OtherProtocol = 'imap' | 'smtp' | 'http' | 'ssh' | 'tls' | 'unknown';

/** The peer does not speak POP3. */
export class NotPop3Error extends Pop3Error {
  /** What it seems to speak. `smtp` also stands for FTP, which greets alike. */
  readonly protocol: OtherProtocol;
  /** The first octets it sent, escaped. */
  readonly received: string;

  constructor(protocol: OtherProtocol, received: string) {
    super('POP3_NOT_POP3', `${SPEAKS[protocol]} (it sent "${received}")`);
    this.protocol = protocol;
    this.received = received;
  }
}

const SPEAKS: Readonly<Record<OtherProtocol, string>> = {
  imap: 'the server speaks IMAP, not POP3: check the port',
  smtp: 'the server speaks SMTP or FTP, not POP3: check the port',
  http: 'the server speaks HTTP, not POP3: check the port',
  ssh: 'the server speaks SSH, not POP3: check the port',
  tls: 'the server speaks TLS on this port: connect with security "tls"',
  unknown: 'the server does not speak POP3',
};

/** What a {@link ServerRefusedError} is about. */
export interface Refusal {
  /** The command as sent, secrets replaced. */
  readonly command: string;
  readonly responseCode?: string | undefined;
  /** The server's words. They may hold anything: escape them before showing. */
  readonly text: string;
}

/** The server answered -ERR. The connection stays usable. */
export class ServerRefusedError extends MailError {
  override readonly code = 'POP3_ERR';
  readonly command: string;
  /**
   * Why, in upper case, where the server tells: `IN-USE` the maildrop is locked by another session, `LOGIN-DELAY` the
   * last login was too short ago, `SYS/TEMP` and `SYS/PERM` a fault of the server, `AUTH` the credentials, `UTF8` the
   * message needs UTF-8 mode, or any other.
   */
  readonly responseCode: string | undefined;
  readonly text: string;

  constructor({ command, responseCode, text }: Refusal, options?: ErrorOptions) {
    const reason = responseCode === undefined ? '' : `[${printable(responseCode, 40)}] `;
    const said = text === '' && reason === '' ? ' without a reason' : `: ${reason}${printable(text)}`.trimEnd();
    super(`the server refused ${printable(command, 120)}${said}`, options);
    this.command = command;
    this.responseCode = responseCode;
    this.text = text;
  }

  /** Whether the same may well succeed later: `IN-USE`, `LOGIN-DELAY`, `SYS/TEMP`. */
  get isTemporary(): boolean {
    return TEMPORARY.has(this.responseCode ?? '');
  }
}

const TEMPORARY: ReadonlySet<string> = new Set(['IN-USE', 'LOGIN-DELAY', 'SYS/TEMP']);

/** QUIT was not answered with +OK, so the deletions of the session may be lost, or not. The next session tells. */
export class CommitFailedError extends Pop3Error {
  /** The numbers of the messages that were to be deleted. */
  readonly deleted: readonly number[];

  constructor(deleted: readonly number[], cause: unknown) {
    const count = `${deleted.length} ${deleted.length === 1 ? 'deletion' : 'deletions'}`;
    const reason = MailError.is(cause) ? `: ${cause.message}` : '';
    super('POP3_COMMIT_FAILED', `the server did not confirm ${count} at QUIT${reason}`, { cause });
    this.deleted = deleted;
  }
}
