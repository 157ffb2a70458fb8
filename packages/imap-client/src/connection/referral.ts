/**
 * Where an account or a mailbox is instead.
 * @see RFC 2193, RFC 2221, RFC 5092
 * @module
 */
import type { StatusResponse } from '@posthorn/wire';
import { ServerRefusedError } from '../errors.ts';

/**
 * Another server, and what is there. It is never gone to by itself: whoever answered could have the password sent
 * anywhere. Connect there when the host is one to trust.
 */
export interface Referral {
  /** As the server wrote it. */
  readonly url: string;
  readonly host: string;
  /** @defaultValue 143, which speaks STARTTLS; 993 for `imaps:` */
  readonly port: number;
  /** Who to log in as; undefined for anonymously. */
  readonly user: string | undefined;
  /** The SASL mechanism to use; undefined for any. */
  readonly mechanism: string | undefined;
  /** The mailbox; undefined when it is about the account. */
  readonly mailbox: string | undefined;
  readonly uidValidity: number | undefined;
}

const URL_PARTS =
  /^(imaps?):\/\/(?:([^;@/:]*)(?:;AUTH=([^;@/]+))?@)?(\[[\d:.a-f]+\]|[^\s:@/[\]]+)(?::(\d{1,5}))?(?:\/(.*))?$/is;
const MAILBOX = /^([^;]*?)(?:;UIDVALIDITY=(\d{1,10}))?(?:\/;.*)?$/is;
/** A server has so many other places to name. */
const MOST_REFERRALS = 20;
const MOST_LENGTH = 2000;

/** Reads the URL of an IMAP server, and of a mailbox there. Undefined for anything else. */
export function parseReferral(url: string): Referral | undefined {
  const match = url.length > MOST_LENGTH ? null : URL_PARTS.exec(url);
  if (match === null) return undefined;
  const [, scheme = '', user, mechanism, host = '', port, path = ''] = match;
  const [, name = '', validity] = MAILBOX.exec(path) ?? [];
  const [decodedUser, mailbox, auth] = [user, name, mechanism].map(decoded);
  if ((user !== undefined && decodedUser === undefined) || mailbox === undefined) return undefined;
  return {
    url,
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? (scheme.toLowerCase() === 'imaps' ? 993 : 143) : Number(port),
    user: decodedUser === '' ? undefined : decodedUser,
    mechanism: auth === '*' ? undefined : auth?.toUpperCase(),
    mailbox: mailbox === '' ? undefined : mailbox,
    uidValidity: validity === undefined ? undefined : Number(validity),
  };
}

/** The server is not the one to talk to. It stands as the cause of the error that ended the connection. */
export class ReferredElsewhere extends Error {
  readonly referrals: readonly Referral[];

  constructor(referrals: readonly Referral[]) {
    super(`the server refers to ${referrals.map(({ host }) => host).join(', ')}`);
    this.referrals = referrals;
  }
}

/** Where the server says that an account or a mailbox is, in the order to try; empty when the error says nothing of it. */
export function referralsOf(error: unknown): readonly Referral[] {
  for (let depth = 0, each = error; depth < 5 && each instanceof Error; depth++, each = each.cause) {
    if (each instanceof ReferredElsewhere) return each.referrals;
    const found = each instanceof ServerRefusedError ? referralsIn(each.responseCode) : [];
    if (found.length > 0) return found;
  }
  return [];
}

/** Those in a response code. */
export function referralsIn(code: StatusResponse['code']): readonly Referral[] {
  if (code?.type !== 'referral') return [];
  return code.urls.slice(0, MOST_REFERRALS).flatMap((url) => parseReferral(url) ?? []);
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
