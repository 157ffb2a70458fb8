import { MailError } from '@posthorn/core';

/** Why a {@link SequenceSetError} was thrown: see its `code`. */
export type SequenceSetErrorCode =
  | 'MESSAGE_SET_SYNTAX'
  | 'MESSAGE_SET_TOO_LONG'
  | 'MESSAGE_SET_UNPAIRED'
  | 'MESSAGE_SET_UNRESOLVED';

const MESSAGES: Record<SequenceSetErrorCode, string> = {
  MESSAGE_SET_SYNTAX: 'not a sequence-set',
  MESSAGE_SET_TOO_LONG: 'the sequence-set holds too much',
  MESSAGE_SET_UNPAIRED: 'one set names more ids than the other',
  MESSAGE_SET_UNRESOLVED: 'the sequence-set holds "*"',
};

/** A set the peer sent is not one, or not one we can use. */
export class SequenceSetError extends MailError {
  /**
   * `MESSAGE_SET_SYNTAX` an octet does not fit the grammar, or a number is not 1 to 4,294,967,295;
   * `MESSAGE_SET_TOO_LONG` there are more ranges, or more pairs, than the limit allows;
   * `MESSAGE_SET_UNPAIRED` two sets that ought to pair up name different numbers of ids;
   * `MESSAGE_SET_UNRESOLVED` `*` stands where only numbers make sense.
   */
  override readonly code: SequenceSetErrorCode;
  /** Octet at which reading stopped; 0 where a whole set is at fault. */
  readonly offset: number;

  constructor(code: SequenceSetErrorCode, offset: number, options?: ErrorOptions) {
    super(`${MESSAGES[code]} (octet ${offset})`, options);
    this.code = code;
    this.offset = offset;
  }
}
