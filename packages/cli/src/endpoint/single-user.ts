import { createHash, timingSafeEqual } from 'node:crypto';
import { type Authenticator, accountId } from '@posthorn/core';

/** Lets in one user with one password. Compares digests of equal length, so that time tells nothing. */
export function singleUser(name: string, password: string): Authenticator {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
  const [nameDigest, passwordDigest] = [digest(name), digest(password)];
  return {
    async checkPassword(user, given, _context, authorizeAs = user) {
      const isUser = timingSafeEqual(digest(user), nameDigest);
      const isPassword = timingSafeEqual(digest(given), passwordDigest);
      return isUser && isPassword && authorizeAs === name ? accountId(name) : undefined;
    },
  };
}
