import type { Authenticator, Logger } from '@posthorn/core';
import { checkIdentity, type ServerIdentity } from '@posthorn/transport/serving';
import { openUsers } from '@posthorn/users';
import { readPem } from '../../endpoint/read-pem.ts';
import { singleUser } from '../../endpoint/single-user.ts';
import { UsageError } from '../../failure.ts';
import type { ServePlan } from './serve-plan.ts';

/**
 * Certificate and key as the files have them now.
 * @throws UsageError that says which file is wrong.
 */
export async function readIdentity({ tlsFiles }: ServePlan): Promise<ServerIdentity | undefined> {
  if (tlsFiles === undefined) return undefined;
  const identity = {
    cert: await readPem(tlsFiles.cert, '--tls-cert'),
    key: await readPem(tlsFiles.key, '--tls-key'),
  };
  try {
    checkIdentity(identity);
  } catch (error) {
    const message = `--tls-cert ${tlsFiles.cert} and --tls-key ${tlsFiles.key} are not a certificate and its key`;
    throw new UsageError(message, { cause: error });
  }
  return identity;
}

/** Who may log in: the authenticator at hand, which can be read anew. */
export interface Gatekeeper {
  readonly authenticator: Authenticator;
  /** Reads the users file again. When it cannot be used, those read before stay. @throws {@link UsersError} */
  reload(): Promise<void>;
}

/** @param password - Of the one user, when there is one. */
export async function openGate({ options }: ServePlan, password: string, logger: Logger): Promise<Gatekeeper> {
  const { user, users } = options;
  if (users === undefined) return { authenticator: singleUser(user!, password), reload: async () => {} };
  const open = () => openUsers(users, { logger });
  let current = await open();
  const authenticator: Authenticator = {
    checkPassword: (...login) => current.checkPassword(...login),
    scramKeys: (...login) => current.scramKeys(...login),
    authorize: (...login) => current.authorize(...login),
  };
  const reload = async (): Promise<void> => {
    current = await open();
  };
  return { authenticator, reload };
}

/** @throws {@link UsersError} when the users file cannot be used now. */
export async function checkUsers({ options }: ServePlan): Promise<void> {
  if (options.users !== undefined) await openUsers(options.users);
}
