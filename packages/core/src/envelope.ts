import type { Address } from './address.ts';

/**
 * The header fields of a message that lists show. Strings are the field bodies, unfolded and otherwise as in
 * the message; an absent field is null. Absent `sender` and `replyTo` are filled from `from`, as the RFC asks.
 * @see RFC 9051 section 7.5.2
 */
export interface Envelope {
  readonly date: string | null;
  readonly subject: string | null;
  readonly from: readonly Address[];
  readonly sender: readonly Address[];
  readonly replyTo: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  readonly inReplyTo: string | null;
  readonly messageId: string | null;
}
