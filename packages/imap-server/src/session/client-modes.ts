/** What a client has switched on for the rest of its connection. */
export interface ClientModes {
  /** FETCH responses the client did not ask for tell UID and mod-sequence. @see RFC 7162 section 3.1 */
  readonly condstore: boolean;
  /** VANISHED stands in for EXPUNGE. @see RFC 7162 section 3.2.3 */
  readonly qresync: boolean;
  /** @see RFC 9051 section 6.3.1 */
  readonly imap4rev2: boolean;
  /** UTF-8 may stand in quotes, in names of mailboxes and elsewhere. @see RFC 6855 section 3 */
  readonly utf8: boolean;
  /** Messages have UIDs alone. @see RFC 9586 */
  readonly uidOnly: boolean;
}

export const NO_MODES: ClientModes = {
  condstore: false,
  qresync: false,
  imap4rev2: false,
  utf8: false,
  uidOnly: false,
};

/**
 * The modes after an ENABLE.
 * @returns also the names that took effect; names that are unknown or not offered are passed over (RFC 5161 section 3.1)
 */
export function enableModes(
  modes: ClientModes,
  names: readonly string[],
  isOffered: (capability: string) => boolean,
): { readonly modes: ClientModes; readonly enabled: readonly string[] } {
  const enabled: string[] = [];
  let next = modes;
  for (const name of new Set(names.map((each) => each.toUpperCase()))) {
    const change = isOffered(name) ? CHANGES.get(name) : undefined;
    if (change === undefined) continue;
    next = { ...next, ...change };
    enabled.push(name === 'IMAP4REV2' ? 'IMAP4rev2' : name);
  }
  return { modes: next, enabled };
}

const CHANGES: ReadonlyMap<string, Partial<ClientModes>> = new Map([
  ['CONDSTORE', { condstore: true }],
  ['QRESYNC', { condstore: true, qresync: true }],
  ['IMAP4REV2', { imap4rev2: true, utf8: true }],
  ['UTF8=ACCEPT', { utf8: true }],
  ['UIDONLY', { uidOnly: true }],
]);
