/**
 * Message flags. A flag is a string: a system flag such as `\Seen`, or a keyword such as `$Forwarded`.
 * System flags are compared without regard to case and spelled as RFC 9051 spells them; keywords keep the
 * spelling they came with and are compared without regard to ASCII case.
 * @see RFC 9051 section 2.3.2
 * @module
 */

/** The flags RFC 9051 and RFC 3501 define. `\Recent` is set by the server alone. */
export type SystemFlag = '\\Seen' | '\\Answered' | '\\Flagged' | '\\Deleted' | '\\Draft' | '\\Recent';
/** A system flag or a keyword. */
export type Flag = SystemFlag | (string & {});
/** How a STORE combines its flags with those a message has. */
export type FlagOperation = 'add' | 'remove' | 'replace';

/** The five flags that a client may set. */
export const SYSTEM_FLAGS: readonly SystemFlag[] = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'];

const KNOWN = new Map<string, SystemFlag>(
  [...SYSTEM_FLAGS, '\\Recent' as const].map((flag) => [flag.toLowerCase(), flag]),
);

/** The canonical spelling: system flags as RFC 9051 writes them, anything else unchanged. */
export function canonicalFlag(flag: string): Flag {
  return flag.charCodeAt(0) === 0x5c ? (KNOWN.get(flag.toLowerCase()) ?? flag) : flag;
}

/** Whether `flags` holds `flag`, without regard to case. */
export function hasFlag(flags: readonly Flag[], flag: Flag): boolean {
  if (flags.includes(flag)) return true;
  const key = flag.toLowerCase();
  return flags.some((each) => each.length === flag.length && each.toLowerCase() === key);
}

/** Whether two lists hold the same flags, in any order. */
export function sameFlags(left: readonly Flag[], right: readonly Flag[]): boolean {
  return left === right || (left.every((flag) => hasFlag(right, flag)) && right.every((flag) => hasFlag(left, flag)));
}

/**
 * The flags a message has after an operation: canonical, without duplicates, in the order
 * they were first seen. `\Recent` is never added or removed.
 */
export function applyFlags(
  current: readonly Flag[],
  operation: FlagOperation,
  flags: readonly Flag[],
): readonly Flag[] {
  if (operation === 'remove') return current.filter((flag) => flag === '\\Recent' || !hasFlag(flags, flag));
  const kept = operation === 'replace' ? current.filter((flag) => flag === '\\Recent') : [...current];
  const seen = new Set(kept.map((flag) => flag.toLowerCase()));
  for (const flag of flags) {
    const key = flag.toLowerCase();
    if (key === '\\recent' || seen.has(key)) continue;
    seen.add(key);
    kept.push(canonicalFlag(flag));
  }
  return kept;
}
