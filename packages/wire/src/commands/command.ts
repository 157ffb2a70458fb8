/**
 * Everything a client can ask, as values. The same types serve the client that encodes and the server that decodes.
 * @see RFC 9051 section 6
 * @module
 */
import type { Flag, FlagOperation, InternalDate, ModSeq, SequenceNumber, Uid, UidValidity } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { SequenceSet } from '@posthorn/message-set';

import type { Annotation } from '../values/annotation.ts';
import type { PartialRange } from '../values/partial-range.ts';
import type { Section, SectionText } from '../values/section.ts';

/** Which messages: a set of UIDs or of sequence numbers, or the saved search result `$`. */
export type MessageSelector =
  | { readonly type: 'uids'; readonly set: SequenceSet<Uid> }
  | { readonly type: 'sequenceNumbers'; readonly set: SequenceSet<SequenceNumber> }
  /** The result of the last search with SAVE; the answers name UIDs where `isUid`. @see RFC 5182 */
  | { readonly type: 'saved'; readonly isUid: boolean };

/** One item of a FETCH. */
export type FetchItem =
  | { readonly type: 'uid' | 'flags' | 'internalDate' | 'size' | 'envelope' | 'bodyStructure' | 'body' | 'modSeq' }
  | { readonly type: 'emailId' | 'threadId' | 'saveDate' }
  /** `isLazy` wants only previews that are at hand. @see RFC 8970 section 3.1 */
  | { readonly type: 'preview'; readonly isLazy?: boolean | undefined }
  | {
      readonly type: 'section';
      readonly section: Section;
      /** BODY.PEEK rather than BODY: leaves `\Seen` alone. */
      readonly peek: boolean;
      readonly partial?: PartialSection | undefined;
    }
  /**
   * A part with its transfer encoding undone; an empty part number is the whole message. RFC 3516 knows no `text` and
   * `fields` here: servers that take them undo nothing there.
   * @see RFC 3516 section 4.2
   */
  | {
      readonly type: 'binary';
      readonly part: readonly number[];
      readonly text?: SectionText | undefined;
      readonly fields?: readonly string[] | undefined;
      /** BINARY.PEEK rather than BINARY: leaves `\Seen` alone. */
      readonly peek: boolean;
      readonly partial?: PartialSection | undefined;
    }
  /** The size of such a part. @see RFC 3516 section 4.3 */
  | ({ readonly type: 'binarySize' } & Section)
  /** Entries, which may hold `*` and `%`, and which attributes of them. @see RFC 5257 section 4.3 */
  | { readonly type: 'annotation'; readonly entries: readonly string[]; readonly attributes: readonly string[] }
  /** X-GM-MSGID, X-GM-THRID and X-GM-LABELS of Gmail. */
  | { readonly type: 'gmail'; readonly what: 'MSGID' | 'THRID' | 'LABELS' }
  /** Any other item: its name in upper case, and the list behind it. A server that does not know it answers BAD. */
  | { readonly type: 'other'; readonly name: string; readonly argument?: Uint8Array | undefined }
  /** RFC822, RFC822.HEADER and RFC822.TEXT of RFC 3501. */
  | { readonly type: 'rfc822'; readonly text: 'whole' | 'header' | 'text' };

/** A window of octets of a section. */
export interface PartialSection {
  readonly offset: number;
  /** `Number.MAX_SAFE_INTEGER` for all the rest, which some clients ask for without a length. */
  readonly length: number;
}

/** One item of a STATUS. @see RFC 9051 section 6.3.11, RFC 3501 section 6.3.10 for `RECENT` */
export type StatusItem =
  | 'MESSAGES'
  | 'RECENT'
  | 'UIDNEXT'
  | 'UIDVALIDITY'
  | 'UNSEEN'
  | 'DELETED'
  /** In units of 1024 octets. @see RFC 9208 section 4.1.4 */
  | 'DELETED-STORAGE'
  | 'SIZE'
  | 'HIGHESTMODSEQ'
  | 'MAILBOXID'
  | 'APPENDLIMIT';

/** What a message of an APPEND is given. */
export interface MessageProperties {
  readonly flags: readonly Flag[];
  readonly internalDate?: InternalDate | undefined;
  /** @see RFC 5257 section 4.6 */
  readonly annotations?: readonly Annotation[] | undefined;
}

/** A run of octets that travels beside the command. */
export interface FlowingOctets {
  readonly size: number;
  /** Sent as literal8 (`~{n}`), so that they may hold NUL. @see RFC 3516 section 4.4 */
  readonly isBinary?: boolean | undefined;
  /** Sent as `UTF8 (~{n}…)`, because a header holds UTF-8. @see RFC 6855 section 4 */
  readonly isUtf8?: boolean | undefined;
}

/** A piece of a catenated message: octets, or the IMAP URL of a message or part. @see RFC 4469 */
export type CatenatePart = ({ readonly type: 'text' } & FlowingOctets) | { readonly type: 'url'; readonly url: string };

/** A message whose octets are all sent. */
export type SentMessage = MessageProperties & FlowingOctets;

/** A message that the server puts together. @see RFC 4469 */
export interface CatenatedMessage extends MessageProperties {
  readonly parts: readonly CatenatePart[];
}

/** One message of an APPEND. Its octets travel beside the command. */
export type AppendMessage = SentMessage | CatenatedMessage;

/** The message that REPLACE takes away; `*` is the last one. @see RFC 8508 */
export type ReplacedMessage =
  | { readonly type: 'uid'; readonly uid: Uid | '*' }
  | { readonly type: 'sequenceNumber'; readonly sequenceNumber: SequenceNumber | '*' };

/** What a client remembers of a mailbox when it selects it again. @see RFC 7162 section 3.2.5 */
export interface QuickResync {
  readonly uidValidity: UidValidity;
  readonly modSeq: ModSeq;
  /** The UIDs it knows; all that were ever given when left out. */
  readonly knownUids?: SequenceSet<Uid> | undefined;
  /** A sample of message numbers and the UIDs they had. */
  readonly match?:
    | { readonly sequenceNumbers: SequenceSet<SequenceNumber>; readonly uids: SequenceSet<Uid> }
    | undefined;
}

/**
 * One command without its tag. Names are those of the RFCs; the UID form of a command follows from its {@link MessageSelector}.
 * @see RFC 9051 section 6
 */
export type Command =
  | {
      readonly name:
        | 'CAPABILITY'
        | 'NOOP'
        | 'LOGOUT'
        | 'STARTTLS'
        | 'IDLE'
        | 'CLOSE'
        | 'UNSELECT'
        | 'CHECK'
        | 'NAMESPACE';
    }
  | { readonly name: 'LOGIN'; readonly user: string; readonly password: string }
  /** `initialResponse` is decoded from base64; an empty array is `=`. @see RFC 4959 */
  | { readonly name: 'AUTHENTICATE'; readonly mechanism: string; readonly initialResponse?: Uint8Array | undefined }
  | { readonly name: 'ENABLE'; readonly capabilities: readonly string[] }
  | { readonly name: 'ID'; readonly parameters: ReadonlyMap<string, string | null> | null }
  | {
      readonly name: 'SELECT' | 'EXAMINE';
      readonly mailbox: MailboxName;
      readonly condstore?: boolean | undefined;
      /** Wants annotations to be told of. @see RFC 5257 section 4.1 */
      readonly annotate?: boolean | undefined;
      readonly qresync?: QuickResync | undefined;
    }
  | { readonly name: 'CREATE'; readonly mailbox: MailboxName; readonly specialUse?: readonly string[] | undefined }
  | { readonly name: 'DELETE' | 'SUBSCRIBE' | 'UNSUBSCRIBE'; readonly mailbox: MailboxName }
  | { readonly name: 'RENAME'; readonly from: MailboxName; readonly to: MailboxName }
  | {
      readonly name: 'LIST';
      readonly reference: MailboxName;
      readonly patterns: readonly MailboxName[];
      /** Selection and return options in upper case. @see RFC 5258 */
      readonly select?: readonly string[] | undefined;
      readonly return?: readonly string[] | undefined;
      /** RETURN (STATUS (…)). @see RFC 5819 */
      readonly statusItems?: readonly StatusItem[] | undefined;
      /** RETURN (METADATA (…)): the entries to answer for each mailbox. @see RFC 9590 */
      readonly metadataEntries?: readonly string[] | undefined;
    }
  | { readonly name: 'LSUB'; readonly reference: MailboxName; readonly pattern: MailboxName }
  | { readonly name: 'STATUS'; readonly mailbox: MailboxName; readonly items: readonly StatusItem[] }
  | { readonly name: 'APPEND'; readonly mailbox: MailboxName; readonly messages: readonly AppendMessage[] }
  /** @see RFC 8508 */
  | {
      readonly name: 'REPLACE';
      readonly replaces: ReplacedMessage;
      readonly mailbox: MailboxName;
      readonly message: AppendMessage;
    }
  /** `$` stands for the saved search result. @see RFC 4315 section 2.1, RFC 5182 */
  | { readonly name: 'EXPUNGE'; readonly uids?: SequenceSet<Uid> | '$' | undefined }
  | {
      readonly name: 'FETCH';
      readonly messages: MessageSelector;
      readonly items: readonly FetchItem[];
      readonly changedSince?: ModSeq | undefined;
      readonly vanished?: boolean | undefined;
      /** Only the messages in this window of those named. @see RFC 9394 section 3.3 */
      readonly partial?: PartialRange | undefined;
    }
  | {
      readonly name: 'STORE';
      readonly messages: MessageSelector;
      readonly operation: FlagOperation;
      readonly isSilent: boolean;
      readonly flags: readonly Flag[];
      readonly unchangedSince?: ModSeq | undefined;
    }
  | { readonly name: 'COPY' | 'MOVE'; readonly messages: MessageSelector; readonly mailbox: MailboxName }
  /** Any other command: its name in upper case (with `UID ` when that came before) and the octets behind it. */
  | { readonly name: 'X'; readonly command: string; readonly raw: Uint8Array };
