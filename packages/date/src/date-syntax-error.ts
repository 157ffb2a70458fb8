import { MailError } from '@posthorn/core';

/**
 * How a date departs from the grammar and can be read all the same: `oneDigitDay` a day of one digit without the
 * space before it, `extraSpace` more than one space, or spaces around the date, `missingZone` no time zone, read as
 * UTC, `namedZone` a name such as `GMT` for the zone, `zoneColon` a zone such as `+02:00`, `zoneMinutes` more than
 * 59 minutes in a zone.
 */
export type DateFault = 'oneDigitDay' | 'extraSpace' | 'missingZone' | 'namedZone' | 'zoneColon' | 'zoneMinutes';

/** A date the peer sent is none. */
export class DateSyntaxError extends MailError {
  override readonly code = 'DATE_SYNTAX';
  /** Octet or character at which the date stopped making sense. */
  readonly offset: number;

  constructor(offset: number, options?: ErrorOptions) {
    super(`not a date (offset ${offset})`, options);
    this.offset = offset;
  }
}
