/** A rule that the peer broke, and where. */
export interface Diagnostic {
  /** Stable name of the fault, such as `QUIRK_TRAILING_SPACE` or `SYNTAX`. */
  readonly id: string;
  /** Octet within the frame. */
  readonly offset: number;
  /** One lower-case sentence for people. */
  readonly message: string;
}
