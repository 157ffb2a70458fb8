/** Switches capabilities off: the names not to offer, or a test for those to offer. */
export type CapabilityFilter = readonly string[] | ((name: string) => boolean);

/** What a client may use after login. Everything here is complete. */
const AFTER_LOGIN = [
  'ID',
  'ENABLE',
  'IDLE',
  'NAMESPACE',
  'CHILDREN',
  'LIST-EXTENDED',
  'LIST-STATUS',
  'SPECIAL-USE',
  'CREATE-SPECIAL-USE',
  'STATUS=SIZE',
  'UIDPLUS',
  'MOVE',
  'UNSELECT',
  'ESEARCH',
  'SEARCHRES',
  'WITHIN',
  'CONDSTORE',
  'QRESYNC',
  'UNAUTHENTICATE',
  'MULTIAPPEND',
  'CATENATE',
  'REPLACE',
  'BINARY',
  'PREVIEW',
  'SAVEDATE',
  'OBJECTID',
  'UTF8=ACCEPT',
  'SORT',
  'SORT=DISPLAY',
  'ESORT',
  'THREAD=ORDEREDSUBJECT',
  'THREAD=REFERENCES',
  'THREAD=REFS',
  'CONTEXT=SEARCH',
  'CONTEXT=SORT',
  'PARTIAL',
  'MULTISEARCH',
  'UIDONLY',
  'INPROGRESS',
  'NOTIFY',
  'ACL',
  'RIGHTS=kxte',
  'LIST-MYRIGHTS',
] as const;

export interface CapabilityState {
  readonly isAuthenticated: boolean;
  /** Whether STARTTLS can be used on this connection now. */
  readonly canStartTls: boolean;
  /** Whether LOGIN is accepted on this connection now. */
  readonly canLogin: boolean;
  /** Mechanisms for AUTHENTICATE. */
  readonly mechanisms: readonly string[];
  /** Whether the account has limits. @defaultValue false */
  readonly hasQuota?: boolean | undefined;
  /** Whether its user may set them. @defaultValue false */
  readonly canSetQuota?: boolean | undefined;
  /** Whether the account has annotations. @defaultValue false */
  readonly hasMetadata?: boolean | undefined;
  /** Whether COMPRESS can be used on this connection now. @defaultValue false */
  readonly canCompress?: boolean | undefined;
  /** Whether it is in use: the login can then not be taken back. @defaultValue false */
  readonly isCompressed?: boolean | undefined;
  /** Announced as APPENDLIMIT. */
  readonly maxMessageBytes: number;
  readonly isOffered: (name: string) => boolean;
}

/** What a connection announces now, in a stable order. */
export function capabilitiesOf(state: CapabilityState): readonly string[] {
  const {
    canCompress = false,
    isCompressed = false,
    isAuthenticated,
    canStartTls,
    canLogin,
    mechanisms,
    maxMessageBytes,
    isOffered,
  } = state;
  const names: string[] = [];
  // Never both: RFC 7888 section 5.
  const literals = isOffered('LITERAL+') ? 'LITERAL+' : 'LITERAL-';
  if (isAuthenticated) {
    names.push(...AFTER_LOGIN.filter((name) => name !== 'UNAUTHENTICATE' || !isCompressed));
    if (state.hasQuota === true) names.push('QUOTA', 'QUOTA=RES-STORAGE', 'QUOTA=RES-MESSAGE');
    if (state.canSetQuota === true) names.push('QUOTASET');
    if (state.hasMetadata === true) names.push('METADATA', 'LIST-METADATA');
    if (canCompress) names.push('COMPRESS=DEFLATE');
    names.push(literals, `APPENDLIMIT=${maxMessageBytes}`);
  } else {
    names.push('ID', literals, 'SASL-IR');
    if (canStartTls) names.push('STARTTLS');
    if (!canLogin) names.push('LOGINDISABLED');
    for (const mechanism of mechanisms) names.push(`AUTH=${mechanism}`);
  }
  return ['IMAP4rev1', ...['IMAP4rev2', ...names].filter(isOffered)];
}

/** The test that a filter stands for, without regard to case. */
export function offers(filter: CapabilityFilter | undefined): (name: string) => boolean {
  if (filter === undefined) return () => true;
  if (typeof filter === 'function') return filter;
  const off = new Set(filter.map((name) => name.toUpperCase()));
  return (name) => {
    const key = name.toUpperCase();
    return !off.has(key) && !off.has(key.split('=', 1)[0]!);
  };
}
