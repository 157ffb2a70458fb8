import {
  type Account,
  type ChangeHint,
  type Mailbox,
  type MailboxPath,
  type SequenceNumberSet,
  type SessionId,
  StoreError,
  type UidSet,
} from '@posthorn/core';
import { emptySet } from '@posthorn/message-set';
import type { MessageSelector } from '@posthorn/wire';
import { StructureMemory } from '../fetch/message-source.ts';
import { SearchUpdates } from '../search/search-updates.ts';
import type { Bell } from '../session/bell.ts';
import type { ClientModes } from '../session/client-modes.ts';
import { mayChange } from '../sharing/rights.ts';
import { MailboxView } from './view.ts';

export interface SelectOptions {
  readonly readOnly: boolean;
  readonly session: SessionId;
  readonly bell: Bell;
  /** Whether mod-sequences last as long as UIDs do. */
  readonly hasModSeq: boolean;
  /** What the user may do with the mailbox. @see RFC 4314 section 2.1 */
  readonly rights: string;
  /** What the client has switched on. */
  readonly modes: () => ClientModes;
  readonly signal: AbortSignal;
}

/** The mailbox a session has selected: its store, its view, and the watch that says when to look again. */
export class SelectedMailbox {
  readonly mailbox: Mailbox;
  readonly view: MailboxView;
  readonly isReadOnly: boolean;
  /** What the user may do with the mailbox, as it was when it was selected. The store asks for itself each time. */
  readonly rights: string;
  /** Whether mod-sequences last as long as UIDs do. */
  readonly hasModSeq: boolean;
  /** The last UID that the client was told of as it asked with NOTIFY. */
  notifiedUid = 0;
  /** Whether the session changed something that others may have changed around it, and has not looked since. */
  isStale = false;
  /** What `$` stands for. @see RFC 5182 */
  saved: UidSet = emptySet();
  /** Searches that are kept up to date. */
  readonly updates: SearchUpdates = new SearchUpdates();
  readonly structures: StructureMemory = new StructureMemory();
  readonly #account: Account;
  readonly #session: SessionId;
  readonly #bell: Bell;
  #path: MailboxPath;
  #watch: Watch;
  #uidNext = 1;

  private constructor(account: Account, mailbox: Mailbox, path: MailboxPath, watch: Watch, options: SelectOptions) {
    this.#account = account;
    this.mailbox = mailbox;
    this.#path = path;
    this.#watch = watch;
    this.#session = options.session;
    this.#bell = options.bell;
    this.rights = options.rights;
    this.isReadOnly = options.readOnly || mailbox.isReadOnly || !/[swte]/.test(options.rights);
    this.hasModSeq = options.hasModSeq;
    const modes = (): ClientModes =>
      this.hasModSeq ? options.modes() : { ...options.modes(), condstore: false, qresync: false };
    this.view = new MailboxView({
      allowsNewFlags: !this.isReadOnly,
      mayChange: (flag) => mayChange(this.rights, flag),
      modes,
    });
  }

  /** Opens a mailbox. The watch is in force before the first look, so nothing that happens is missed. */
  static async open(account: Account, path: MailboxPath, options: SelectOptions): Promise<SelectedMailbox> {
    const { signal, bell } = options;
    const mailbox = await account.mailbox(path, { signal });
    const watch = new Watch(account, path, bell, signal);
    const selected = new SelectedMailbox(account, mailbox, path, watch, options);
    try {
      selected.view.addKeywords(await mailbox.keywords({ signal }));
      await selected.refresh(signal);
    } catch (error) {
      await selected.close();
      throw error;
    }
    return selected;
  }

  /** Whether the store hinted at changes since the last look. */
  get isHinted(): boolean {
    return this.#watch.isHinted;
  }

  /** What UIDNEXT was at the last look. */
  get uidNext(): number {
    return this.#uidNext;
  }

  /** Brings the view up to date with the store. Tells the client nothing. */
  async refresh(signal: AbortSignal): Promise<void> {
    const wasHinted = this.#watch.isHinted;
    this.isStale = false;
    this.#watch.rearm();
    const { view, mailbox } = this;
    const before = view.cursor;
    const page = await mailbox.changes(before, { signal });
    view.fold(page);
    this.#uidNext = page.uidNext;
    if (page.added.length > 0) view.claim(await this.#recent(signal));
    // A hint without a change is what a rename looks like from here.
    if (wasHinted && before === page.cursor) await this.currentPath(signal);
  }

  /**
   * Where the mailbox is now: others may have renamed it.
   * @throws {@link StoreError} `STORE_NONEXISTENT` when it is gone.
   */
  async currentPath(signal: AbortSignal): Promise<MailboxPath> {
    if (await this.#isAt(this.#path, signal)) return this.#path;
    const infos = await this.#account.list({ signal });
    const found = infos.find(({ id }) => id === this.mailbox.id);
    if (found === undefined) throw new StoreError('STORE_NONEXISTENT', 'the selected mailbox was deleted');
    await this.#watch.close();
    this.#path = found.path;
    this.#watch = new Watch(this.#account, found.path, this.#bell, signal);
    this.#watch.rearm();
    return found.path;
  }

  /**
   * The numbers of the messages a client means, as far as they exist; undefined when it names a number that no
   * message has.
   */
  resolve(messages: MessageSelector): SequenceNumberSet | undefined {
    return messages.type === 'saved' ? this.view.numbersOf(this.saved) : this.view.resolve(messages);
  }

  async close(): Promise<void> {
    await this.#watch.close();
  }

  /** Messages that are \Recent here. Who may change nothing sees them as such, and leaves them to others. */
  async #recent(signal: AbortSignal): Promise<UidSet> {
    if (!this.isReadOnly) return this.mailbox.claimRecent(this.#session, { signal });
    return (await this.mailbox.recent?.({ signal })) ?? emptySet();
  }

  async #isAt(path: MailboxPath, signal: AbortSignal): Promise<boolean> {
    try {
      const { id, uidValidity } = await this.#account.mailbox(path, { signal });
      return id === this.mailbox.id && uidValidity === this.mailbox.uidValidity;
    } catch (error) {
      if (error instanceof Error && (error as { code?: unknown }).code === 'STORE_NONEXISTENT') return false;
      throw error;
    }
  }
}

/** Why a watch ends: made once, since without a reason each end would make an error with its stack. */
const OVER = new Error('the mailbox is not watched any more');

/** One watch on one mailbox. Asks for the next hint only after the last was heeded, so hints never pile up. */
class Watch {
  readonly #hints: AsyncIterator<ChangeHint>;
  readonly #bell: Bell;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.#stop.abort(OVER);
  #isAsking = false;
  #hinted = false;
  #isClosed = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(account: Account, path: MailboxPath, bell: Bell, signal: AbortSignal) {
    this.#bell = bell;
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#hints = account.watch([path], { signal: this.#stop.signal })[Symbol.asyncIterator]();
    this.#ask();
  }

  get isHinted(): boolean {
    return this.#hinted;
  }

  /** Listens for what happens from here on. @throws what the watch failed with: news would be lost in silence. */
  rearm(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#hinted = false;
    this.#ask();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#stop.abort(OVER);
    await this.#hints.return?.();
  }

  #ask(): void {
    if (this.#isAsking || this.#isClosed) return;
    this.#isAsking = true;
    this.#hints.next().then(
      ({ done }) => this.#heard(done === true),
      (error: unknown) => {
        this.#failure = { error };
        this.#heard(true);
      },
    );
  }

  #heard(isOver: boolean): void {
    this.#isAsking = isOver;
    if (this.#isClosed) return;
    this.#hinted = true;
    this.#bell.ring();
  }
}
