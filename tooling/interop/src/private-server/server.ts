/** What a private server needs. */
export interface PrivateServerOptions {
  /** An empty folder with a short path, since sockets live below it. */
  readonly folder: string;
  readonly user: string;
  readonly password: string;
}

/** A server of IMAP on loopback. */
export interface ImapServer {
  /** Clear text and STARTTLS. */
  readonly imapPort: number;
  readonly imapsPort: number;
  /** What to trust. */
  readonly ca: string;
  stop(): Promise<void>;
}

/** A server of IMAP and POP3 on loopback, that runs from packages which are not installed. */
export interface PrivateServer extends ImapServer {
  /** Clear text and STLS. */
  readonly pop3Port: number;
  readonly pop3sPort: number;
  /** What it logged. */
  log(): Promise<string>;
}
