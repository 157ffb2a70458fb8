import type { Flag, FlagOperation } from '@posthorn/core';

/** A message of the test: its name, by which it is known wherever it lies, and its octets, which follow from the name. */
export interface SharedMessage {
  readonly token: string;
  readonly octets: Uint8Array;
}

/** One message of a mailbox as a party sees it. */
export interface SeenMessage {
  readonly uid: number;
  readonly token: string;
  /** In lower case, sorted. */
  readonly flags: readonly string[];
}

/** Everything a party sees in a mailbox. */
export interface SeenMailbox {
  readonly uidValidity: number;
  readonly messages: readonly (SeenMessage & { readonly octets: string })[];
}

/** A program that works on a Maildir which others work on at the same time. Names of mailboxes have `/` between parts. */
export interface Party {
  readonly name: string;
  /** Names of mailboxes that hold messages, sorted. */
  mailboxes(): Promise<readonly string[]>;
  /** The messages of a mailbox, without their octets; undefined when there is no such mailbox. */
  look(mailbox: string): Promise<readonly SeenMessage[] | undefined>;
  /** As {@link look}, with octets. */
  lookClosely(mailbox: string): Promise<SeenMailbox | undefined>;
  deliver(mailbox: string, message: SharedMessage, flags: readonly Flag[]): Promise<void>;
  store(mailbox: string, uids: readonly number[], operation: FlagOperation, flags: readonly Flag[]): Promise<void>;
  expunge(mailbox: string, uids: readonly number[]): Promise<void>;
  transfer(from: string, uids: readonly number[], to: string, mode: 'copy' | 'move'): Promise<void>;
  create(mailbox: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  delete(mailbox: string): Promise<void>;
  close(): Promise<void>;
}

/** The message of a name: several lines of text, more for some names than for others. */
export function sharedMessage(token: string): SharedMessage {
  const lines = Array.from({ length: (token.length * 7) % 40 }, (_, index) => `line ${index} of ${token}`);
  const text = `From: a@example.org\r\nSubject: ${token}\r\n\r\n${lines.join('\r\n')}\r\nend\r\n`;
  return { token, octets: new TextEncoder().encode(text) };
}

export function comparableFlags(flags: readonly Flag[]): readonly string[] {
  return flags
    .map((flag) => flag.toLowerCase())
    .filter((flag) => flag !== '\\recent')
    .sort();
}
