import { MailError } from '@posthorn/core';

export type SequenceSetErrorCode = 'MESSAGE_SET_SYNTAX' | 'MESSAGE_SET_TOO_LONG' | 'MESSAGE_SET_UNPAIRED';

const MESSAGES: Record<SequenceSetErrorCode, string> = {
  MESSAGE_SET_SYNTAX: 'not a sequence-set',
  MESSAGE_SET_TOO_LONG: 'the sequence-set has too many ranges',
  MESSAGE_SET_UNPAIRED: 'the two sets do not pair up',
};

/** A set the peer sent is not one, or not one we can use. */
export class SequenceSetError extends MailError {
  /**
   * `MESSAGE_SET_SYNTAX` an octet does not fit the grammar, or a number is not 1 to 4,294,967,295;
   * `MESSAGE_SET_TOO_LONG` there are more ranges than the limit allows;
   * `MESSAGE_SET_UNPAIRED` two sets that name the same messages differ in length or hold `*`.
   */
  override readonly code: SequenceSetErrorCode;
  /** Octet at which reading stopped. */
  readonly offset: number;

  constructor(code: SequenceSetErrorCode, offset: number, options?: ErrorOptions) {
    super(`${MESSAGES[code]} (octet ${offset})`, options);
    this.code = code;
    this.offset = offset;
  }
}
