import {
  type Account,
  type Flag,
  type InternalDate,
  type MailboxPath,
  type NewMessage,
  type SpecialUse,
  utf8Bytes,
} from '@posthorn/core';
import { internalDateOf } from '@posthorn/date';
import { composeMessage, type MessageDraft } from './compose-message.ts';

/** A message with what the server knows about it. */
export interface StoredMessage {
  /** The message as it lies on the server: its octets, or text whose bare line feeds become CRLF. */
  readonly raw?: string | Uint8Array | undefined;
  readonly flags?: readonly Flag[] | undefined;
  /** @defaultValue the time of the server */
  readonly internalDate?: Date | InternalDate | undefined;
}

/**
 * A message of a test: its text, whose bare line feeds become CRLF; its octets, which stay as they are; or a draft
 * to be written out.
 */
export type MessageFixture = string | Uint8Array | (StoredMessage & MessageDraft);

/** A mailbox of a test: its messages, or these with more. */
export type MailboxFixture =
  | readonly MessageFixture[]
  | {
      readonly messages?: readonly MessageFixture[] | undefined;
      readonly specialUse?: readonly SpecialUse[] | undefined;
      readonly subscribed?: boolean | undefined;
    };

/** Mailboxes by name, with `/` between the parts. INBOX is always there. */
export type MailboxFixtures = Readonly<Record<string, MailboxFixture>>;

/** Turns fixtures into messages. */
export class MessageMaker {
  readonly #now: () => number;
  #serial = 0;

  /** @param now - Milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  make(fixture: MessageFixture): NewMessage {
    const now = new Date(this.#now());
    const serial = ++this.#serial;
    if (typeof fixture === 'string' || fixture instanceof Uint8Array)
      return { body: [octetsOf(fixture)], internalDate: internalDateOf(now) };
    const { raw, flags = [], internalDate = now } = fixture;
    const body = raw === undefined ? composeMessage(fixture, serial, now) : octetsOf(raw);
    return {
      body: [body],
      flags,
      internalDate: internalDate instanceof Date ? internalDateOf(internalDate) : internalDate,
    };
  }
}

function octetsOf(raw: string | Uint8Array): Uint8Array {
  return typeof raw === 'string' ? utf8Bytes(raw.replace(/\r?\n/g, '\r\n')) : raw;
}

/** The parts of a name such as `Archive/2026`. */
export function pathOf(name: string): MailboxPath {
  const [first = '', ...rest] = name.split('/');
  return [first, ...rest];
}

/** Makes the mailboxes of an account. */
export async function fill(account: Account, mailboxes: MailboxFixtures, maker: MessageMaker): Promise<void> {
  for (const [name, fixture] of Object.entries(mailboxes)) {
    const path = pathOf(name);
    const { messages = [], specialUse, subscribed = false } = isMessages(fixture) ? { messages: fixture } : fixture;
    if (name.toUpperCase() !== 'INBOX' && !(await isThere(account, name)))
      await account.create(path, specialUse === undefined ? {} : { specialUse });
    if (subscribed) await account.subscribe(path, true);
    if (messages.length === 0) continue;
    const mailbox = await account.mailbox(path);
    await mailbox.append(messages.map((message) => maker.make(message)));
  }
}

function isMessages(fixture: MailboxFixture): fixture is readonly MessageFixture[] {
  return Array.isArray(fixture);
}

async function isThere(account: Account, name: string): Promise<boolean> {
  return (await account.list()).some(({ path, isSelectable }) => isSelectable && path.join('/') === name);
}
