/**
 * Branded identifiers. Only the checking constructors here, or a parser, make one, so a {@link Uid}
 * can never be passed where a {@link SequenceNumber} is meant.
 * @module
 */

declare const brand: unique symbol;

/** A value of type `Base` that only its own constructor hands out. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Unique identifier of a message within one mailbox and UIDVALIDITY: 1 to 4,294,967,295. @see RFC 9051 section 2.3.1.1 */
export type Uid = Brand<number, 'Uid'>;
/** Position of a message in a selected mailbox, from 1. @see RFC 9051 section 2.3.1.2 */
export type SequenceNumber = Brand<number, 'SequenceNumber'>;
/** The epoch a mailbox's UIDs belong to: 1 to 4,294,967,295. @see RFC 9051 section 2.3.1.1 */
export type UidValidity = Brand<number, 'UidValidity'>;
/** Modification sequence, 63 bits. Zero is used only for "none yet". @see RFC 7162 section 3.1 */
export type ModSeq = Brand<bigint, 'ModSeq'>;
/** Identifies a mailbox across renames. @see RFC 8474 section 4 */
export type MailboxId = Brand<string, 'MailboxId'>;
/** Identifies the content of a message. @see RFC 8474 section 5.1 */
export type EmailId = Brand<string, 'EmailId'>;
/** Identifies a thread of messages. @see RFC 8474 section 5.2 */
export type ThreadId = Brand<string, 'ThreadId'>;
/** Names one account of a store, as the authenticator answered it. */
export type AccountId = Brand<string, 'AccountId'>;
/** Names one session of a server, for {@link Mailbox.claimRecent}. */
export type SessionId = Brand<string, 'SessionId'>;

/** The largest UID, sequence number or UIDVALIDITY. */
export const MAX_ID = 0xffff_ffff;
const MAX_MOD_SEQ = 0x7fff_ffff_ffff_ffffn;

/** @throws RangeError unless `value` is an integer from 1 to 4,294,967,295. */
export function uid(value: number): Uid {
  return nonZero(value, 'UID') as Uid;
}

/** @throws RangeError unless `value` is an integer from 1 to 4,294,967,295. */
export function sequenceNumber(value: number): SequenceNumber {
  return nonZero(value, 'sequence number') as SequenceNumber;
}

/** @throws RangeError unless `value` is an integer from 1 to 4,294,967,295. */
export function uidValidity(value: number): UidValidity {
  return nonZero(value, 'UIDVALIDITY') as UidValidity;
}

/** @throws RangeError unless `value` is from 0 to 2^63-1. */
export function modSeq(value: bigint): ModSeq {
  if (value < 0n || value > MAX_MOD_SEQ) throw new RangeError(`a mod-sequence is 0 to 2^63-1, not ${value}`);
  return value as ModSeq;
}

/** @throws RangeError unless `value` holds 1 to 255 of the characters an object id may hold. @see RFC 8474 section 7 */
export function mailboxId(value: string): MailboxId {
  return objectId(value) as MailboxId;
}

/** @throws RangeError unless `value` holds 1 to 255 of the characters an object id may hold. @see RFC 8474 section 7 */
export function emailId(value: string): EmailId {
  return objectId(value) as EmailId;
}

/** @throws RangeError unless `value` holds 1 to 255 of the characters an object id may hold. @see RFC 8474 section 7 */
export function threadId(value: string): ThreadId {
  return objectId(value) as ThreadId;
}

/** @throws RangeError when `value` is empty or holds NUL, CR or LF. */
export function accountId(value: string): AccountId {
  return plainName(value, 'account') as AccountId;
}

/** @throws RangeError when `value` is empty or holds NUL, CR or LF. */
export function sessionId(value: string): SessionId {
  return plainName(value, 'session') as SessionId;
}

function nonZero(value: number, what: string): number {
  if (Number.isInteger(value) && value >= 1 && value <= MAX_ID) return value;
  throw new RangeError(`a ${what} is an integer from 1 to ${MAX_ID}, not ${value}`);
}

function objectId(value: string): string {
  if (/^[A-Za-z0-9_-]{1,255}$/.test(value)) return value;
  throw new RangeError('an object id is 1 to 255 letters, digits, "_" or "-"');
}

function plainName(value: string, what: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters refused
  if (value !== '' && !/[\u0000\r\n]/.test(value)) return value;
  throw new RangeError(`the name of a ${what} is not empty and holds no NUL, CR or LF`);
}
