/**
 * When a message arrived, with the time zone it was written in. `@posthorn/date` parses and formats it.
 * @see RFC 9051 section 2.3.3
 */
export interface InternalDate {
  /** Whole seconds since 1970-01-01T00:00:00Z; may be negative. */
  readonly epochSeconds: number;
  /** Minutes east of UTC, such as 120 for `+0200`. */
  readonly offsetMinutes: number;
}
