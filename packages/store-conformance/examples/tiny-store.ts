import {
  type AbortOptions,
  type Account,
  type AccountId,
  type ChangeHint,
  type CreateMailboxOptions,
  MAX_ID,
  type Mailbox,
  type MailboxInfo,
  type MailboxPath,
  type MailboxStatus,
  type MailStore,
  mailboxId,
  type SpecialUse,
  StoreError,
  type UidPairs,
  type UidSet,
  type UidValidity,
  uid,
  uidValidity,
} from '@posthorn/core';
import { Content, newId, secondsNow, TinyMailbox } from './tiny-mailbox.ts';

const INBOX: MailboxPath = ['INBOX'];

/** A mail store in a few hundred lines that keeps every promise: for a start, and to read. */
export function tinyStore(): MailStore {
  const accounts = new Map<AccountId, Tree>();
  const handles = new Set<TinyAccount>();
  let isClosed = false;
  const close = async (): Promise<void> => {
    isClosed = true;
    for (const handle of handles) await handle.close();
  };
  return {
    traits: { durableModSeq: false, crossProcess: false, maxKeywords: undefined, keepsZone: true },
    open: async (id, { signal } = {}) => {
      signal?.throwIfAborted();
      if (isClosed) throw new StoreError('STORE_CLOSED', 'the store was closed');
      const tree = accounts.get(id) ?? new Tree();
      accounts.set(id, tree);
      const handle = new TinyAccount(tree);
      handles.add(handle);
      return handle;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What all handles on an account share. */
class Tree {
  /** By key of the path. */
  readonly mailboxes = new Map<string, { readonly content: Content; readonly specialUse: readonly SpecialUse[] }>();
  readonly subscribed = new Set<string>();
  readonly watchers = new Set<Watcher>();
  /** The highest UIDVALIDITY each name had. */
  readonly #highest = new Map<string, number>();
  #lastValidity: number = secondsNow().epochSeconds;

  constructor() {
    this.add(INBOX);
  }

  add(path: MailboxPath, validity: UidValidity = this.nextValidity(path), specialUse: readonly SpecialUse[] = []) {
    const content = new Content(mailboxId(newId()), path, validity);
    this.place(content, path, validity, specialUse);
    return content;
  }

  place(content: Content, path: MailboxPath, validity: UidValidity, specialUse: readonly SpecialUse[]): void {
    Object.assign(content, { path, uidValidity: validity });
    this.mailboxes.set(keyOf(path), { content, specialUse });
    this.#highest.set(keyOf(path), validity);
    this.notify(path);
  }

  at(path: MailboxPath): Content {
    const found = this.mailboxes.get(keyOf(path));
    if (found === undefined) throw new StoreError('STORE_NONEXISTENT', 'there is no such mailbox');
    return found.content;
  }

  /** The mailboxes below a name. */
  below(path: MailboxPath): readonly Content[] {
    const all = [...this.mailboxes.values()].map(({ content }) => content);
    return all.filter((content) => content.path.length > path.length && isAtOrBelow(content.path, path));
  }

  highest(path: MailboxPath): number {
    return this.#highest.get(keyOf(path)) ?? 0;
  }

  /** Above all that this account ever gave, and all that the name was given. */
  nextValidity(path: MailboxPath): UidValidity {
    this.#lastValidity++;
    return uidValidity(Math.max(this.#lastValidity, this.highest(path) + 1));
  }

  readonly notify = (path: MailboxPath): void => {
    for (const watcher of this.watchers) watcher.notify(path);
  };
}

/** One handle on an account. */
class TinyAccount implements Account {
  readonly #tree: Tree;
  readonly #watchers = new Set<Watcher>();
  #isClosed = false;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  async list({ signal }: AbortOptions = {}): Promise<readonly MailboxInfo[]> {
    const { mailboxes, subscribed } = this.#open(signal);
    const found = new Map<string, MailboxInfo>();
    for (const { content } of mailboxes.values()) {
      for (let length = 1; length <= content.path.length; length++) {
        const path = content.path.slice(0, length) as unknown as MailboxPath;
        const own = mailboxes.get(keyOf(path));
        found.set(keyOf(path), {
          path,
          id: own?.content.id,
          isSelectable: own !== undefined,
          allowsChildren: true,
          isSubscribed: subscribed.has(keyOf(path)),
          specialUse: own?.specialUse ?? [],
        });
      }
    }
    return [...found.values()].sort((left, right) => left.path.length - right.path.length);
  }

  async create(path: MailboxPath, { signal, uidValidity: given, specialUse }: CreateMailboxOptions = {}) {
    const tree = this.#open(signal);
    checkName(path);
    const existing = tree.mailboxes.get(keyOf(path))?.content;
    const isFresh = existing !== undefined && keyOf(path) === keyOf(INBOX) && existing.uidNext === 1;
    if (existing !== undefined && (given === undefined || !isFresh))
      throw new StoreError('STORE_ALREADY_EXISTS', 'the name is taken');
    if (given !== undefined && !isFresh && given <= tree.highest(path))
      throw new StoreError('STORE_CANNOT', `the UIDVALIDITY is not above ${tree.highest(path)}`);
    if (existing !== undefined) existing.isDeleted = true;
    tree.add(canonical(path), given, specialUse);
    return (await this.list()).find((info) => keyOf(info.path) === keyOf(path))!;
  }

  async delete(path: MailboxPath, { signal }: AbortOptions = {}): Promise<void> {
    const tree = this.#open(signal);
    if (keyOf(path) === keyOf(INBOX)) throw new StoreError('STORE_CANNOT', 'INBOX cannot be deleted');
    if (!tree.mailboxes.has(keyOf(path)) && tree.below(path).length > 0)
      throw new StoreError('STORE_HAS_CHILDREN', 'the name only holds children');
    const content = tree.at(path);
    content.isDeleted = true;
    tree.mailboxes.delete(keyOf(path));
    tree.notify(content.path);
  }

  async rename(from: MailboxPath, to: MailboxPath, { signal }: AbortOptions = {}): Promise<void> {
    const tree = this.#open(signal);
    checkName(to);
    const isInbox = keyOf(from) === keyOf(INBOX);
    const own = tree.mailboxes.get(keyOf(from))?.content;
    const moved = [...(own === undefined ? [] : [own]), ...(isInbox ? [] : tree.below(from))];
    if (moved.length === 0) throw new StoreError('STORE_NONEXISTENT', 'there is no such mailbox');
    if (tree.mailboxes.has(keyOf(to)) || tree.below(to).length > 0)
      throw new StoreError('STORE_ALREADY_EXISTS', 'the name is taken');
    if (!isInbox && isAtOrBelow(to, from))
      throw new StoreError('STORE_CANNOT', 'a mailbox cannot be moved below itself');
    for (const content of moved) {
      const path = [...canonical(to), ...content.path.slice(from.length)] as unknown as MailboxPath;
      const { specialUse } = tree.mailboxes.get(keyOf(content.path))!;
      tree.mailboxes.delete(keyOf(content.path));
      tree.notify(content.path);
      const isAbove = content.uidValidity > tree.highest(path);
      tree.place(content, path, isAbove ? content.uidValidity : tree.nextValidity(path), specialUse);
    }
    if (isInbox) tree.add(INBOX);
  }

  async subscribe(path: MailboxPath, on: boolean, { signal }: AbortOptions = {}): Promise<void> {
    const { subscribed } = this.#open(signal);
    if (on) subscribed.add(keyOf(path));
    else subscribed.delete(keyOf(path));
  }

  async subscriptions({ signal }: AbortOptions = {}): Promise<readonly MailboxPath[]> {
    return [...this.#open(signal).subscribed].map((key) => JSON.parse(key) as MailboxPath);
  }

  async status(path: MailboxPath, { signal }: AbortOptions = {}): Promise<MailboxStatus> {
    return this.#open(signal).at(path).status();
  }

  async mailbox(path: MailboxPath, { signal }: AbortOptions = {}): Promise<Mailbox> {
    const tree = this.#open(signal);
    return new TinyMailbox(tree.at(path), () => this.#open(), tree.notify);
  }

  async transfer(
    from: MailboxPath,
    uids: UidSet,
    to: MailboxPath,
    mode: 'copy' | 'move',
    { signal }: AbortOptions = {},
  ): Promise<UidPairs> {
    const tree = this.#open(signal);
    const [source, target] = [tree.at(from), tree.at(to)];
    const chosen = source.select(uids);
    const first = target.uidNext;
    if (first + chosen.length > MAX_ID + 1) throw new StoreError('STORE_LIMIT', 'no UID is left in the mailbox');
    const saveDate = secondsNow();
    target.add(chosen.map((message, index) => ({ ...message, saveDate, uid: uid(first + index) })));
    if (mode === 'move') source.remove(chosen);
    if (chosen.length > 0) for (const { path } of [source, target]) tree.notify(path);
    return {
      uidValidity: target.uidValidity,
      from: chosen.map((message) => message.uid),
      to: chosen.map((_, index) => uid(first + index)),
    };
  }

  watch(paths: readonly MailboxPath[] | 'all', { signal }: AbortOptions = {}): AsyncIterable<ChangeHint> {
    const tree = this.#open();
    const watcher = new Watcher(paths, () => {
      tree.watchers.delete(watcher);
      this.#watchers.delete(watcher);
    });
    tree.watchers.add(watcher);
    this.#watchers.add(watcher);
    if (signal?.aborted === true) watcher.end();
    signal?.addEventListener('abort', watcher.end, { once: true });
    return watcher;
  }

  async maintain({ signal }: AbortOptions = {}) {
    this.#open(signal);
    return { more: false, removed: 0 };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const watcher of this.#watchers) watcher.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(signal?: AbortSignal): Tree {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new StoreError('STORE_CLOSED', 'the account was closed');
    return this.#tree;
  }
}

/** Remembers which mailboxes changed until it is asked, so that no change is missed and none is told twice. */
class Watcher implements AsyncIterable<ChangeHint>, AsyncIterator<ChangeHint> {
  readonly #keys: ReadonlySet<string> | undefined;
  readonly #onEnd: () => void;
  readonly #changed = new Map<string, MailboxPath>();
  #wake = (): void => {};
  #isEnded = false;

  constructor(paths: readonly MailboxPath[] | 'all', onEnd: () => void) {
    this.#keys = paths === 'all' ? undefined : new Set(paths.map(keyOf));
    this.#onEnd = onEnd;
  }

  notify(path: MailboxPath): void {
    if (this.#keys !== undefined && !this.#keys.has(keyOf(path))) return;
    this.#changed.set(keyOf(path), path);
    this.#wake();
  }

  readonly end = (): void => {
    this.#isEnded = true;
    this.#onEnd();
    this.#wake();
  };

  async next(): Promise<IteratorResult<ChangeHint>> {
    for (;;) {
      if (this.#isEnded) return { done: true, value: undefined };
      const [first] = this.#changed;
      if (first !== undefined) {
        this.#changed.delete(first[0]);
        return { done: false, value: { path: first[1] } };
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async return(): Promise<IteratorResult<ChangeHint>> {
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** INBOX in any case is INBOX, above others too. */
function canonical(path: MailboxPath): MailboxPath {
  const [first, ...rest] = path;
  return first.toUpperCase() === 'INBOX' ? ['INBOX', ...rest] : path;
}

function keyOf(path: MailboxPath): string {
  return JSON.stringify(canonical(path));
}

function isAtOrBelow(path: MailboxPath, above: MailboxPath): boolean {
  const parts = canonical(path);
  return canonical(above).every((part, index) => parts[index] === part);
}

function checkName(path: MailboxPath): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters refused
  if (path.every((part) => part !== '' && !/[\u0000\r\n]|\p{Surrogate}/u.test(part))) return;
  throw new StoreError('STORE_CANNOT', 'a name has no part that is empty, or holds NUL, CR, LF or half a character');
}
