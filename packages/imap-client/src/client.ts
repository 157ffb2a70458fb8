import { InvalidStateError, type Logger } from '@posthorn/core';
import type { CapabilitySet, Command, ResponseEvent, StatusItem, StatusItems, StatusResponse } from '@posthorn/wire';
import { type Appended, appendMessage, type OutgoingMessage } from './append-message.ts';
import type { Connection } from './connection.ts';
import { ImapError } from './errors.ts';
import { type ListOptions, listMailboxes } from './list-mailboxes.ts';
import { type ListedMailbox, type MailboxReference, nameOf } from './mailbox-reference.ts';
import { MailboxView } from './mailbox-view.ts';
import { printable } from './printable.ts';
import { readStatus } from './read-status.ts';
import { type CommandOptions, SelectedMailbox } from './selected-mailbox.ts';
import type { Timers } from './timers.ts';

export interface SelectOptions {
  /** Opens without any way to change it, and without taking `\Recent` away from others. @defaultValue false */
  readonly readOnly?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface CreateOptions {
  /** What the mailbox is for. Needs CREATE-SPECIAL-USE. */
  readonly specialUse?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Answer to a raw command: the end, and what came before it. */
export interface CommandResult {
  readonly response: StatusResponse;
  readonly untagged: readonly ResponseEvent[];
}

/** What a client is made of. */
export interface ClientParts {
  readonly connection: Connection;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly closeMs: number;
}

/** Untagged answers kept for one raw command. */
const MOST_UNTAGGED = 10_000;

/** A logged-in IMAP connection. Commands may be given at any time and in any number; they overlap where that is safe. */
export class ImapClient {
  /** Settles when the connection has ended, for whatever reason; never rejects. */
  readonly closed: Promise<void>;
  readonly #connection: Connection;
  readonly #timers: Timers;
  readonly #closeMs: number;
  #view: MailboxView | undefined;
  /** Counts selections, so that a mailbox knows whether it is still the selected one. */
  #epoch = 0;

  /** @internal Use `connect`. */
  constructor({ connection, timers, logger, closeMs }: ClientParts) {
    this.#connection = connection;
    this.#timers = timers;
    this.#closeMs = closeMs;
    this.closed = connection.closed;
    connection.onUntagged = (event) => {
      this.#view?.apply(event);
      if (event.type === 'status' && event.code?.type === 'atom' && event.code.name === 'ALERT') {
        logger.warn('alert from the server', { text: printable(event.text, 500) });
      }
    };
  }

  /** What the server offers now. */
  get capabilities(): CapabilitySet {
    const { capabilities } = this.#connection.protocol;
    if (capabilities === undefined) throw new InvalidStateError('the capabilities are not known');
    return capabilities;
  }

  get isClosed(): boolean {
    return this.#connection.isClosed;
  }

  /** Why the connection ended; undefined while it is open and after {@link close}. */
  get closeReason(): unknown {
    return this.#connection.closeReason;
  }

  /** Whether the connection is encrypted. */
  get security(): 'none' | 'tls' {
    return this.#connection.security;
  }

  /** Lists mailboxes, in as few round trips as the server allows. */
  list(options: ListOptions = {}): Promise<readonly ListedMailbox[]> {
    return listMailboxes(this.#connection, options);
  }

  /** Figures of a mailbox, without selecting it. */
  async status(
    mailbox: MailboxReference,
    items: readonly StatusItem[],
    { signal }: CommandOptions = {},
  ): Promise<StatusItems> {
    return readStatus(this.#connection, nameOf(mailbox), items, signal);
  }

  /**
   * Opens a mailbox. The one that was open before is not selected any more, also when this fails.
   * @throws ImapError `IMAP_NO_UIDVALIDITY` when the server gives no lasting UIDs
   */
  async select(mailbox: MailboxReference, { readOnly = false, signal }: SelectOptions = {}): Promise<SelectedMailbox> {
    const name = nameOf(mailbox);
    const view = new MailboxView();
    const epoch = ++this.#epoch;
    const isCurrent = (): boolean => epoch === this.#epoch;
    const command: Command = { name: readOnly ? 'EXAMINE' : 'SELECT', mailbox: name };
    const response = await this.#connection.run(command, {
      signal,
      accept: (event) => {
        if (event.type === 'status' || isCurrent()) return view.select(event);
        return false;
      },
    });
    view.settle();
    if (isCurrent()) this.#view = view;
    if (view.uidValidity === undefined || view.uidNext === undefined) await this.#askForIds(name, view, signal);
    if (view.uidValidity === undefined)
      throw new ImapError('IMAP_NO_UIDVALIDITY', `the mailbox "${name.text}" has no lasting UIDs`);
    return new SelectedMailbox({
      connection: this.#connection,
      view,
      timers: this.#timers,
      name,
      uidValidity: view.uidValidity,
      isReadOnly: readOnly || (response.code?.type === 'atom' && response.code.name === 'READ-ONLY'),
      isCurrent,
      leave: () => {
        this.#epoch++;
        this.#view = undefined;
      },
    });
  }

  /** Adds a message. @returns where it is, when the server tells (UIDPLUS) */
  async append(
    mailbox: MailboxReference,
    message: OutgoingMessage,
    { signal }: CommandOptions = {},
  ): Promise<Appended | undefined> {
    return appendMessage(this.#connection, nameOf(mailbox), message, signal);
  }

  async create(mailbox: MailboxReference, { specialUse, signal }: CreateOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'CREATE', mailbox: nameOf(mailbox), specialUse }, { signal });
  }

  /** Deletes a mailbox and its messages. */
  async delete(mailbox: MailboxReference, { signal }: CommandOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'DELETE', mailbox: nameOf(mailbox) }, { signal });
  }

  async rename(from: MailboxReference, to: MailboxReference, { signal }: CommandOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'RENAME', from: nameOf(from), to: nameOf(to) }, { signal });
  }

  async subscribe(mailbox: MailboxReference, { signal }: CommandOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'SUBSCRIBE', mailbox: nameOf(mailbox) }, { signal });
  }

  async unsubscribe(mailbox: MailboxReference, { signal }: CommandOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'UNSUBSCRIBE', mailbox: nameOf(mailbox) }, { signal });
  }

  /** Asks for news, and whether the server still lives. */
  async noop({ signal }: CommandOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'NOOP' }, { signal });
  }

  /** Switches extensions on. @returns those that the server switched on @see RFC 5161 */
  async enable(capabilities: readonly string[], { signal }: CommandOptions = {}): Promise<readonly string[]> {
    const enabled: string[] = [];
    await this.#connection.run(
      { name: 'ENABLE', capabilities },
      {
        signal,
        accept: (event) => {
          if (event.type !== 'enabled') return false;
          for (const capability of event.capabilities) enabled.push(capability);
          return true;
        },
      },
    );
    return enabled;
  }

  /**
   * Sends any command and gathers its answers, for extensions that have no method yet. News about the mailbox reaches
   * {@link SelectedMailbox} all the same. Commands that change what is selected are not for here, nor are bodies above
   * 64 KiB, which are not kept.
   */
  async command(command: Command, { signal }: CommandOptions = {}): Promise<CommandResult> {
    if (REFUSED.has(command.name)) throw new TypeError(`${command.name} has a method of its own`);
    const untagged: ResponseEvent[] = [];
    const response = await this.#connection.run(command, {
      signal,
      accept: (event) => {
        if (untagged.length < MOST_UNTAGGED) untagged.push(event);
        this.#view?.apply(event);
        return true;
      },
    });
    return { response, untagged };
  }

  /** Says good-bye, waits for the commands in progress, and closes. Idempotent; never rejects. */
  async close(): Promise<void> {
    this.#epoch++;
    await this.#connection.close(this.#closeMs);
  }

  /** Drops the connection at once. Commands in progress reject with the reason. Idempotent. */
  destroy(reason?: unknown): void {
    this.#connection.fail(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** QUIRK: old servers leave UIDVALIDITY or UIDNEXT out of SELECT (RFC 3501 made them OPTIONAL there); STATUS knows. */
  async #askForIds(name: SelectedMailbox['name'], view: MailboxView, signal: AbortSignal | undefined): Promise<void> {
    const { uidValidity, uidNext } = await readStatus(this.#connection, name, ['UIDVALIDITY', 'UIDNEXT'], signal);
    view.uidValidity ??= uidValidity;
    view.uidNext ??= uidNext;
  }
}

const REFUSED: ReadonlySet<string> = new Set([
  'STARTTLS',
  'LOGIN',
  'AUTHENTICATE',
  'LOGOUT',
  'IDLE',
  'APPEND',
  'SELECT',
  'EXAMINE',
  'CLOSE',
  'UNSELECT',
]);
