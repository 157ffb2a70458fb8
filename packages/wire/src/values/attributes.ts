const KNOWN: ReadonlyMap<string, string> = new Map(
  [
    '\\Noinferiors',
    '\\Noselect',
    '\\NonExistent',
    '\\HasChildren',
    '\\HasNoChildren',
    '\\Marked',
    '\\Unmarked',
    '\\Subscribed',
    '\\Remote',
    '\\All',
    '\\Archive',
    '\\Drafts',
    '\\Flagged',
    '\\Important',
    '\\Junk',
    '\\Sent',
    '\\Trash',
    '\\Inbox',
    '\\Memos',
    '\\Scheduled',
    '\\Snoozed',
  ].map((name) => [name.toLowerCase(), name]),
);

/** The spelling RFC 9051 and RFC 6154 give a mailbox attribute; unknown ones stay as they are. */
export function canonicalAttribute(attribute: string): string {
  return KNOWN.get(attribute) ?? KNOWN.get(attribute.toLowerCase()) ?? attribute;
}
