import { createHash, timingSafeEqual } from 'node:crypto';
import { type AccountId, type Authenticator, accountId } from '@posthorn/core';

/** Someone who may log in. */
export interface TestUser {
  readonly user: string;
  readonly password: string;
  /** A bearer token, for XOAUTH2 and OAUTHBEARER. */
  readonly token?: string | undefined;
}

/** Lets in the users of a test, each into an account of their own name. */
export function authenticatorOf(users: readonly TestUser[]): Authenticator {
  const byName = new Map(users.map((each) => [each.user, each]));
  const admit = (name: string, isRight: boolean, authorizeAs = name): AccountId | undefined =>
    isRight && byName.has(name) && authorizeAs === name ? accountId(name) : undefined;
  const checkPassword: Authenticator['checkPassword'] = async (user, password, _context, authorizeAs) =>
    admit(user, isSame(byName.get(user)?.password ?? '', password), authorizeAs);
  if (!users.some(({ token }) => token !== undefined)) return { checkPassword };
  return {
    checkPassword,
    async checkToken(user, token) {
      const known = byName.get(user)?.token;
      return admit(user, known !== undefined && isSame(known, token));
    },
  };
}

function isSame(left: string, right: string): boolean {
  const [first, second] = [left, right].map((text) => createHash('sha256').update(text).digest()) as [Buffer, Buffer];
  return timingSafeEqual(first, second);
}
