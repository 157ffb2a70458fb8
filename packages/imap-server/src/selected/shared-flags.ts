import type { Flag } from '@posthorn/core';

/** A list of flags that messages share, of all sessions, rather than each having its own. */
export interface SharedFlags {
  readonly flags: readonly Flag[];
  /** Those that are no system flags. */
  readonly keywords: readonly Flag[];
}

/** Lists that are remembered; when there are more, remembering begins anew. */
const MAX_LISTS = 4096;
const NO_FLAGS: SharedFlags = { flags: [], keywords: [] };

/** Stores mostly give the same list for the same flags. */
const byList = new WeakMap<readonly Flag[], SharedFlags>();
const byText = new Map<string, SharedFlags>();

/** The one list for these flags. */
export function sharedFlags(flags: readonly Flag[]): SharedFlags {
  if (flags.length === 0) return NO_FLAGS;
  return byList.get(flags) ?? lookUp(flags);
}

function lookUp(flags: readonly Flag[]): SharedFlags {
  const text = flags.join(' ');
  let shared = byText.get(text);
  if (shared === undefined) {
    if (byText.size >= MAX_LISTS) byText.clear();
    shared = { flags, keywords: flags.filter((flag) => !flag.startsWith('\\')) };
    byText.set(text, shared);
  }
  byList.set(flags, shared);
  return shared;
}
