import { decodeModifiedUtf7, encodeModifiedUtf7, type NameFault } from './modified-utf7.ts';

/**
 * A mailbox's name as people read it, and as it is spelled on the wire. A name that came from a peer goes back in
 * the very spelling it came in, whatever that decodes to.
 */
export interface MailboxName {
  /** The name decoded: `Entwürfe`. */
  readonly text: string;
  /** The exact wire spelling, before quoting: `Entw&APw-rfe`. */
  readonly wire: string;
}

/** How names are spelled on the wire. */
export interface MailboxNameOptions {
  /**
   * Whether names are spelled in UTF-8 and not in modified UTF-7: after ENABLE IMAP4rev2 or UTF8=ACCEPT.
   * @defaultValue false
   */
  readonly utf8?: boolean | undefined;
}

/**
 * Makes a name to send.
 * @throws RangeError for a lone surrogate with `utf8`, which has no spelling there.
 */
export function mailboxName(text: string, { utf8 = false }: MailboxNameOptions = {}): MailboxName {
  if (!utf8) return { text, wire: encodeModifiedUtf7(text) };
  if (/\p{Surrogate}/u.test(text)) throw new RangeError('half a character has no UTF-8 spelling');
  return { text, wire: text };
}

/**
 * Reads a name a peer sent, keeping its spelling.
 * @param onFault - Told of every fault in the spelling; what it reads as is said at {@link NameFaultType}.
 */
export function mailboxNameFromWire(
  wire: string,
  { utf8 = false, onFault }: MailboxNameOptions & { readonly onFault?: ((fault: NameFault) => void) | undefined } = {},
): MailboxName {
  if (utf8) return { text: wire, wire };
  const { text, faults } = decodeModifiedUtf7(wire);
  if (onFault !== undefined) for (const fault of faults) onFault(fault);
  return { text, wire };
}
