/**
 * Everything a server can say, as values. Decoders produce them, encoders consume them.
 * @see RFC 9051 section 7
 * @module
 */
import type {
  BodyStructure,
  EmailId,
  Envelope,
  Flag,
  InternalDate,
  ModSeq,
  SequenceNumber,
  ThreadId,
  Uid,
  UidSet,
  UidValidity,
} from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { ResponseCode } from '../response-codes/response-code.ts';
import type { Diagnostic } from '../tokens/diagnostic.ts';
import type { Annotation } from '../values/annotation.ts';
import type { Section } from '../values/section.ts';

/** What decoders add to a value they accepted although it broke a rule. Absent when nothing was wrong. */
export interface Diagnosed {
  readonly diagnostics?: readonly Diagnostic[];
}

/** What a {@link StatusResponse} says. @see RFC 9051 section 7.1 */
export type StatusWord = 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH';

/** A status response: the end of a command when tagged, news or a greeting when not. */
export interface StatusResponse extends Diagnosed {
  readonly type: 'status';
  /** Undefined when untagged. */
  readonly tag: string | undefined;
  readonly status: StatusWord;
  readonly code?: ResponseCode | undefined;
  readonly text: string;
}

/** `+`: the server waits for more. `text` is a SASL challenge in base64, or words for people. */
export interface ContinuationRequest extends Diagnosed {
  readonly type: 'continuation';
  readonly code?: ResponseCode | undefined;
  readonly text: string;
}

/** What the server can do. @see RFC 9051 section 7.2.2 */
export interface CapabilityData extends Diagnosed {
  readonly type: 'capability';
  /** As sent, such as `AUTH=PLAIN`. */
  readonly capabilities: readonly string[];
}

/** The extensions that an ENABLE switched on. @see RFC 9051 section 7.2.1 */
export interface EnabledData extends Diagnosed {
  readonly type: 'enabled';
  readonly capabilities: readonly string[];
}

/** One mailbox that a LIST, LSUB or XLIST found. @see RFC 9051 section 7.3.1, RFC 3501 section 7.2.3 */
export interface ListData extends Diagnosed {
  readonly type: 'list' | 'lsub';
  /** Such as `\HasChildren` and `\Sent`, canonical spelling where known. */
  readonly attributes: readonly string[];
  /** One character, or null for a flat name space. */
  readonly delimiter: string | null;
  readonly mailbox: MailboxName;
  /** Answers XLIST, the LIST before SPECIAL-USE. */
  readonly isXlist?: true;
  /** Why the mailbox is listed although it does not fit itself, such as `SUBSCRIBED`. @see RFC 5258 section 3.5 */
  readonly childInfo?: readonly string[];
  /** The name it had before a RENAME, or before the server made another of the one asked for. @see RFC 5465 section 5.4 */
  readonly oldName?: MailboxName;
  /** Extended data items not typed here: name in upper case and raw value. @see RFC 5258 */
  readonly extended?: readonly RawItem[];
}

/** The answer to a STATUS. @see RFC 9051 section 7.3.3 */
export interface MailboxStatusData extends Diagnosed {
  readonly type: 'mailboxStatus';
  readonly mailbox: MailboxName;
  readonly items: StatusItems;
}

/** What a STATUS answer holds: the items asked for, where the server knows them. */
export interface StatusItems {
  readonly messages?: number;
  readonly recent?: number;
  readonly uidNext?: number;
  readonly uidValidity?: UidValidity;
  readonly unseen?: number;
  readonly deleted?: number;
  /** What expunging would free, in units of 1024 octets. @see RFC 9208 section 4.1.4 */
  readonly deletedStorage?: number;
  readonly size?: number;
  readonly highestModSeq?: ModSeq;
  readonly mailboxId?: string;
  readonly appendLimit?: number | null;
  /** Items not known here. */
  readonly raw?: readonly RawItem[];
}

/** The flags that the selected mailbox knows. @see RFC 9051 section 7.3.5 */
export interface FlagsData extends Diagnosed {
  readonly type: 'flags';
  readonly flags: readonly Flag[];
}

/** How many messages the selected mailbox has. @see RFC 9051 section 7.4.1 */
export interface ExistsData extends Diagnosed {
  readonly type: 'exists';
  readonly count: number;
}

/** How many messages of the selected mailbox are `\Recent`. @see RFC 3501 section 7.3.2 */
export interface RecentData extends Diagnosed {
  readonly type: 'recent';
  readonly count: number;
}

/** A message is gone, and those behind it have moved up by one. @see RFC 9051 section 7.5.1 */
export interface ExpungeData extends Diagnosed {
  readonly type: 'expunge';
  readonly sequenceNumber: SequenceNumber;
}

/** @see RFC 7162 section 3.2.10 */
export interface VanishedData extends Diagnosed {
  readonly type: 'vanished';
  readonly isEarlier: boolean;
  readonly uids: UidSet;
}

/** What a SEARCH found: UIDs where it was UID SEARCH, else sequence numbers, as sent. @see RFC 3501 section 7.2.5, RFC 7162 section 3.1.6 */
export interface SearchData extends Diagnosed {
  readonly type: 'search';
  readonly numbers: readonly number[];
  readonly modSeq?: ModSeq;
}

/** Where mailboxes of one kind of owner begin. @see RFC 9051 section 6.3.10 */
export interface NamespaceEntry {
  readonly prefix: MailboxName;
  readonly delimiter: string | null;
  /** Extensions: name in upper case and raw value, a list of strings. @see RFC 9051 section 6.3.10 */
  readonly extended?: readonly RawItem[];
}

/** @see RFC 9051 section 7.3.5, RFC 2342 */
export interface NamespaceData extends Diagnosed {
  readonly type: 'namespace';
  readonly personal: readonly NamespaceEntry[];
  readonly otherUsers: readonly NamespaceEntry[];
  readonly shared: readonly NamespaceEntry[];
}

/** @see RFC 2971 */
export interface IdData extends Diagnosed {
  readonly type: 'id';
  readonly parameters: ReadonlyMap<string, string | null> | null;
}

/** The octets of a fetched section. */
export type SectionValue =
  | { readonly type: 'inline'; readonly bytes: Uint8Array }
  /** The octets flow beside the response: as {@link LiteralData} events when decoding, as a stream point when encoding. */
  | { readonly type: 'streamed'; readonly size: number };

/** One section of a message in a FETCH answer. @see RFC 9051 section 7.5.2, RFC 3516 section 4.2 */
export interface FetchedSection {
  /** Which item asked for it. */
  readonly item: 'BODY' | 'BINARY' | 'RFC822' | 'RFC822.HEADER' | 'RFC822.TEXT';
  readonly section: Section;
  /** First octet of a partial fetch. */
  readonly origin?: number;
  /** Null for NIL. */
  readonly value: SectionValue | null;
}

/** An item kept as it came: its name in upper case, and the octets of its value. */
export interface RawItem {
  readonly name: string;
  readonly raw: Uint8Array;
}

/**
 * What BINARY.SIZE answers, in octets. A decoder leaves the sizes of headers and texts, which RFC 3516 does not know, with
 * the raw items.
 * @see RFC 3516 section 4.3
 */
export interface BinarySize extends Section {
  readonly size: number;
}

/** The data items of one FETCH response. */
export interface FetchItems {
  readonly uid?: Uid;
  readonly flags?: readonly Flag[];
  readonly internalDate?: InternalDate;
  readonly size?: number;
  readonly envelope?: Envelope;
  /** From BODYSTRUCTURE, or from BODY when that was asked. */
  readonly bodyStructure?: BodyStructure;
  readonly modSeq?: ModSeq;
  readonly emailId?: EmailId;
  readonly threadId?: ThreadId | null;
  readonly saveDate?: InternalDate | null;
  readonly preview?: string | null;
  readonly sections?: readonly FetchedSection[];
  /** Octets of parts with their transfer encoding undone. @see RFC 3516 section 4.3 */
  readonly binarySizes?: readonly BinarySize[];
  /** @see RFC 5257 section 4.5 */
  readonly annotations?: readonly Annotation[];
  /** X-GM-MSGID of Gmail: 64 bits. */
  readonly gmailMessageId?: bigint;
  /** X-GM-THRID of Gmail: 64 bits. */
  readonly gmailThreadId?: bigint;
  /** X-GM-LABELS of Gmail. */
  readonly gmailLabels?: readonly MailboxName[];
  /** Items that are unknown, or whose value broke the grammar (then a diagnostic names them). */
  readonly raw?: readonly RawItem[];
}

/** What is told of one message, asked for or not. @see RFC 9051 section 7.5.2 */
export interface FetchData extends Diagnosed {
  readonly type: 'fetch';
  readonly sequenceNumber: SequenceNumber;
  readonly items: FetchItems;
}

/** What a FETCH answers where messages have UIDs alone. @see RFC 9586 section 3.3 */
export interface UidFetchData extends Diagnosed {
  readonly type: 'uidFetch';
  readonly uid: Uid;
  readonly items: FetchItems;
}

/** An untagged response that is not known here. */
export interface UnknownData extends Diagnosed {
  readonly type: 'unknown';
  /** First word in upper case. */
  readonly name: string;
  /** The number before it, as in `* 4 NAME`. */
  readonly number?: number;
  /** The octets behind the name, without the line end. */
  readonly raw: Uint8Array;
}

/** One answer of a server, or news from it. @see RFC 9051 section 7 */
export type Response =
  | StatusResponse
  | ContinuationRequest
  | CapabilityData
  | EnabledData
  | ListData
  | MailboxStatusData
  | FlagsData
  | ExistsData
  | RecentData
  | ExpungeData
  | VanishedData
  | SearchData
  | NamespaceData
  | IdData
  | FetchData
  | UidFetchData
  | UnknownData;

/** The octets of a big section are about to flow. The whole {@link FetchData} follows after {@link LiteralEnd}. */
export interface LiteralStart {
  readonly type: 'literalStart';
  readonly sequenceNumber: SequenceNumber;
  /** Items that came before it in the same response. */
  readonly items: FetchItems;
  readonly item: FetchedSection['item'];
  readonly section: Section;
  readonly origin?: number;
  readonly size: number;
}

/** The same where messages have UIDs alone. The whole {@link UidFetchData} follows. @see RFC 9586 section 3.3 */
export interface UidLiteralStart extends Omit<LiteralStart, 'type' | 'sequenceNumber'> {
  readonly type: 'uidLiteralStart';
  readonly uid: Uid;
}

/** Some of the octets that a {@link LiteralStart} announced. */
export interface LiteralData {
  readonly type: 'literalData';
  /** A view that stays valid: the decoder never writes to it again. */
  readonly bytes: Uint8Array;
}

/** The last of these octets has come. */
export interface LiteralEnd {
  readonly type: 'literalEnd';
}

/** A frame that does not parse. The stream stays in step. */
export interface InvalidResponse {
  readonly type: 'invalid';
  /** The frame's octets without its line end, cut to the first 8 KiB. */
  readonly raw: Uint8Array;
  /** The tag, when the frame began with one: its command has failed. */
  readonly tag: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a decoder of responses answers: whole responses, and the big sections of messages around which it reads them. */
export type ResponseEvent = Response | LiteralStart | UidLiteralStart | LiteralData | LiteralEnd | InvalidResponse;
