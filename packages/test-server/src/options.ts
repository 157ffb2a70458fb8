import type { Logger } from '@posthorn/core';
import type { ServerLimits } from '@posthorn/imap-server';
import type { ServerLimits as Pop3Limits } from '@posthorn/pop3-server';
import type { TestUser } from './authenticate.ts';
import type { MailboxFixtures } from './fixtures.ts';
import type { ProfileName } from './profiles.ts';

/** Someone who may log in, and what they have. */
export interface UserFixture extends TestUser {
  /** In place of the mailboxes of all. */
  readonly mailboxes?: MailboxFixtures | undefined;
  /**
   * A folder of `.eml` files: those in it are INBOX, those in folders below it the mailboxes of these names. Or a Maildir.
   * Bare line feeds become CRLF. What `mailboxes` holds is added.
   */
  readonly emlDir?: string | undefined;
}

/** What only POP3 knows. */
export interface Pop3Options {
  /** The mailbox that is the maildrop. @defaultValue `'INBOX'` */
  readonly mailbox?: string | undefined;
  /** Offers APOP. @defaultValue false */
  readonly apop?: boolean | undefined;
  /** Lets one session at a time have a maildrop. @defaultValue false */
  readonly exclusive?: boolean | undefined;
  readonly limits?: Partial<Pop3Limits> | undefined;
}

export interface TestServerOptions {
  /** @defaultValue one user, `test` with the password `test` */
  readonly users?: readonly UserFixture[] | undefined;
  /** What every user has who brings nothing else. */
  readonly mailboxes?: MailboxFixtures | undefined;
  readonly emlDir?: string | undefined;
  /**
   * `starttls` offers it, `implicit` begins with it; both with a certificate made on the spot, {@link TestServer.certificate}.
   * Passwords are taken without TLS all the same.
   * @defaultValue `'none'`
   */
  readonly tls?: 'none' | 'starttls' | 'implicit' | undefined;
  /**
   * Whether users may share mailboxes with each other (RFC 4314), which then stand below `Other Users/NAME/`.
   * @defaultValue false
   */
  readonly sharing?: boolean | undefined;
  /** Capabilities to switch off, by name. */
  readonly without?: readonly string[] | undefined;
  /** A known server to imitate. */
  readonly profile?: ProfileName | undefined;
  /** The time at which the server's clock stands still. @defaultValue the system's clock */
  readonly now?: Date | undefined;
  readonly limits?: Partial<ServerLimits> | undefined;
  readonly pop3?: Pop3Options | undefined;
  readonly logger?: Logger | undefined;
}
