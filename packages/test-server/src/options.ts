import type { Logger } from '@posthorn/core';
import type { ServerLimits } from '@posthorn/imap-server';
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
  /** Capabilities to switch off, by name. */
  readonly without?: readonly string[] | undefined;
  /** A known server to imitate. */
  readonly profile?: ProfileName | undefined;
  /** The time at which the server's clock stands still. @defaultValue the system's clock */
  readonly now?: Date | undefined;
  readonly limits?: Partial<ServerLimits> | undefined;
  readonly logger?: Logger | undefined;
}
