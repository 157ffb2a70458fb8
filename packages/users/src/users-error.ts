import { MailError } from '@posthorn/core';

export type UsersErrorCode =
  | 'USERS_NAME'
  | 'USERS_PASSWORD'
  | 'USERS_ALREADY_EXISTS'
  | 'USERS_NONEXISTENT'
  | 'USERS_IN_USE'
  | 'USERS_INSECURE'
  | 'USERS_CORRUPT'
  | 'USERS_UNAVAILABLE';

/** A users file cannot be used, or not be changed as asked. */
export class UsersError extends MailError {
  /**
   * `USERS_NAME` no name for a user; `USERS_PASSWORD` no password; `USERS_ALREADY_EXISTS` there is one of that name;
   * `USERS_NONEXISTENT` there is none; `USERS_IN_USE` another program is changing the file; `USERS_INSECURE` others
   * may write to it; `USERS_CORRUPT` it makes no sense; `USERS_UNAVAILABLE` it is not there, or cannot be read or
   * written.
   */
  override readonly code: UsersErrorCode;

  constructor(code: UsersErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
