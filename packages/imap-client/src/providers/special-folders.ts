import type { SpecialUse } from '@posthorn/core';
import type { ListedMailbox } from '../mailboxes/mailbox-reference.ts';
import { FOLDER_NAMES, type NamedUse } from './folder-names.ts';

/** A mailbox for a special use, and how that is known. */
export interface SpecialFolder {
  readonly mailbox: ListedMailbox;
  /** `server` it says so (SPECIAL-USE); `xlist` it says so in an older way; `name` its name is what such are called. */
  readonly source: 'server' | 'xlist' | 'name';
}

/** Attributes of XLIST, from before SPECIAL-USE, which servers still send. */
const XLIST: ReadonlyMap<string, SpecialUse> = new Map([
  ['\\allmail', '\\All'],
  ['\\spam', '\\Junk'],
  ['\\starred', '\\Flagged'],
]);

/** Parts of a path that only hold the special mailboxes together. */
const CONTAINERS: ReadonlySet<string> = new Set(['inbox', '[gmail]', '[google mail]', '[imap]', 'mail']);

const RANKS: ReadonlyMap<string, { readonly use: NamedUse; readonly rank: number }> = new Map(
  Object.entries(FOLDER_NAMES).flatMap(([use, names]) =>
    names.map((name, rank) => [folded(name), { use: use as NamedUse, rank }] as const),
  ),
);

/**
 * The mailboxes for special uses: by what the server says, else by the older XLIST, else by their names in many
 * languages. A name counts only at the top, or within INBOX and the like, and not for a mailbox that the server gives
 * another use; of several the more telling name wins.
 */
export function specialFolders(mailboxes: readonly ListedMailbox[]): ReadonlyMap<SpecialUse, SpecialFolder> {
  const found = new Map<SpecialUse, SpecialFolder>();
  const add = (use: SpecialUse, mailbox: ListedMailbox, source: SpecialFolder['source']): void => {
    if (!found.has(use)) found.set(use, { mailbox, source });
  };
  for (const mailbox of mailboxes) for (const use of mailbox.specialUse) add(use, mailbox, 'server');
  for (const mailbox of mailboxes) {
    for (const attribute of mailbox.attributes) {
      const use = XLIST.get(attribute.toLowerCase());
      if (use !== undefined) add(use, mailbox, 'xlist');
    }
  }
  const taken = new Set(Array.from(found.values(), ({ mailbox }) => mailbox));
  const named = mailboxes
    .filter((mailbox) => mailbox.isSelectable && mailbox.specialUse.length === 0 && !taken.has(mailbox))
    .flatMap((mailbox) => {
      const match = matchOf(mailbox);
      return match === undefined ? [] : [{ mailbox, ...match }];
    })
    .sort((left, right) => left.depth - right.depth || left.rank - right.rank);
  for (const { use, mailbox } of named) add(use, mailbox, 'name');
  return found;
}

function matchOf({ path }: ListedMailbox) {
  const parts = path.map(folded);
  const name = parts.at(-1);
  if (name === undefined || parts.slice(0, -1).some((part) => !CONTAINERS.has(part))) return undefined;
  const match = RANKS.get(name);
  return match && { ...match, depth: parts.length };
}

/** A name as it is compared: without regard to case, to how characters are composed, and to what parts words. */
function folded(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_\u200c]+/g, ' ')
    .trim();
}
