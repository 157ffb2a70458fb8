import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccountId } from '@posthorn/core';
import { err, type Reply } from '../replies.ts';
import type { Session } from '../session.ts';
import type { CommandOf } from './execute.ts';
import { admit, waitTurn } from './login.ts';

/** @see RFC 1939 section 7, APOP */
export async function apop(session: Session, { user, digest }: CommandOf<'APOP'>): Promise<Reply> {
  const { passwordOf } = session.options;
  if (passwordOf === undefined) return err('That command is not offered');
  await waitTurn(session);
  const password = await passwordOf(user);
  // The digest is computed for unknown users too, so that they take as long.
  const right = createHash('md5')
    .update(session.timestamp + (password ?? ''), 'utf8')
    .digest();
  const given = Buffer.from(digest, 'hex');
  const isRight = given.length === right.length && digest.length === 2 * right.length && timingSafeEqual(given, right);
  return admit(session, isRight && password !== undefined ? await accountOf(session, user) : undefined, user);
}

/** The account of a user who proved to know the password that `passwordOf` tells. */
export async function accountOf(session: Session, user: string): Promise<AccountId | undefined> {
  const { authenticator, context } = session.mechanismOptions;
  if (authenticator.authorize !== undefined) return authenticator.authorize(user, context);
  const password = await session.options.passwordOf?.(user);
  return password === undefined ? undefined : authenticator.checkPassword(user, password, context);
}
