/**
 * One address of an envelope, as IMAP sends it. Strings are as in the message: encoded words stay encoded.
 *
 * A group is a run: a start marker with `host: null` and the group's name in `mailbox`, the members,
 * and an end marker with both `null`. {@link groupAddresses} turns runs into groups.
 * @see RFC 9051 section 7.5.2
 */
export interface Address {
  /** Display name, or null. */
  readonly name: string | null;
  /** Source route (obsolete), or null. */
  readonly route: string | null;
  /** Local part, a group's name in a group's start marker, or null in its end marker. */
  readonly mailbox: string | null;
  /** Domain, or null in a group marker. */
  readonly host: string | null;
}

/** A named group and its members. */
export interface AddressGroup {
  readonly group: string;
  readonly members: readonly Address[];
}

/** Turns the group markers of an address list into groups. A group left open ends with the list. */
export function groupAddresses(addresses: readonly Address[]): readonly (Address | AddressGroup)[] {
  const result: (Address | AddressGroup)[] = [];
  let members: Address[] | undefined;
  for (const address of addresses) {
    if (address.host !== null) (members ?? result).push(address);
    else if (address.mailbox === null) members = undefined;
    else {
      members = [];
      result.push({ group: address.mailbox, members });
    }
  }
  return result;
}

/** `local@domain`, or undefined for a group marker. */
export function addressSpec({ mailbox, host }: Address): string | undefined {
  return mailbox === null || host === null ? undefined : `${mailbox}@${host}`;
}
