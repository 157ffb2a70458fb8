import { addUser, changePassword, listUsers, removeUser } from '@posthorn/users';
import type { CommandContext } from '../command-context.ts';
import { findPassword, type PasswordOptions } from '../endpoint/password.ts';
import { scramHashesOf } from '../endpoint/scram-hashes.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { printable } from '../output/printable.ts';

export interface UserCommandOptions extends PasswordOptions {
  /** The users file. */
  readonly users: string;
  /** Hashes to keep SCRAM keys for, with commas between them. */
  readonly scram?: string | undefined;
}

/** `posthorn user add`: adds a user, and makes the file when there is none. */
export async function userAddCommand(
  name: string,
  options: UserCommandOptions,
  { output, signal }: CommandContext,
): Promise<ExitCode> {
  const scramHashes = scramHashesOf(options.scram);
  const password = await newPassword(name, options, signal);
  await addUser(options.users, name, password, { scramHashes, signal });
  output.event({ event: 'userAdded', name });
  output.line(`added ${printable(name)} to ${options.users}`);
  return EXIT.done;
}

/** `posthorn user passwd`: gives a user another password. */
export async function userPasswdCommand(
  name: string,
  options: UserCommandOptions,
  { output, signal }: CommandContext,
): Promise<ExitCode> {
  const scramHashes = options.scram === undefined ? undefined : scramHashesOf(options.scram);
  const password = await newPassword(name, options, signal);
  await changePassword(options.users, name, password, { scramHashes, signal });
  output.event({ event: 'passwordChanged', name });
  output.line(`changed the password of ${printable(name)} in ${options.users}`);
  return EXIT.done;
}

/** `posthorn user remove`: removes a user and leaves their mail. */
export async function userRemoveCommand(
  name: string,
  { users }: UserCommandOptions,
  { output, signal }: CommandContext,
): Promise<ExitCode> {
  await removeUser(users, name, { signal });
  output.event({ event: 'userRemoved', name });
  output.line(`removed ${printable(name)} from ${users}; their mail stays where it is`);
  return EXIT.done;
}

/** `posthorn user list`: prints the names of all users, one a line. */
export async function userListCommand({ users }: UserCommandOptions, { output }: CommandContext): Promise<ExitCode> {
  for (const name of await listUsers(users)) {
    output.event({ event: 'user', name });
    output.line(printable(name));
  }
  return EXIT.done;
}

function newPassword(name: string, options: PasswordOptions, signal: AbortSignal): Promise<string> {
  return findPassword(name, options, { variables: ['POSTHORN_PASSWORD'], signal, isNew: true });
}
