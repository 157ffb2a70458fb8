/**
 * What can go wrong between an IMAP client and its server. `@posthorn/core` has the kinds that all protocols share.
 * @module
 */
import { MailError, printable, type SequenceNumber, type Uid } from '@posthorn/core';
import type { Diagnostic, ResponseCode } from '@posthorn/wire';
import type { ConversionError } from '@posthorn/wire/extensions';

export type ImapErrorCode =
  | 'IMAP_PROTOCOL'
  | 'IMAP_NOT_IMAP'
  | 'IMAP_STARTTLS_UNAVAILABLE'
  | 'IMAP_STARTTLS_REFUSED'
  | 'IMAP_PREAUTH_IN_CLEAR'
  | 'IMAP_NO_UIDVALIDITY'
  | 'IMAP_UIDVALIDITY_CHANGED'
  | 'IMAP_MESSAGE_GONE'
  | 'IMAP_CONVERSION_FAILED'
  | 'IMAP_UNSUPPORTED';

/** The server broke the protocol, or cannot do what is needed. */
export class ImapError extends MailError {
  /**
   * `IMAP_PROTOCOL` an answer that fits no command, and the connection is closed; `IMAP_NOT_IMAP` another protocol
   * answers on this port; `IMAP_STARTTLS_UNAVAILABLE` STARTTLS is required and not offered; `IMAP_STARTTLS_REFUSED` the
   * server said no to it; `IMAP_PREAUTH_IN_CLEAR` the server skipped STARTTLS by declaring the session logged in;
   * `IMAP_NO_UIDVALIDITY` the mailbox has no lasting UIDs; `IMAP_UIDVALIDITY_CHANGED` its UIDs name other messages now; `IMAP_MESSAGE_GONE` a message vanished while its body was
   * read; `IMAP_CONVERSION_FAILED` the server could not convert a part; `IMAP_UNSUPPORTED` the server lacks an extension that the call needs.
   */
  override readonly code: ImapErrorCode;
  /** The last exchanges, when the connection was closed because of it: `C:` and `S:` lines, secrets and messages left out. */
  transcript: string | undefined;

  constructor(code: ImapErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The server could not convert a part as it was asked. @see RFC 5259 section 9 */
export class ConversionFailedError extends ImapError {
  /** Why. Its text are the server's words, which may hold anything: escape them before showing. */
  readonly reason: ConversionError;

  constructor(reason: ConversionError) {
    super('IMAP_CONVERSION_FAILED', `the server cannot convert the part: ${printable(reason.text)}`);
    this.reason = reason;
  }
}

/** Another protocol that was recognised by its first octets. */
export type OtherProtocol = 'smtp' | 'pop3' | 'http' | 'ssh' | 'tls' | 'unknown';

/** The peer does not speak IMAP. */
export class NotImapError extends ImapError {
  /** What it seems to speak. `smtp` also stands for FTP, which greets alike. */
  readonly protocol: OtherProtocol;
  /** The first octets it sent, escaped. */
  readonly received: string;

  constructor(protocol: OtherProtocol, received: string) {
    super('IMAP_NOT_IMAP', `${SPEAKS[protocol]} (it sent "${received}")`);
    this.protocol = protocol;
    this.received = received;
  }
}

const SPEAKS: Readonly<Record<OtherProtocol, string>> = {
  smtp: 'the server speaks SMTP or FTP, not IMAP: check the port',
  pop3: 'the server speaks POP3, not IMAP: check the port',
  http: 'the server speaks HTTP, not IMAP: check the port',
  ssh: 'the server speaks SSH, not IMAP: check the port',
  tls: 'the server speaks TLS on this port: connect with security "tls"',
  unknown: 'the server does not speak IMAP',
};

/** What a {@link ServerRefusedError} is about. */
export interface Refusal {
  readonly tag: string;
  /** The command as sent, secrets replaced. */
  readonly command: string;
  readonly status: 'NO' | 'BAD';
  readonly responseCode?: ResponseCode | undefined;
  /** The server's words. They may hold anything: escape them before showing. */
  readonly text: string;
  readonly transcript?: string | undefined;
}

/** The server answered NO or BAD. The connection stays usable. */
export class ServerRefusedError extends MailError {
  /** `IMAP_NO` the command is understood and cannot be done; `IMAP_BAD` it is not understood or not allowed now. */
  override readonly code: 'IMAP_NO' | 'IMAP_BAD';
  readonly tag: string;
  readonly command: string;
  readonly status: 'NO' | 'BAD';
  readonly responseCode: ResponseCode | undefined;
  readonly text: string;
  /** The last exchanges: `C:` and `S:` lines that can be played again, secrets and what messages say left out. */
  readonly transcript: string | undefined;

  constructor({ tag, command, status, responseCode, text, transcript }: Refusal, options?: ErrorOptions) {
    super(`the server refused ${printable(command, 120)}: ${status} ${printable(text)}`, options);
    this.code = status === 'NO' ? 'IMAP_NO' : 'IMAP_BAD';
    this.tag = tag;
    this.command = command;
    this.status = status;
    this.responseCode = responseCode;
    this.text = text;
    this.transcript = transcript;
  }

  /** The response code's name, such as `NONEXISTENT` or `TRYCREATE`, when it is a plain word. */
  get reason(): string | undefined {
    return this.responseCode?.type === 'atom' ? this.responseCode.name : undefined;
  }
}

/** A message for which the server did not send everything that was asked for, or not in a form that can be read. */
export interface IncompleteMessage {
  /** Undefined when even that is not known. */
  readonly uid: Uid | undefined;
  readonly sequenceNumber: SequenceNumber | undefined;
  /** Names of the query's items that are missing. */
  readonly missing: readonly string[];
  /** What is wrong, where the decoder knows. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Thrown at the end of a fetch, after all good messages: some were not complete. */
export class FetchIncompleteError extends MailError {
  override readonly code = 'IMAP_FETCH_INCOMPLETE';
  /** The first thousand of them. */
  readonly messages: readonly IncompleteMessage[];
  readonly count: number;

  constructor(messages: readonly IncompleteMessage[], count: number) {
    const first = messages[0];
    const example =
      first?.uid === undefined
        ? ''
        : `, such as UID ${first.uid} without ${first.missing.join(', ') || 'readable data'}`;
    super(`the server sent ${count} messages that are not complete${example}`);
    this.messages = messages;
    this.count = count;
  }
}
