import { type Logger, type SpecialUse, silentLogger, type Transport } from '@posthorn/core';
import { systemTimers, type Timers } from '@posthorn/transport/client';
import type { StatusItem, StatusItems } from '@posthorn/wire';
import type { ImapClient } from '../client.ts';
import type { Auth } from '../connection/authenticate.ts';
import { type ConnectOptions, connect } from '../connection/connect.ts';
import type { Appended, OutgoingMessage } from '../mailbox/append-message.ts';
import type { ListOptions } from '../mailboxes/list-mailboxes.ts';
import type { ListedMailbox, MailboxReference } from '../mailboxes/mailbox-reference.ts';
import { findProvider } from '../providers/find-provider.ts';
import { defaultEnable } from '../providers/session-defaults.ts';
import { type SpecialFolder, specialFolders } from '../providers/special-folders.ts';
import { AccountMailbox } from './account-mailbox.ts';
import { BackOff, type BackOffOptions } from './back-off.ts';
import { type AuthProvider, authOf } from './credentials.ts';
import { Pool } from './pool.ts';
import type { Need } from './waiters.ts';
import { type AccountParts, repeatedly, type WorkOptions, withClient } from './work.ts';

export interface AccountOptions extends Omit<ConnectOptions, 'auth' | 'transport' | 'signal'> {
  /** Who logs in, or a function that tells it, asked anew for each attempt: OAuth tokens expire. */
  readonly auth?: Auth | AuthProvider | undefined;
  /** Makes a connection that stands, for each attempt, instead of host and port; `spawnTransport` for example. */
  readonly transport?: ((signal: AbortSignal) => Promise<Transport>) | undefined;
  /** Most connections at a time. @defaultValue 4, or fewer where the provider is known to want it */
  readonly maxConnections?: number | undefined;
  /** How long a connection that nobody uses is kept. @defaultValue 60_000 */
  readonly idleMs?: number | undefined;
  /** How long a call waits for a connection; a watch waits for as long as it takes. @defaultValue 60_000 */
  readonly acquireMs?: number | undefined;
  /** How often a call that can be done twice is begun again after a broken connection. @defaultValue 5 */
  readonly maxRetries?: number | undefined;
  readonly backOff?: BackOffOptions | undefined;
  /**
   * How often to try, before the first connection stands, a host that is not known or takes no connection: when it is
   * mistyped that is soon told. From then on it is tried for as long as calls wait. @defaultValue 3
   */
  readonly firstAttempts?: number | undefined;
  /** Where chance comes from: numbers from 0 to below 1. @defaultValue Math.random */
  readonly random?: (() => number) | undefined;
  /** Does not rely on the mod-sequences of the server. @defaultValue what is known of the provider */
  readonly distrustsModSeq?: boolean | undefined;
  /** Gives up opening: rejects with its reason. Does nothing once the account is open. */
  readonly signal?: AbortSignal | undefined;
}

export interface MailboxOptions extends WorkOptions {
  /** What the mailbox must have; another is an error. @defaultValue what it has now */
  readonly uidValidity?: number | undefined;
  /** Opens it without any way to change it. @defaultValue false */
  readonly readOnly?: boolean | undefined;
}

const ANY: Need = { key: undefined, isExclusive: false, isWatch: false };
const EXCLUSIVE: Need = { key: undefined, isExclusive: true, isWatch: false };

/**
 * Opens an account: connects once, to see that it can be done, and from then on whenever a connection is needed.
 * @throws as `connect` has it; failures that may pass are tried again until `acquireMs` is over, those of finding the
 *   server `firstAttempts` times
 */
export async function openAccount(options: AccountOptions): Promise<ImapAccount> {
  const account = new ImapAccount(options);
  try {
    await account.use(async () => {}, { signal: options.signal });
    return account;
  } catch (error) {
    account.destroy();
    throw error;
  }
}

/**
 * An account on a server, over as many connections as it takes, and over broken ones. Calls that can be done twice are
 * begun again when the connection breaks; the others fail, because nobody knows whether they happened.
 */
export class ImapAccount {
  readonly #parts: AccountParts;
  readonly #distrustsModSeq: boolean | undefined;
  readonly #host: string | undefined;

  /** @internal Use `openAccount`. */
  constructor(options: AccountOptions) {
    const { timers = systemTimers, logger = silentLogger, random = Math.random, backOff = {} } = options;
    const { idleMs = 60_000, acquireMs = 60_000, maxRetries = 5, firstAttempts = 3 } = options;
    const maxConnections = options.maxConnections ?? Math.min(4, findProvider(options)?.maxConnections ?? 4);
    if (!Number.isInteger(maxConnections) || maxConnections < 1)
      throw new RangeError('an account needs at least one connection');
    const pool = new Pool({
      open: (signal) => open(options, signal, timers, logger),
      maxConnections,
      backOff: new BackOff(backOff, random),
      timers,
      logger,
      idleMs,
      drainMs: options.timeouts?.closeMs ?? 10_000,
      firstAttempts,
    });
    this.#parts = { pool, timers, logger, random, backOff, acquireMs, maxRetries };
    this.#distrustsModSeq = options.distrustsModSeq;
    this.#host = options.host;
  }

  /** How many connections stand now. */
  get connections(): number {
    return this.#parts.pool.size;
  }

  /** Lists mailboxes. Asked again after a broken connection. */
  list({ acquireMs, ...options }: ListOptions & WorkOptions = {}): Promise<readonly ListedMailbox[]> {
    const { signal } = options;
    return repeatedly(this.#parts, ANY, { signal, acquireMs }, ({ client }) => client.list(options));
  }

  /**
   * The mailboxes for special uses: as the server tells, and where it does not, by what they are called in many languages.
   */
  async specialFolders(options: WorkOptions = {}): Promise<ReadonlyMap<SpecialUse, SpecialFolder>> {
    return specialFolders(await this.list(options));
  }

  /** Figures of a mailbox. Asked again after a broken connection. */
  status(mailbox: MailboxReference, items: readonly StatusItem[], options: WorkOptions = {}): Promise<StatusItems> {
    const { signal } = options;
    return repeatedly(this.#parts, ANY, options, ({ client }) => client.status(mailbox, items, { signal }));
  }

  /** Adds a message, once: after a broken connection nobody knows whether it is there. */
  append(
    mailbox: MailboxReference,
    message: OutgoingMessage,
    options: WorkOptions = {},
  ): Promise<Appended | undefined> {
    const { signal } = options;
    return withClient(this.#parts, ANY, options, ({ client }) => client.append(mailbox, message, { signal }));
  }

  /**
   * Does anything on a connection that nobody else uses meanwhile, such as creating and renaming mailboxes. The work is
   * done once.
   */
  use<T>(work: (client: ImapClient) => Promise<T>, options: WorkOptions = {}): Promise<T> {
    return withClient(this.#parts, EXCLUSIVE, options, ({ client }) => work(client));
  }

  /**
   * A mailbox, bound to the UIDVALIDITY that it has now or ought to have.
   * @throws {@link ImapError} `IMAP_UIDVALIDITY_CHANGED`, `IMAP_NO_UIDVALIDITY`; {@link ServerRefusedError}
   */
  async mailbox(
    mailbox: MailboxReference,
    { uidValidity, readOnly = false, ...options }: MailboxOptions = {},
  ): Promise<AccountMailbox> {
    const name = typeof mailbox === 'string' ? mailbox : 'name' in mailbox ? mailbox.name.text : mailbox.text;
    const text = name.toUpperCase() === 'INBOX' ? 'INBOX' : name;
    const key = `${readOnly ? 'examine' : 'select'} ${text}`;
    const need = { key, isExclusive: false, isWatch: false };
    const found = await repeatedly(this.#parts, need, options, async (pooled) => {
      return (await pooled.select(mailbox, readOnly, options.signal)).uidValidity;
    });
    const binding = {
      mailbox,
      name: text,
      key,
      isReadOnly: readOnly,
      host: this.#host,
      distrustsModSeq: this.#distrustsModSeq,
    };
    const handle = new AccountMailbox(this.#parts, { ...binding, uidValidity: found });
    if (uidValidity !== undefined && uidValidity !== found) throw handle.otherThan(uidValidity);
    return handle;
  }

  /**
   * Lets nothing new begin, ends watches, waits for what is in progress for as long as `timeouts.closeMs`, and closes
   * every connection. Idempotent; never rejects.
   */
  async close(): Promise<void> {
    await this.#parts.pool.close();
  }

  /** Drops every connection at once; what is in progress fails with the reason. Idempotent. */
  destroy(reason?: unknown): void {
    this.#parts.pool.destroy(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** One attempt to connect and log in. */
async function open(options: AccountOptions, signal: AbortSignal, timers: Timers, logger: Logger): Promise<ImapClient> {
  const { auth, transport, ...rest } = options;
  return authOf(auth, signal, async (credentials) =>
    connect({
      ...rest,
      enable: rest.enable ?? defaultEnable(rest),
      auth: credentials,
      transport: transport && (await transport(signal)),
      signal,
      timers,
      logger,
    }),
  );
}
