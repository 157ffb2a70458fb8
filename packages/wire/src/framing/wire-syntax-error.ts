import { MailError } from '@posthorn/core';

/** The peer broke the framing, so nothing behind it can be trusted. The decoder is finished. */
export class WireSyntaxError extends MailError {
  override readonly code = 'WIRE_SYNTAX';
  /** Octet at which the fault was found, counted from the start of the frame. */
  readonly offset: number;

  constructor(message: string, offset: number, options?: ErrorOptions) {
    super(message, options);
    this.offset = offset;
  }
}
