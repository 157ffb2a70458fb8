/**
 * The extra information in square brackets of a status response.
 * @see RFC 9051 section 7.1, RFC 5530
 * @module
 */
import type { Flag, MailboxId, ModSeq, SequenceNumber, Uid, UidValidity } from '@posthorn/core';
import type { SequenceSet } from '@posthorn/message-set';

/** Codes that say all by their name. */
export type ResponseCodeName =
  // RFC 9051 section 7.1, RFC 3501 section 7.1
  | 'ALERT'
  | 'PARSE'
  | 'READ-ONLY'
  | 'READ-WRITE'
  | 'TRYCREATE'
  | 'UIDNOTSTICKY'
  | 'HASCHILDREN'
  | 'CLOSED'
  | 'NOTSAVED'
  | 'UNKNOWN-CTE'
  // RFC 5530
  | 'UNAVAILABLE'
  | 'AUTHENTICATIONFAILED'
  | 'AUTHORIZATIONFAILED'
  | 'EXPIRED'
  | 'PRIVACYREQUIRED'
  | 'CONTACTADMIN'
  | 'NOPERM'
  | 'INUSE'
  | 'EXPUNGEISSUED'
  | 'CORRUPTION'
  | 'SERVERBUG'
  | 'CLIENTBUG'
  | 'CANNOT'
  | 'LIMIT'
  | 'OVERQUOTA'
  | 'ALREADYEXISTS'
  | 'NONEXISTENT'
  // RFC 7162, RFC 4469, RFC 4978, RFC 5255, RFC 5465, RFC 6154, RFC 9586
  | 'NOMODSEQ'
  | 'TOOBIG'
  | 'COMPRESSIONACTIVE'
  | 'BADCOMPARATOR'
  | 'NOTIFICATIONOVERFLOW'
  | 'USEATTR'
  | 'UIDREQUIRED'
  // RFC 5259 section 9
  | 'TEMPFAIL';

/** The extra information in square brackets of a status response. @see RFC 9051 section 7.1, RFC 5530 */
export type ResponseCode =
  /** A code without a typed argument. `name` is in upper case; `value` is the raw text behind it. */
  | {
      readonly type: 'atom';
      readonly name: ResponseCodeName | (string & Record<never, never>);
      readonly value?: string | undefined;
    }
  | { readonly type: 'capability'; readonly capabilities: readonly string[] }
  | { readonly type: 'permanentFlags'; readonly flags: readonly Flag[]; readonly allowsNewKeywords: boolean }
  | { readonly type: 'uidNext'; readonly uidNext: number }
  | { readonly type: 'uidValidity'; readonly uidValidity: UidValidity }
  | { readonly type: 'unseen'; readonly first: SequenceNumber }
  | { readonly type: 'highestModSeq'; readonly modSeq: ModSeq }
  | { readonly type: 'appendUid'; readonly uidValidity: UidValidity; readonly uids: SequenceSet<Uid> }
  | {
      readonly type: 'copyUid';
      readonly uidValidity: UidValidity;
      readonly from: SequenceSet<Uid>;
      readonly to: SequenceSet<Uid>;
    }
  | { readonly type: 'modified'; readonly set: SequenceSet<Uid> | SequenceSet<SequenceNumber> }
  | { readonly type: 'badCharset'; readonly charsets: readonly string[] }
  | ExtensionCode;

/** A code of an extension. */
export type ExtensionCode =
  /** The mailbox made or selected. @see RFC 8474 section 4 */
  | { readonly type: 'mailboxId'; readonly mailboxId: MailboxId }
  /** Where the account or the mailbox is instead. @see RFC 2193, RFC 2221 */
  | { readonly type: 'referral'; readonly urls: readonly string[] }
  /** The URL that is no good. @see RFC 4467, RFC 4469 section 4.1 */
  | { readonly type: 'badUrl'; readonly url: string }
  /** How URLs may be signed, with the key where it is known. @see RFC 4467 */
  | {
      readonly type: 'urlMechanisms';
      readonly mechanisms: readonly { readonly name: string; readonly data?: Uint8Array | undefined }[];
    }
  /** @see RFC 5257 section 4.4 */
  | { readonly type: 'annotate'; readonly reason: 'TOOBIG' | 'TOOMANY' }
  /** What annotations the mailbox may have: up to how many octets each, and whether private ones. @see RFC 5257 section 4.2 */
  | {
      readonly type: 'annotations';
      readonly maxSize: number | 'READ-ONLY' | 'NONE';
      readonly isWithoutPrivate?: boolean | undefined;
    }
  /** Octets of the longest entry left out, or how many an entry may have. @see RFC 5464 section 4.2.1 and section 4.3 */
  | { readonly type: 'metadata'; readonly reason: 'LONGENTRIES' | 'MAXSIZE'; readonly octets: number }
  | { readonly type: 'metadata'; readonly reason: 'TOOMANY' | 'NOPRIVATE' }
  /** The search whose result is no longer kept up to date. @see RFC 5267 section 4.3.1 */
  | { readonly type: 'noUpdate'; readonly tag: string }
  /** The events that a server can tell of. @see RFC 5465 section 3.1 */
  | { readonly type: 'badEvent'; readonly events: readonly string[] }
  /** @see RFC 5466 section 3.1 */
  | { readonly type: 'undefinedFilter'; readonly name: string }
  /** How far a command has come; null is not known. @see RFC 9585 */
  | {
      readonly type: 'inProgress';
      readonly tag: string | null;
      readonly done: number | null;
      readonly goal: number | null;
    }
  /** How many messages, or parts of a message, one command may convert. @see RFC 5259 section 9 */
  | { readonly type: 'maxConvertMessages' | 'maxConvertParts'; readonly limit: number }
  /** How many messages one command may name, and the lowest UID that was dealt with. @see RFC 9738 section 3.1 */
  | { readonly type: 'messageLimit'; readonly limit: number; readonly lowestUid?: Uid | undefined };
