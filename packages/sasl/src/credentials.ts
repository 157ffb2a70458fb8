/** A user and a password. */
export interface PasswordCredentials {
  readonly user: string;
  readonly password: string;
  /** The account to open when it is not the user's own. Only mechanisms that can say so are used. */
  readonly authorizeAs?: string | undefined;
}

/** A user and an OAuth 2 bearer token. */
export interface TokenCredentials {
  readonly user: string;
  readonly accessToken: string;
  /** The server connected to, for servers that check that the token was meant for them. Only OAUTHBEARER tells it. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** Whoever the connection itself proves to be, by its TLS certificate for example. */
export interface ExternalCredentials {
  readonly external: true;
  /** The account to open when it is not the one that follows from the proof. */
  readonly authorizeAs?: string | undefined;
}

/** Nobody in particular. */
export interface AnonymousCredentials {
  readonly anonymous: true;
  /** What the server may log, such as a mail address. Not empty. */
  readonly trace?: string | undefined;
}

/** How to prove who one is. */
export type Credentials = PasswordCredentials | TokenCredentials | ExternalCredentials | AnonymousCredentials;
