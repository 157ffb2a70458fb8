/** What part of a section's text is meant. @see RFC 9051 section 6.4.5.1 */
export type SectionText = 'HEADER' | 'HEADER.FIELDS' | 'HEADER.FIELDS.NOT' | 'TEXT' | 'MIME';

/** One section of a message: the whole of it, a part, or the header or text of either. */
export interface Section {
  /** Part number, such as `[1, 2]`; empty for the message itself. */
  readonly part: readonly number[];
  /** Undefined for everything in the part. */
  readonly text?: SectionText | undefined;
  /** Field names, for HEADER.FIELDS and HEADER.FIELDS.NOT. */
  readonly fields?: readonly string[] | undefined;
}

/** The section that is the whole message. */
export const WHOLE_MESSAGE: Section = { part: [] };
