import type { Account, ChangeHint, MailboxInfo, MailboxPath, MailboxStatus, MetadataEntries } from '@posthorn/core';
import type { ListData, Response, StatusItems } from '@posthorn/wire';
import { extensionResponse } from '@posthorn/wire/extensions';
import { attributesOf, hasChildren } from '../mailboxes/list-mailboxes.ts';
import { DELIMITER, nameOf } from '../mailboxes/names.ts';
import { storeErrorCode } from '../replies/error-replies.ts';
import type { Bell } from '../session/bell.ts';
import type { ClientModes } from '../session/client-modes.ts';
import { eventsOf, type NotifyRequest, wantsServerMetadata } from './notify-request.ts';
import { listedUnder } from './old-name.ts';

/** What is known of a mailbox. */
interface Known {
  readonly info: MailboxInfo;
  readonly status: MailboxStatus | undefined;
  readonly metadata: MetadataEntries | undefined;
}

export interface AccountWatchOptions {
  readonly account: Account;
  readonly request: NotifyRequest;
  readonly bell: Bell;
  readonly modes: () => ClientModes;
  /** Whether CONDSTORE is offered: the first figures then have mod-sequences, enabled or not. */
  readonly hasModSeq: boolean;
  /** The selected mailbox, whose messages are none of this watch's business. */
  readonly selectedId: () => string | undefined;
  readonly signal: AbortSignal;
}

/** Watches all mailboxes of an account for a client that asked to be told. @see RFC 5465 */
export class AccountWatch {
  readonly request: NotifyRequest;
  readonly #options: AccountWatchOptions;
  readonly #stop = new AbortController();
  readonly #onAbort = (): void => this.#stop.abort();
  readonly #hints: AsyncIterator<ChangeHint>;
  #known = new Map<string, Known>();
  #server: MetadataEntries = new Map();
  /** Names about which there were hints since the last look. */
  #hinted = new Set<string>();
  #isClosed = false;

  private constructor(options: AccountWatchOptions) {
    this.#options = options;
    this.request = options.request;
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#hints = options.account.watch('all', { signal: this.#stop.signal })[Symbol.asyncIterator]();
  }

  /** Begins to watch before it looks, so that nothing is missed. */
  static async start(options: AccountWatchOptions): Promise<AccountWatch> {
    const watch = new AccountWatch(options);
    void watch.#listen();
    await watch.#look();
    return watch;
  }

  /** How many mailboxes are looked into. */
  get watched(): number {
    let watched = 0;
    for (const { status, metadata } of this.#known.values()) if (status ?? metadata) watched++;
    return watched;
  }

  /** Whether something may have happened since the last look. */
  get isHinted(): boolean {
    return this.#hinted.size > 0;
  }

  /** The figures of every mailbox whose messages are watched. @see RFC 5465 section 3.1 */
  *statuses(): Iterable<Response> {
    for (const { info, status } of this.#known.values()) {
      if (status === undefined || status.id === this.#options.selectedId()) continue;
      const { uidValidity, highestModSeq } = status;
      const { modes, hasModSeq } = this.#options;
      const tellsModSeq = hasModSeq && eventsOf(this.request, info, modes()).has('flagChange');
      yield this.#status(info, {
        ...countsOf(status),
        uidValidity,
        ...(tellsModSeq ? { highestModSeq } : this.#modSeqOf(status)),
      });
    }
  }

  /** What happened since the last look. */
  async news(): Promise<readonly Response[]> {
    const before = this.#known;
    const server = this.#server;
    await this.#look();
    const infos = [...this.#known.values()].map(({ info }) => info);
    const told = [...this.#names(before, infos)];
    for (const [key, known] of this.#known) told.push(...this.#mailboxNews(before.get(key), known));
    const changed = wantsServerMetadata(this.request) ? changedEntries(server, this.#server) : [];
    const mailbox = { text: '', wire: '' };
    if (changed.length > 0) told.push(extensionResponse({ type: 'metadata', mailbox, names: changed }));
    return told;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#stop.abort();
    await this.#hints.return?.();
  }

  /** Hints are only a sign to look: they are taken as they come and never pile up. */
  async #listen(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#hints.next();
        if (this.#isClosed || done === true) return;
        this.#hinted.add(keyOf(value.path));
        this.#options.bell.ring();
      }
    } catch {
      // The next look at the store fails too, and says why.
      this.#hinted.add('');
      this.#options.bell.ring();
    }
  }

  /** Looks at the names, and into the mailboxes about which there were hints. */
  async #look(): Promise<void> {
    const hinted = this.#hinted;
    this.#hinted = new Set();
    const { account, signal, modes } = this.#options;
    const known = new Map<string, Known>();
    for (const info of await account.list({ signal })) {
      const key = keyOf(info.path);
      const before = this.#known.get(key);
      if (before !== undefined && before.info.id === info.id && !hinted.has(key)) {
        known.set(key, { ...before, info });
        continue;
      }
      const events = eventsOf(this.request, info, modes());
      const status = events.has('messageNew') && info.isSelectable ? await this.#statusAt(info.path) : undefined;
      const metadata =
        events.has('mailboxMetadataChange') && info.isSelectable ? await this.#metadataAt(info.path) : undefined;
      known.set(key, { info, status, metadata });
    }
    if (wantsServerMetadata(this.request)) this.#server = (await this.#metadataAt(undefined)) ?? new Map();
    this.#known = known;
  }

  async #statusAt(path: MailboxPath): Promise<MailboxStatus | undefined> {
    const { account, signal } = this.#options;
    return account.status(path, { signal }).catch(ifGone);
  }

  async #metadataAt(path: MailboxPath | undefined): Promise<MetadataEntries | undefined> {
    const { account, signal } = this.#options;
    return account.metadata?.entries(path, { signal }).catch(ifGone);
  }

  /** Mailboxes that came, went, moved, were subscribed to or not any more. @see RFC 5465 sections 5.4 and 5.5 */
  *#names(before: ReadonlyMap<string, Known>, infos: readonly MailboxInfo[]): Iterable<Response> {
    const modes = this.#options.modes();
    const after = new Map(infos.map((info) => [keyOf(info.path), info]));
    const homes = new Map(infos.flatMap((info) => (info.id === undefined ? [] : [[info.id, info] as const])));
    const renamed = new Map<string, MailboxInfo>();
    for (const [key, { info }] of before) {
      const home = info.id === undefined || after.get(key)?.id === info.id ? undefined : homes.get(info.id);
      if (home !== undefined && before.get(keyOf(home.path))?.info.id !== info.id) renamed.set(keyOf(home.path), info);
    }
    const moved = new Set([...renamed.values()].map(({ path }) => keyOf(path)));
    const listed = (info: MailboxInfo, attributes: readonly string[]): ListData => ({
      type: 'list',
      attributes,
      delimiter: DELIMITER,
      mailbox: nameOf(info.path, modes),
    });
    const asIs = (info: MailboxInfo): ListData =>
      listed(info, attributesOf(info, hasChildren(infos, info), { isExtended: true, tellsSubscribed: true }));
    for (const [key, info] of after) {
      const events = eventsOf(this.request, info, modes);
      const known = before.get(key)?.info;
      const from = renamed.get(key);
      if (events.has('mailboxName') && from !== undefined) {
        // Children go along without a word of their own.
        const parent = renamed.get(keyOf(info.path.slice(0, -1)));
        if (parent === undefined) yield listedUnder(asIs(info), nameOf(from.path, modes));
      } else if (events.has('mailboxName') && known?.isSelectable !== info.isSelectable) yield asIs(info);
      else if (events.has('subscriptionChange') && known?.isSubscribed !== info.isSubscribed) yield asIs(info);
    }
    for (const [key, { info }] of before) {
      const isGone = !after.has(key) && !moved.has(key);
      if (isGone && eventsOf(this.request, info, modes).has('mailboxName')) yield listed(info, ['\\NonExistent']);
    }
  }

  /** @see RFC 5465 sections 5.1 to 5.3 and 5.6 */
  *#mailboxNews(before: Known | undefined, { info, status, metadata }: Known): Iterable<Response> {
    const modes = this.#options.modes();
    const events = eventsOf(this.request, info, modes);
    if (status !== undefined && status.id !== this.#options.selectedId()) {
      const old = before?.status;
      const isCounted = old?.messages !== status.messages || old.uidNext !== status.uidNext;
      const isFlagged = events.has('flagChange') && old?.highestModSeq !== status.highestModSeq;
      const isValid = old?.uidValidity === status.uidValidity;
      if (isCounted || isFlagged || !isValid) {
        const unseen = events.has('flagChange') ? { unseen: status.unseen } : {};
        const validity = events.has('flagChange') || !isValid ? { uidValidity: status.uidValidity } : {};
        yield this.#status(info, {
          ...(isCounted ? countsOf(status) : {}),
          ...unseen,
          ...validity,
          ...this.#modSeqOf(status),
        });
      }
    }
    if (metadata === undefined || before?.metadata === undefined) return;
    const changed = changedEntries(before.metadata, metadata);
    const mailbox = nameOf(info.path, modes);
    if (changed.length > 0) yield extensionResponse({ type: 'metadata', mailbox, names: changed });
  }

  #status({ path }: MailboxInfo, items: StatusItems): Response {
    return { type: 'mailboxStatus', mailbox: nameOf(path, this.#options.modes()), items };
  }

  #modSeqOf({ highestModSeq, uidValidity }: MailboxStatus): StatusItems {
    return this.#options.modes().condstore ? { highestModSeq, uidValidity } : {};
  }
}

function countsOf({ messages, uidNext }: MailboxStatus): StatusItems {
  return { messages, uidNext: Math.min(uidNext, 0xffff_ffff) };
}

function changedEntries(before: MetadataEntries, after: MetadataEntries): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name));
}

function keyOf(path: readonly string[]): string {
  return path.join('\0');
}

/** Of what went away, and of what the user may not look into, nothing is told. */
function ifGone(error: unknown): undefined {
  const code = storeErrorCode(error);
  if (code !== 'STORE_NONEXISTENT' && code !== 'STORE_NO_PERMISSION') throw error;
}
