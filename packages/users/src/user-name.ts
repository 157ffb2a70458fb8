import { prepareText } from '@posthorn/sasl';
import { UsersError } from './users-error.ts';

/** Octets; stores make names of folders of it, which have at most 255. */
const MAX_NAME_BYTES = 180;

/** The form that names are compared in: SASLprep, so that what looks the same is the same. Case counts. */
export function preparedName(name: string): Promise<string> {
  return prepareText(name);
}

/**
 * Checks the name of a user who is to be added. Names go to stores, logs and terminals: no control characters, marks
 * of direction, or white space but single spaces within. How a name becomes a folder is up to the store.
 * @returns The form that it is kept and compared in.
 * @throws {@link UsersError} `USERS_NAME`
 */
export async function checkName(name: string): Promise<string> {
  const prepared = await preparedName(name);
  const size = Buffer.byteLength(prepared);
  if (size === 0 || size > MAX_NAME_BYTES) {
    throw new UsersError('USERS_NAME', `the name of a user has 1 to ${MAX_NAME_BYTES} octets`);
  }
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|^\s|\s$|\s\s/u.test(prepared)) {
    throw new UsersError(
      'USERS_NAME',
      'the name of a user holds no control characters and no spaces but single ones within',
    );
  }
  return prepared;
}

/** @throws {@link UsersError} `USERS_PASSWORD` */
export function checkNewPassword(password: string): string {
  if (password === '') throw new UsersError('USERS_PASSWORD', 'the password is empty');
  if (password.length > 1024 || /[\0\r\n]/.test(password)) {
    throw new UsersError('USERS_PASSWORD', 'a password has at most 1024 characters, and no NUL, CR or LF');
  }
  return password;
}
