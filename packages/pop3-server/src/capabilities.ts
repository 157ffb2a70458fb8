/** Switches capabilities off: the names not to offer, or a test for those to offer. `APOP` is one of them here. */
export type CapabilityFilter = readonly string[] | ((name: string) => boolean);

export interface CapabilityState {
  readonly isAuthenticated: boolean;
  /** Whether STLS can be used on this connection now. */
  readonly canStartTls: boolean;
  /** Whether USER and PASS are accepted on this connection now. */
  readonly canLogin: boolean;
  /** Mechanisms for AUTH. */
  readonly mechanisms: readonly string[];
  /** Least time between two logins of one user, in seconds. */
  readonly loginDelaySeconds: number;
  /** Days after which messages are removed; undefined when they never are. */
  readonly expireDays: number | undefined;
  readonly isOffered: (name: string) => boolean;
}

/**
 * What a connection announces now, in a stable order, each with its parameters. What can be used before login is
 * announced after it, too, but for STLS.
 * @see RFC 2449 section 3, RFC 2595 section 4, RFC 5034 section 3, RFC 6856
 */
export function capabilitiesOf(state: CapabilityState): readonly string[] {
  const { isAuthenticated, canStartTls, canLogin, mechanisms, loginDelaySeconds, expireDays, isOffered } = state;
  const lines = ['TOP', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING'];
  if (canStartTls && !isAuthenticated) lines.push('STLS');
  if (canLogin) lines.push('USER');
  if (mechanisms.length > 0) lines.push(`SASL ${mechanisms.join(' ')}`);
  lines.push('UTF8 USER', 'LANG', `EXPIRE ${expireDays ?? 'NEVER'}`, `LOGIN-DELAY ${loginDelaySeconds}`);
  lines.push('IMPLEMENTATION Posthorn');
  return lines.filter((line) => isOffered(line.split(' ', 1)[0]!));
}

/** The test that a filter stands for, without regard to case. */
export function offers(filter: CapabilityFilter | undefined): (name: string) => boolean {
  if (filter === undefined) return () => true;
  if (typeof filter === 'function') return filter;
  const off = new Set(filter.map((name) => name.toUpperCase()));
  return (name) => !off.has(name);
}
