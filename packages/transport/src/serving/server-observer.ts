/** How a login ended: `limited` for a user who has too many connections, `failed` for no fault of the client. */
export type LoginResult = 'accepted' | 'refused' | 'limited' | 'failed';

/** A command that a server answered. */
export interface AnsweredCommand {
  /** As the protocol has it, such as `UID FETCH`'s `FETCH`; `invalid` for what was not understood. A set without end is never made of it. */
  readonly name: string;
  /** How it ended: OK, NO or BAD; for POP3 OK or ERR. */
  readonly status: string;
  readonly milliseconds: number;
}

/** Is told what a server does, to count it. Its methods must not throw, and are told no names and no secrets. */
export interface ServerObserver {
  connectionOpened?(): void;
  /** A connection was turned away because of a limit. */
  connectionRefused?(): void;
  connectionClosed?(): void;
  login?(result: LoginResult): void;
  command?(command: AnsweredCommand): void;
  /** Something went wrong on the server's side: `command` for one that failed, `session` for one that was dropped. */
  error?(where: 'command' | 'session'): void;
}
