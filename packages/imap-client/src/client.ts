import { InvalidStateError } from '@posthorn/core';
import { isEmpty, sequenceSetOf } from '@posthorn/message-set';
import type { Timers } from '@posthorn/transport/client';
import type {
  CapabilitySet,
  Command,
  QuickResync,
  ResponseEvent,
  StatusItem,
  StatusItems,
  StatusResponse,
} from '@posthorn/wire';
import type { ExtensionData, MailboxFilter } from '@posthorn/wire/extensions';
import { extensionCommand } from '@posthorn/wire/extensions';
import type { Auth } from './connection/authenticate.ts';
import type { UntaggedEvent } from './connection/client-events.ts';
import type { Connection } from './connection/connection.ts';
import { enableExtensions, logInAgain, type SessionSettings } from './connection/prepare-session.ts';
import { argument } from './connection/raw-tokens.ts';
import type { Referral } from './connection/referral.ts';
import { onlyAnswer, runExtension } from './connection/run-extension.ts';
import { typedAnswer } from './connection/typed-answer.ts';
import { ImapError } from './errors.ts';
import { AccessControl } from './extensions/access-control.ts';
import { type Comparator, levelOf, runComparator } from './extensions/comparator.ts';
import { type AvailableConversion, listConversions } from './extensions/convert.ts';
import { runLanguage } from './extensions/language.ts';
import { Metadata } from './extensions/metadata.ts';
import { Quota } from './extensions/quota.ts';
import { UrlAuth } from './extensions/url-auth.ts';
import { type Appended, appendMessages, type OutgoingMessage } from './mailbox/append-message.ts';
import { MailboxView } from './mailbox/mailbox-view.ts';
import { Resync, type ResyncPoint } from './mailbox/resync.ts';
import { SelectedMailbox } from './mailbox/selected-mailbox.ts';
import { type CommandOptions, requireExtension } from './mailbox/selection.ts';
import { type ListOptions, listMailboxes } from './mailboxes/list-mailboxes.ts';
import { type ListedMailbox, type MailboxReference, nameOf } from './mailboxes/mailbox-reference.ts';
import { type Namespaces, readNamespaces, type ServerId, sendId } from './mailboxes/namespaces.ts';
import { readStatus } from './mailboxes/read-status.ts';
import { type AccountChange, type WatchAccountOptions, watchAccount } from './mailboxes/watch-account.ts';
import type { SearchQuestion } from './search/search-answer.ts';
import { type MessageQuery, toSearchKey } from './search/search-key.ts';
import { type MailboxSearchResult, searchMailboxes } from './search/search-mailboxes.ts';

export interface SelectOptions {
  /** Opens without any way to change it, and without taking `\Recent` away from others. @defaultValue false */
  readonly readOnly?: boolean;
  /**
   * Has the server tell what has changed since the mailbox was last selected: see {@link SelectedMailbox.resync}. Needs
   * QRESYNC to be switched on, by {@link ConnectOptions.enable} or {@link ImapClient.enable}.
   */
  readonly resync?: ResyncPoint | undefined;
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
  /** Answers of extensions that are known here are typed; others are of type `unknown`. */
  readonly untagged: readonly (ResponseEvent | ExtensionData)[];
}

/** What a client is made of. */
export interface ClientParts {
  readonly connection: Connection;
  readonly timers: Timers;
  readonly closeMs: number;
  readonly greeting: StatusResponse;
  /** Hears what no command asked for. */
  readonly tell: (event: UntaggedEvent) => void;
  readonly settings: SessionSettings;
  readonly referrals: readonly Referral[];
}

/** Untagged answers kept for one raw command. */
const MOST_UNTAGGED = 10_000;

/** A logged-in IMAP connection. Commands may be given at any time and in any number; they overlap where that is safe. */
export class ImapClient {
  /** Settles when the connection has ended, for whatever reason; never rejects. */
  readonly closed: Promise<void>;
  /** How the server greeted. */
  readonly greeting: StatusResponse;
  /** Where else the account's mailboxes are, as the server said when it let us in. @see RFC 2221 section 4.2 */
  readonly referrals: readonly Referral[];
  /** Who may do what with mailboxes. Needs ACL. */
  readonly acl: AccessControl;
  /** What an account may hold. Needs QUOTA. */
  readonly quota: Quota;
  /** Notes about mailboxes and the server. Needs METADATA, or ANNOTATEMORE. */
  readonly metadata: Metadata;
  /** URLs that let others read a message. Needs URLAUTH. */
  readonly urlAuth: UrlAuth;
  readonly #connection: Connection;
  readonly #timers: Timers;
  readonly #closeMs: number;
  #view: MailboxView | undefined;
  readonly #listeners = new Set<(event: UntaggedEvent) => void>();
  readonly #settings: SessionSettings;
  /** Counts selections, so that a mailbox knows whether it is still the selected one. */
  #epoch = 0;

  /** @internal Use `connect`. */
  constructor({ connection, timers, closeMs, greeting, tell, settings, referrals }: ClientParts) {
    this.#settings = settings;
    this.referrals = referrals;
    this.#connection = connection;
    this.#timers = timers;
    this.#closeMs = closeMs;
    this.closed = connection.closed;
    this.greeting = greeting;
    this.acl = new AccessControl(connection);
    this.quota = new Quota(connection);
    this.metadata = new Metadata(connection);
    this.urlAuth = new UrlAuth(connection);
    connection.onUntagged = (event) => {
      this.#view?.apply(event);
      for (const listener of this.#listeners) listener(event);
      tell(event);
    };
  }

  /** What the server offers now. */
  get capabilities(): CapabilitySet {
    const { capabilities } = this.#connection.protocol;
    if (capabilities === undefined) throw new InvalidStateError('the capabilities are not known');
    return capabilities;
  }

  /** Most octets of a message that the server takes; undefined when it does not tell. @see RFC 7889 */
  get appendLimit(): number | undefined {
    const [limit] = this.capabilities.valuesOf('APPENDLIMIT');
    return limit !== undefined && /^\d{1,15}$/.test(limit) ? Number(limit) : undefined;
  }

  /** What the server said when it ended the session, such as after {@link close}. */
  get goodbye(): string | undefined {
    return this.#connection.goodbye;
  }

  /**
   * The last exchanges with the server as `C:` and `S:` lines, for a report of what went wrong. Secrets and what messages
   * say are left out.
   */
  get transcript(): string {
    return this.#connection.transcript;
  }

  get isClosed(): boolean {
    return this.#connection.isClosed;
  }

  /** Why the connection ended; undefined while it is open and after {@link close}. */
  get closeReason(): unknown {
    return this.#connection.closeReason;
  }

  /** Whether the connection is compressed. */
  get isCompressed(): boolean {
    return this.#connection.isCompressed;
  }

  /** Octets read and written so far, before compression and encryption. */
  get traffic(): { readonly bytesRead: number; readonly bytesWritten: number } {
    return this.#connection.traffic;
  }

  /** Whether the connection is encrypted. */
  get security(): 'none' | 'tls' {
    return this.#connection.security;
  }

  /** Lists mailboxes, in as few round trips as the server allows. */
  list(options: ListOptions = {}): Promise<readonly ListedMailbox[]> {
    return listMailboxes(this.#connection, options);
  }

  /**
   * Figures of a mailbox, without selecting it. What the server does not know (SIZE without STATUS=SIZE, MAILBOXID
   * without OBJECTID and so on) is not asked for, and is absent.
   */
  async status(
    mailbox: MailboxReference,
    items: readonly StatusItem[],
    { signal }: CommandOptions = {},
  ): Promise<StatusItems> {
    return readStatus(this.#connection, this.#nameOf(mailbox), items, signal);
  }

  /**
   * Opens a mailbox. The one that was open before is not selected any more, also when this fails.
   * @throws ImapError `IMAP_NO_UIDVALIDITY` when the server gives no lasting UIDs, `IMAP_PROTOCOL` when it does not tell
   *   how many messages there are
   */
  async select(
    mailbox: MailboxReference,
    { readOnly = false, resync: point, signal }: SelectOptions = {},
  ): Promise<SelectedMailbox> {
    if (point !== undefined && !this.isEnabled('QRESYNC'))
      throw new ImapError('IMAP_UNSUPPORTED', 'QRESYNC is not switched on: connect with enable, or call it');
    const name = this.#nameOf(mailbox);
    const resync = point === undefined ? undefined : new Resync();
    const view = new MailboxView(resync);
    view.isUidOnly = this.isEnabled('UIDONLY');
    const epoch = ++this.#epoch;
    const isCurrent = (): boolean => epoch === this.#epoch;
    const command: Command = {
      name: readOnly ? 'EXAMINE' : 'SELECT',
      mailbox: name,
      ...(point && { qresync: quickResync(point) }),
    };
    const response = await this.#connection.run(command, {
      signal,
      accept: (event) => {
        if (event.type === 'status' || isCurrent()) return view.select(event);
        return false;
      },
    });
    // Without EXISTS a mailbox would look empty, and that like a reason to delete.
    if (!view.hasExists) {
      const message = `the server does not tell how many messages "${name.text}" has (EXISTS)`;
      throw Object.assign(new ImapError('IMAP_PROTOCOL', message), { transcript: this.transcript });
    }
    view.isReadOnly = readOnly || (response.code?.type === 'atom' && response.code.name === 'READ-ONLY');
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
      resync: resync?.result,
      isCurrent,
      listen: (listener) => this.#listen(listener),
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
    return (await appendMessages(this.#connection, this.#nameOf(mailbox), [message], signal))[0];
  }

  /**
   * Adds messages: all of them or none where the server offers MULTIAPPEND, else one by one.
   * @returns where each is, when the server tells (UIDPLUS)
   * @see RFC 3502
   */
  async appendAll(
    mailbox: MailboxReference,
    messages: readonly OutgoingMessage[],
    { signal }: CommandOptions = {},
  ): Promise<readonly (Appended | undefined)[]> {
    return appendMessages(this.#connection, this.#nameOf(mailbox), messages, signal);
  }

  async create(mailbox: MailboxReference, { specialUse, signal }: CreateOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'CREATE', mailbox: this.#nameOf(mailbox), specialUse }, { signal });
  }

  /** Deletes a mailbox and its messages. */
  async delete(mailbox: MailboxReference, { signal }: CommandOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'DELETE', mailbox: this.#nameOf(mailbox) }, { signal });
  }

  async rename(from: MailboxReference, to: MailboxReference, { signal }: CommandOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'RENAME', from: this.#nameOf(from), to: this.#nameOf(to) }, { signal });
  }

  async subscribe(mailbox: MailboxReference, { signal }: CommandOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'SUBSCRIBE', mailbox: this.#nameOf(mailbox) }, { signal });
  }

  async unsubscribe(mailbox: MailboxReference, { signal }: CommandOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'UNSUBSCRIBE', mailbox: this.#nameOf(mailbox) }, { signal });
  }

  /** Asks for news, and whether the server still lives. */
  async noop({ signal }: CommandOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'NOOP' }, { signal });
  }

  /** Switches extensions on. @returns those that the server switched on @see RFC 5161 */
  async enable(capabilities: readonly string[], { signal }: CommandOptions = {}): Promise<readonly string[]> {
    return enableExtensions(this.#connection, capabilities, signal);
  }

  /** Whether an extension was switched on, by {@link enable} or while connecting. */
  isEnabled(capability: string): boolean {
    return this.#connection.protocol.isEnabled(capability);
  }

  /** Asks again what the server offers. */
  async refreshCapabilities({ signal }: CommandOptions = {}): Promise<CapabilitySet> {
    await this.#connection.run({ name: 'CAPABILITY' }, { signal, accept: ({ type }) => type === 'capability' });
    return this.capabilities;
  }

  /** Where one's own, other people's and shared mailboxes are. Needs NAMESPACE. @see RFC 2342 */
  async namespaces({ signal }: CommandOptions = {}): Promise<Namespaces> {
    requireExtension({ connection: this.#connection }, 'NAMESPACE', 'tell its namespaces');
    return readNamespaces(this.#connection, signal);
  }

  /** Tells the server who we are, and hears who it is. Needs ID. @see RFC 2971 */
  async id(
    parameters: Readonly<Record<string, string | null>> | null,
    { signal }: CommandOptions = {},
  ): Promise<ServerId> {
    requireExtension({ connection: this.#connection }, 'ID', 'tell what it is');
    return sendId(this.#connection, parameters, signal);
  }

  /**
   * What happens to mailboxes that are not selected, as the server tells it unasked. One such watch at a time: it takes
   * the place of the one before. Needs NOTIFY; {@link SelectedMailbox.watch} does without.
   * @see RFC 5465
   */
  watch(options: WatchAccountOptions = {}): AsyncIterable<AccountChange> {
    requireExtension({ connection: this.#connection }, 'NOTIFY', 'tell what happens');
    const listen = this.#listen.bind(this);
    return watchAccount({ ...options, connection: this.#connection, timers: this.#timers, listen });
  }

  /**
   * Searches several mailboxes at once. Those in which nothing was found do not come. Needs MULTISEARCH.
   * @param mailboxes - Such as `[{ type: 'personal' }]`.
   * @see RFC 7377
   */
  async search<const Question extends SearchQuestion>(
    mailboxes: readonly MailboxFilter[],
    criteria: MessageQuery | readonly MessageQuery[],
    question: Question,
    { signal }: CommandOptions = {},
  ): Promise<readonly MailboxSearchResult<Question>[]> {
    requireExtension({ connection: this.#connection }, 'MULTISEARCH', 'search several mailboxes');
    const key = toSearchKey('type' in criteria ? criteria : { type: 'and', queries: criteria });
    return searchMailboxes(this.#connection, { key, sources: mailboxes }, question, signal);
  }

  /**
   * What the server can convert, for `convert` of a mailbox. Needs CONVERT.
   * @param from - A media type, `image/*` or `*`; so is `to`.
   * @see RFC 5259 section 5
   */
  async conversions(
    from: string,
    to: string,
    { signal }: CommandOptions = {},
  ): Promise<readonly AvailableConversion[]> {
    return listConversions(this.#connection, from, to, signal);
  }

  /** The languages that the server's texts may have. Needs LANGUAGE. @see RFC 5255 section 3.2 */
  async languages({ signal }: CommandOptions = {}): Promise<readonly string[]> {
    requireExtension({ connection: this.#connection }, 'LANGUAGE', 'speak other languages');
    return runLanguage(this.#connection, [], signal);
  }

  /**
   * Asks for texts in the first of some languages that the server knows.
   * @param tags - Such as `['de', 'en']`, or `['default']`.
   * @returns the one that it uses from now on; it refuses when it knows none
   */
  async setLanguage(
    tags: readonly [string, ...string[]],
    { signal }: CommandOptions = {},
  ): Promise<string | undefined> {
    requireExtension({ connection: this.#connection }, 'LANGUAGE', 'speak other languages');
    return (await runLanguage(this.#connection, tags, signal))[0];
  }

  /**
   * How well the server compares strings of other alphabets: 0 when it does not say, 1 in one way, 2 in the way it is
   * told. @see RFC 5255 section 4
   */
  get internationalization(): number {
    return levelOf(this.#connection);
  }

  /** How strings are compared in searches, sorts and threads. Needs I18NLEVEL=2. @see RFC 5255 section 4.7 */
  async comparator({ signal }: CommandOptions = {}): Promise<Comparator> {
    return runComparator(this.#connection, [], signal);
  }

  /**
   * Has strings compared by the first of some comparators that the server knows; it refuses when it knows none.
   * @param comparators - Such as `['i;unicode-casemap']`; they may hold `*`.
   */
  async setComparator(
    comparators: readonly [string, ...string[]],
    { signal }: CommandOptions = {},
  ): Promise<Comparator> {
    return runComparator(this.#connection, comparators, signal);
  }

  /** The session object of the same mail over JMAP. Needs JMAPACCESS. @see RFC 9698 */
  async jmapAccess({ signal }: CommandOptions = {}): Promise<string> {
    requireExtension({ connection: this.#connection }, 'JMAPACCESS', 'tell where JMAP is');
    const answers = await runExtension(this.#connection, { name: 'GETJMAPACCESS' }, ['jmapAccess'], signal);
    return onlyAnswer(answers, 'GETJMAPACCESS').url;
  }

  /**
   * Logs out and in again as somebody else, on the same connection. What was selected is not any more. When the login
   * fails the connection is closed. Needs UNAUTHENTICATE.
   * @throws as `connect`
   * @see RFC 8437
   */
  async reauthenticate(auth: Auth, { signal }: CommandOptions = {}): Promise<void> {
    const connection = this.#connection;
    requireExtension({ connection }, 'UNAUTHENTICATE', 'log somebody else in');
    const { isCompressed } = connection;
    if (isCompressed && !connection.canStopCompression)
      throw new ImapError('IMAP_UNSUPPORTED', 'compression cannot end on this transport: connect with compress: false');
    this.#epoch++;
    this.#view = undefined;
    await connection.run(extensionCommand({ name: 'UNAUTHENTICATE' }), { signal });
    try {
      await logInAgain(connection, auth, { ...this.#settings, compress: isCompressed, signal });
    } catch (error) {
      connection.fail(error);
      throw error;
    }
  }

  /** Takes another user's place, as an administrator may on servers that offer PROXYAUTH or just know it. */
  async proxyAuth(user: string, { signal }: CommandOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'X', command: 'PROXYAUTH', raw: argument(user) }, { signal });
    // Whatever was selected belongs to somebody else.
    this.#epoch++;
    this.#view = undefined;
  }

  /**
   * Sends any command and gathers its answers, for extensions that have no method yet. News reaches the
   * {@link SelectedMailbox}, and who follows or watches, all the same. Commands that change what is selected are not for here, nor are bodies above
   * 64 KiB, which are not kept.
   */
  async command(command: Command, { signal }: CommandOptions = {}): Promise<CommandResult> {
    if (REFUSED.has(command.name === 'X' ? command.command : command.name))
      throw new TypeError(`${command.name} has a method of its own`);
    const untagged: (ResponseEvent | ExtensionData)[] = [];
    const response = await this.#connection.run(command, {
      signal,
      accept: (event) => {
        if (untagged.length < MOST_UNTAGGED) untagged.push(typedAnswer(event));
        this.#view?.apply(event);
        for (const listener of this.#listeners) listener(event);
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

  #listen(listener: (event: UntaggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #nameOf(mailbox: MailboxReference): SelectedMailbox['name'] {
    return nameOf(mailbox, this.#connection.protocol.isUtf8);
  }

  /** QUIRK: old servers leave UIDVALIDITY or UIDNEXT out of SELECT (RFC 3501 made them OPTIONAL there); STATUS knows. */
  async #askForIds(name: SelectedMailbox['name'], view: MailboxView, signal: AbortSignal | undefined): Promise<void> {
    const { uidValidity, uidNext } = await readStatus(this.#connection, name, ['UIDVALIDITY', 'UIDNEXT'], signal);
    view.uidValidity ??= uidValidity;
    view.uidNext ??= uidNext;
  }
}

function quickResync({ knownUids, ...point }: ResyncPoint): QuickResync {
  const known = knownUids !== undefined && !isEmpty(knownUids) ? { knownUids: sequenceSetOf(knownUids) } : {};
  return { ...point, ...known };
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
  'COMPRESS',
  'UNAUTHENTICATE',
  'PROXYAUTH',
]);
