import type { MailboxInfo, MailboxPath } from '@posthorn/core';
import { compilePattern } from '@posthorn/mailbox-name';
import { DELIMITER, matchableName } from './names.ts';

/** What a LIST asks for. */
export interface ListQuery {
  /** Reference and pattern joined, decoded. */
  readonly patterns: readonly string[];
  /** Only what is subscribed. */
  readonly onlySubscribed: boolean;
  /** Only what has a special use. */
  readonly onlySpecialUse: boolean;
  /** Also the names above what was selected. */
  readonly recursiveMatch: boolean;
  readonly returnSubscribed: boolean;
  /** Whether the client knows more attributes than those of RFC 3501. */
  readonly isExtended: boolean;
}

/** One answer to a LIST. */
export interface ListedMailbox {
  readonly info: MailboxInfo;
  readonly attributes: readonly string[];
  /** What a name below it was selected by; only with `recursiveMatch`. @see RFC 5258 section 3.5 */
  readonly childInfo: readonly string[];
}

/**
 * The mailboxes a LIST answers, parents before children; behind them names that are missing.
 * @see RFC 9051 section 6.3.9
 */
export function selectMailboxes(
  existing: readonly MailboxInfo[],
  query: ListQuery,
  missing: readonly MailboxInfo[] = [],
): readonly ListedMailbox[] {
  const infos = [...existing, ...missing];
  const tests = query.patterns.map((pattern) => compilePattern(pattern, DELIMITER));
  const names = infos.map(({ path }) => matchableName(path));
  const parents = namesAbove(names.slice(0, existing.length));
  const isMatch = (name: string): boolean => tests.some((matches) => matches(name));
  const isSelected = (info: MailboxInfo): boolean =>
    (!query.onlySubscribed || info.isSubscribed) && (!query.onlySpecialUse || info.specialUse.length > 0);
  const criteria = [...(query.onlySubscribed ? ['SUBSCRIBED'] : []), ...(query.onlySpecialUse ? ['SPECIAL-USE'] : [])];
  const selected = query.recursiveMatch ? names.filter((_, index) => isSelected(infos[index]!)) : [];
  const aboveSelected = namesAbove(selected);
  // A name whose selected children are all told is redundant: RFC 5258 section 3.5.
  const aboveUntold = namesAbove(selected.filter((name) => !isMatch(name)));
  // So is one that only holds others, some of which another pattern tells: RFC 9051 section 6.3.9.8, example 10.
  const told = query.patterns.length > 1 ? names.filter((name, at) => isSelected(infos[at]!) && isMatch(name)) : [];
  const aboveTold = namesAbove(told);
  const isRedundant = (info: MailboxInfo, name: string): boolean =>
    !info.isSelectable && !info.isSubscribed && aboveTold.has(name);

  const listed: ListedMailbox[] = [];
  for (const [index, info] of infos.entries()) {
    const name = names[index]!;
    if (!(isSelected(info) || aboveUntold.has(name)) || !isMatch(name) || isRedundant(info, name)) continue;
    listed.push({
      info,
      attributes: attributesOf(info, parents.has(name), {
        isExtended: query.isExtended,
        tellsSubscribed: query.returnSubscribed || query.onlySubscribed,
      }),
      childInfo: aboveSelected.has(name) ? criteria : [],
    });
  }
  return listed;
}

/**
 * The answers to an LSUB: what is subscribed, and below a `%` the names that hold something subscribed.
 * @see RFC 3501 section 6.3.9
 */
export function selectSubscribed(infos: readonly MailboxInfo[], pattern: string): readonly ListedMailbox[] {
  const matches = compilePattern(pattern, DELIMITER);
  const subscribed = infos.filter(({ isSubscribed }) => isSubscribed);
  const above = pattern.includes('%') ? namesAbove(subscribed.map(({ path }) => matchableName(path))) : NONE;
  const listed: ListedMailbox[] = [];
  for (const info of infos) {
    const name = matchableName(info.path);
    if (!(info.isSubscribed || above.has(name)) || !matches(name)) continue;
    // Here it says that the name itself is not subscribed: RFC 3501 section 6.3.9.
    const attributes = info.isSubscribed ? [] : ['\\Noselect'];
    listed.push({ info, attributes, childInfo: [] });
  }
  return listed;
}

const NONE: ReadonlySet<string> = new Set();

/** Whether a name is above another one. */
export function hasChildren(infos: readonly MailboxInfo[], { path }: MailboxInfo): boolean {
  return infos.some((each) => each.path.length > path.length && path.every((part, at) => part === each.path[at]));
}

export interface AttributeOptions {
  /** Whether the client knows more attributes than those of RFC 3501. */
  readonly isExtended: boolean;
  readonly tellsSubscribed: boolean;
}

/** The attributes of a mailbox, as LIST tells them. @see RFC 9051 section 7.3.1 */
export function attributesOf(
  info: MailboxInfo,
  isParent: boolean,
  { isExtended, tellsSubscribed }: AttributeOptions,
): readonly string[] {
  const attributes: string[] = [];
  // The first implies the second, which older clients know alone. RFC 9051 section 7.3.1.
  if (!info.isSelectable) attributes.push(isExtended ? '\\NonExistent' : '\\Noselect');
  if (!info.allowsChildren) attributes.push('\\Noinferiors');
  attributes.push(isParent ? '\\HasChildren' : '\\HasNoChildren', ...info.specialUse);
  if (info.isSubscribed && tellsSubscribed) attributes.push('\\Subscribed');
  return attributes;
}

/**
 * What is subscribed and is not there, and the missing names above that.
 * @see RFC 5258 section 3.1
 */
export function missingNames(
  infos: readonly MailboxInfo[],
  subscriptions: readonly MailboxPath[],
): readonly MailboxInfo[] {
  const known = new Set(infos.map(({ path }) => matchableName(path)));
  const missing = new Map<string, MailboxInfo>();
  const add = (path: MailboxPath, isSubscribed: boolean): void => {
    const name = matchableName(path);
    if (known.has(name) || (!isSubscribed && missing.has(name))) return;
    missing.set(name, { path, id: undefined, isSelectable: false, allowsChildren: true, isSubscribed, specialUse: [] });
  };
  for (const path of subscriptions) {
    for (let length = 1; length < path.length; length++) add(path.slice(0, length) as unknown as MailboxPath, false);
    add(path, true);
  }
  return [...missing.values()];
}

/** Every name that is above one of `names`. */
function namesAbove(names: readonly string[]): ReadonlySet<string> {
  const above = new Set<string>();
  for (const name of names) {
    for (let end = name.lastIndexOf(DELIMITER); end > 0; end = name.lastIndexOf(DELIMITER, end - 1)) {
      const parent = name.slice(0, end);
      if (above.has(parent)) break;
      above.add(parent);
    }
  }
  return above;
}
