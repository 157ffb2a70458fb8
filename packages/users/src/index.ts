/**
 * An authenticator over a file of users.
 * @module
 */
export { addUser, changePassword, listUsers, removeUser, type UserOptions } from './change-users.ts';
export { type OpenUsersOptions, openUsers, type UsersAuthenticator } from './users-authenticator.ts';
export { UsersError, type UsersErrorCode } from './users-error.ts';
