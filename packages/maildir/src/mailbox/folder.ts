import { lstatSync } from 'node:fs';
import { FifoMutex, type MailboxPath, StoreError, type UidValidity } from '@posthorn/core';
import type { AccountState } from '../account/account-state.ts';
import { errorCode } from '../disk/disk.ts';
import { importCourierKeywords } from '../format/courier-keywords.ts';
import { withDotlock } from '../format/dotlock.ts';
import { baseOf, infoOf } from '../format/file-name.ts';
import type { UidlistHeader } from '../format/uidlist.ts';
import type { UidlistFile } from '../format/uidlist-file.ts';
import { isWritable, listFiles, makeDirectories } from '../layout/folder-directories.ts';
import type { Ledger } from '../sidecar-index/ledger.ts';
import { AppendQueue } from './append-queue.ts';
import { ChangeQueue } from './change-queue.ts';
import { isSettled, sameTimes, type Times, timesOf } from './directory-times.ts';
import { FolderKeywords } from './folder-keywords.ts';
import { FolderUidlist } from './folder-uidlist.ts';
import { folderJournal, hasJournal } from './journal.ts';
import { decodeListing, encodeListing, listingIdentity } from './kept-listing.ts';
import { type MergePlan, mergeListing } from './merge-listing.ts';
import { type FoundFile, type MessageRecord, recordOf } from './message-record.ts';
import { MessageTable } from './message-table.ts';
import { recoverFolder } from './recover.ts';

const NO_UID_LEFT = 0x1_0000_0000;
/** While changes never stop, this much time passes between two listings that only make sure. */
const DIRTY_MS = 1_000;
const MAX_SCANS = 4;
/** Smaller mailboxes are listed faster than they are looked up. */
const MIN_KEPT = 500;
/** How long a reader waits for the lock, when all it wants is to give UIDs to new files. */
const READER_LOCK_MS = 2_000;

let serials = 0;

/** What is known of one mailbox, shared by all handles of this process. */
export class Folder {
  readonly account: AccountState;
  /** Folders are locked in this order. */
  readonly serial: number = serials++;
  readonly mutex: FifoMutex = new FifoMutex();
  readonly messages: MessageTable;
  path: MailboxPath;
  /** The directory below the root; empty for INBOX. */
  directoryName: string;
  isDeleted = false;
  readonly keywords: FolderKeywords;
  readonly appends: AppendQueue = new AppendQueue(this);
  readonly changes: ChangeQueue = new ChangeQueue(this);
  readonly #uids: FolderUidlist;
  #ledger: Ledger | undefined;
  #known: Times | undefined;
  #isDirty = false;
  /** Whether there are files that get their UIDs when another program gives up its lock. */
  #waitsForLock = false;
  #scannedAt = 0;
  #scanCostMs = 0;
  #scans = 0;
  #wasStable = false;
  #isLoaded = false;
  /** The listing that the index has. */
  #keptIdentity = '';

  constructor(account: AccountState, path: MailboxPath, directoryName: string) {
    this.account = account;
    this.path = path;
    this.directoryName = directoryName;
    this.keywords = new FolderKeywords(account.settings, () => this.directory);
    this.#uids = new FolderUidlist(this);
    this.messages = new MessageTable(account.settings.maxChangeLog);
  }

  get directory(): string {
    return this.account.directoryAt(this.directoryName);
  }

  get isLoaded(): boolean {
    return this.#isLoaded && !this.isDeleted;
  }

  get uidlist(): UidlistFile {
    return this.#uids.file;
  }

  get header(): UidlistHeader {
    return this.#uids.header;
  }

  get uidValidity(): UidValidity {
    return this.header.uidValidity as UidValidity;
  }

  /** Tells cursors of this history from those of others. */
  get epoch(): string {
    return this.#ledger?.epoch ?? '';
  }

  /** Its number in the index; undefined where there is none. */
  get number(): number | undefined {
    return this.#ledger?.number;
  }

  get guid(): string {
    return this.header.guid ?? '';
  }

  get uidNext(): number {
    return this.uidlist.nextUid;
  }

  get uidlistPath(): string {
    return this.#uids.path;
  }

  filePlace(record: Pick<MessageRecord, 'isNew'>): string {
    return `${this.directory}/${record.isNew ? 'new' : 'cur'}`;
  }

  /** Brings the records up to what the directories hold. Cheap when nothing happened. */
  refresh(signal?: AbortSignal): Promise<void> {
    return this.mutex.run(() => this.refreshHeld(), signal);
  }

  /** As {@link refresh}, for who holds the mutex. */
  async refreshHeld({
    isForced = false,
    isLocked = false,
  }: {
    readonly isForced?: boolean;
    readonly isLocked?: boolean;
  } = {}): Promise<void> {
    this.#assertThere();
    if (!this.#isLoaded) return this.#load();
    const times = this.#look();
    const isUidlistCurrent = this.#uids.isCurrent();
    await this.#readKeywords();
    const isDue = isForced || this.#isRescanDue(times);
    const isCurSame = times.cur === this.#known?.cur;
    if (
      isUidlistCurrent &&
      !isDue &&
      isCurSame &&
      times.new === this.#known?.new &&
      !hasJournal(folderJournal(this.directory))
    )
      return;
    if (hasJournal(folderJournal(this.directory)) && !isLocked) return this.withLock(nothing, { rescans: true });
    await this.#scan(isLocked, isDue || !isCurSame || !isUidlistCurrent);
  }

  /**
   * Runs a task under the lock that Dovecot, too, takes to write the uidlist. What a program that died under it left
   * half done is finished first, and the records agree with the uidlist when the task begins.
   */
  async withLock<Result>(
    task: () => Promise<Result>,
    { timeoutMs, rescans = false }: { readonly timeoutMs?: number; readonly rescans?: boolean } = {},
  ): Promise<Result> {
    // Who closed the store may be about to remove the directory.
    this.account.assertOpen();
    const { settings } = this.account;
    return withDotlock(
      settings,
      this.uidlistPath,
      async () => {
        if (hasJournal(folderJournal(this.directory))) {
          await recoverFolder(settings, this.account.root, this.directory);
          this.#uids.hasNews = true;
          this.#known = undefined;
        }
        await this.#uids.mend();
        this.#adoptHeader();
        if (rescans || (this.#isLoaded && this.#uids.hasNews)) await this.#scan(true, true);
        return task();
      },
      timeoutMs === undefined ? {} : { timeoutMs },
    );
  }

  /** Runs a change of our own to `new/` and `cur/`, whose result is known without listing them again. */
  async ownChange<Result>(change: () => Promise<Result>): Promise<Result> {
    const before = this.#look();
    const isKnown = sameTimes(before, this.#known);
    try {
      const result = await change();
      this.#known = isKnown ? this.#look() : undefined;
      // Changes of others in the same tick of the clock are hidden behind ours: look again later.
      this.#isDirty = true;
      return result;
    } catch (error) {
      this.#known = undefined;
      throw error;
    }
  }

  /** Gives a record the name its file has now. Whether its flags changed. */
  rename(record: MessageRecord, name: string, isNew: boolean): boolean {
    record.name = name;
    record.isNew = isNew;
    const { letters } = infoOf(name);
    const isChanged = letters !== record.letters;
    record.letters = letters;
    return this.readFlags(record) || isChanged;
  }

  /** Gives a record the flags that its letters and keywords mean now. Whether they changed. */
  readFlags(record: MessageRecord): boolean {
    const flags = this.keywords.flagsOf(record.letters, record.base);
    if (flags === record.flags) return false;
    const isChanged = flags.join(' ') !== record.flags.join(' ');
    record.flags = flags;
    return isChanged;
  }

  /** Where the file of a message is now, whatever another program did to it; undefined when it is gone. */
  async locate(base: string): Promise<FoundFile | undefined> {
    for (let round = 0; round < MAX_SCANS; round++) {
      const before = this.#look();
      for (const place of ['new', 'cur'] as const) {
        const name = (await this.#list(place)).find((each) => baseOf(each) === base);
        if (name !== undefined) return { base, name, isNew: place === 'new' };
      }
      const after = this.#look();
      if (sameTimes(before, after)) return undefined;
    }
    return undefined;
  }

  /** Whether this user may change the mailbox. */
  isWritable(): boolean {
    return isWritable(this.directory);
  }

  /** Notices when the directory is gone. */
  async refreshIfGone(): Promise<void> {
    this.#assertThere();
    this.#look();
  }

  /** Makes sure that every keyword has a letter, as long as there are any. The caller holds the lock. */
  async nameKeywords(flags: Iterable<string>): Promise<void> {
    await this.#readKeywords();
    await this.keywords.name(flags, () => {
      const used = new Set<string>();
      for (const { letters } of this.messages.records) for (const letter of letters) used.add(letter);
      return used;
    });
  }

  /** Drops what messages that are gone left in the uidlist. The caller holds the lock. */
  async compactUidlist(): Promise<void> {
    // A file that was hidden from the last listing by a rename is not gone.
    if (!this.#wasStable) return;
    await this.#uids.compact((record) => this.messages.byBase.get(record.base)?.uid === record.uid);
    this.messages.vanished.clear();
  }

  /** Writes another UIDVALIDITY. The caller holds the lock. All handles become invalid. */
  writeValidity(uidValidity: number): Promise<void> {
    return this.#uids.writeValidity(uidValidity);
  }

  /** Every later use answers that the mailbox does not exist. */
  markDeleted(): void {
    this.isDeleted = true;
    this.messages.clear();
    this.account.forget(this);
    this.account.hub.notify(this.path);
  }

  async #load(): Promise<void> {
    await this.makeDirectories();
    await this.#readKeywords();
    if (this.#restore()) return importCourierKeywords(this);
    const isGood = await this.#uids.read();
    this.#uids.hasNews = true;
    const mustLock = !isGood || this.uidlist.needsRewrite || hasJournal(folderJournal(this.directory));
    if (mustLock) await this.withLock(nothing, { rescans: true });
    else {
      this.#adoptHeader();
      await this.#scan(false, true);
    }
    this.#isLoaded = true;
    await importCourierKeywords(this);
  }

  /** Takes the listing that was kept, when nothing happened since. */
  #restore(): boolean {
    const stored = this.account.index?.listingOf(this.directoryName);
    const times = this.#look();
    if (stored === undefined || hasJournal(folderJournal(this.directory))) return false;
    const identity = listingIdentity(this.directory, this.uidlistPath, times);
    const listing = identity === undefined ? undefined : decodeListing(stored, identity, this.keywords);
    if (identity === undefined || listing === undefined) return false;
    this.uidlist.assume(this.uidlistPath, listing.uidlist);
    this.#uids.adopt();
    this.#ledger = this.account.ledgerOf(this.guid, this.uidValidity);
    this.messages.begin(this.#ledger, listing.records, true, listing.highestModSeq);
    this.#keptIdentity = identity;
    this.#known = times;
    this.#uids.hasNews = false;
    this.#wasStable = true;
    this.#scannedAt = performance.now();
    this.#isLoaded = true;
    return true;
  }

  /** Keeps the listing for the next process, when it is large and certain. Never rejects: it only saves time. */
  keepListing(): Promise<void> {
    return this.mutex.run(() => {
      try {
        this.#keepListing();
      } catch (error) {
        const { logger } = this.account.settings;
        logger.info('the listing could not be kept', { path: this.directory, reason: String(error) });
      }
    });
  }

  #keepListing(): void {
    const { index } = this.account;
    if (!this.isLoaded || index === undefined || this.messages.records.length < MIN_KEPT) return;
    if (this.#isDirty || this.#uids.hasNews || this.#known === undefined || !this.messages.isNoted) return;
    const identity = listingIdentity(this.directory, this.uidlistPath, this.#known);
    const uidlist = this.uidlist.known();
    if (identity === undefined || identity === this.#keptIdentity || uidlist === undefined) return;
    if (!this.uidlist.isCurrent(this.uidlistPath)) return;
    const { records, highestModSeq } = this.messages;
    const listing = encodeListing({ identity, uidlist, records, highestModSeq });
    if (listing === undefined) return;
    index.keepListing(this.directoryName, listing);
    this.#keptIdentity = identity;
  }

  #assertThere(): void {
    this.account.assertOpen();
    if (this.isDeleted) throw new StoreError('STORE_NONEXISTENT', 'the mailbox was deleted');
  }

  #isRescanDue(times: Times): boolean {
    if (!this.#isDirty) return false;
    if (this.#waitsForLock) return lstatSync(`${this.uidlistPath}.lock`, { throwIfNoEntry: false }) === undefined;
    const sinceMs = performance.now() - this.#scannedAt;
    // Making sure takes a tenth of the time at the most where listing is slow, and does not wait for long.
    if (isSettled(times)) return sinceMs > Math.min(this.#scanCostMs * 10, DIRTY_MS);
    return sinceMs > Math.max(DIRTY_MS, this.#scanCostMs * 20);
  }

  #look(): Times {
    const times = timesOf(this.directory);
    if (times !== undefined) return times;
    if (lstatSync(this.directory, { throwIfNoEntry: false }) === undefined) {
      this.markDeleted();
      this.#assertThere();
    }
    throw new StoreError(
      'STORE_CORRUPT',
      `the Maildir ${this.directory} has lost its directories; open it again to repair it`,
    );
  }

  /** Makes `cur`, `new` and `tmp` where they are missing. @throws {@link StoreError} `STORE_NONEXISTENT` */
  async makeDirectories(): Promise<void> {
    if (this.directoryName !== '' && lstatSync(this.directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new StoreError('STORE_NONEXISTENT', 'there is no such mailbox');
    }
    await makeDirectories(this.account.settings, this.directory);
  }

  /** Reads what the letters mean now, and finds the messages whose flags are others by it. */
  async #readKeywords(): Promise<void> {
    if (!(await this.keywords.read())) return;
    const touched = this.messages.records.filter((record) => this.readFlags(record));
    if (touched.length === 0) return;
    this.messages.apply({ touched });
    this.account.hub.notify(this.path);
  }

  /** Takes over the header that the file has now. Another UIDVALIDITY means that all UIDs are others. */
  #adoptHeader(): void {
    if (!this.#uids.adopt()) return;
    this.#ledger = this.account.ledgerOf(this.guid, this.uidValidity);
    this.messages.restart(this.#ledger);
  }

  async #scan(isLocked: boolean, listsCur: boolean): Promise<void> {
    const start = performance.now();
    let needsCur = listsCur;
    for (let round = 1; ; round++) {
      if (!isLocked) {
        if (!(await this.#uids.read())) return this.withLock(nothing, { rescans: true });
        if (this.#uids.hasNews) needsCur = true;
        this.#adoptHeader();
      }
      const before = this.#look();
      const newNames = await this.#list('new');
      const curNames = needsCur ? await this.#list('cur') : undefined;
      const after = this.#look();
      const plan = await this.#merge(newNames, curNames);
      const isStable = sameTimes(before, after);
      if ((plan.missing.length > 0 || plan.replaced.length > 0) && curNames === undefined) {
        needsCur = true;
        continue;
      }
      if (plan.missing.length > 0 && !isStable && round < MAX_SCANS) continue;
      if (plan.unassigned.length > 0 && !isLocked && (await this.#scanLocked())) return;
      await this.#apply(plan, isLocked, isStable);
      this.#uids.hasNews = false;
      this.#known = isStable ? before : undefined;
      this.#wasStable = isStable;
      this.#waitsForLock = plan.unassigned.length > 0 && !isLocked;
      this.#isDirty = !isStable || !isSettled(before) || this.#waitsForLock;
      this.#scannedAt = performance.now();
      this.#scanCostMs = this.#scannedAt - start;
      return;
    }
  }

  /** Scans under the lock, to give UIDs to new files; false when another program keeps it: they wait. */
  async #scanLocked(): Promise<boolean> {
    try {
      const timeoutMs = Math.min(READER_LOCK_MS, this.account.settings.lockTimeoutMs);
      await this.withLock(nothing, { timeoutMs, rescans: true });
      return true;
    } catch (error) {
      const isReadOnly = ['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '');
      if (!isReadOnly && !(error instanceof StoreError && error.code === 'STORE_IN_USE')) throw error;
      this.account.settings.logger.info('new messages wait for a lock', { path: this.uidlistPath });
      return false;
    }
  }

  #merge(newNames: readonly string[], curNames: readonly string[] | undefined): Promise<MergePlan> {
    return mergeListing({
      serial: ++this.#scans,
      newNames,
      curNames,
      records: this.messages.records,
      byBase: this.messages.byBase,
      uidlist: this.uidlist.byBase,
      vanished: this.messages.vanished,
      logger: this.account.settings.logger,
    });
  }

  async #apply(plan: MergePlan, isLocked: boolean, isStable: boolean): Promise<void> {
    const assigned = isLocked ? await this.#assign(plan.unassigned) : [];
    // Not seen is not gone, unless nothing was renamed while we looked.
    const gone = [...plan.replaced, ...(isStable ? plan.missing : [])].sort((left, right) => left.uid - right.uid);
    const touched = plan.renamed
      .filter(({ record, file }) => this.rename(record, file.name, file.isNew))
      .map(({ record }) => record);
    const fresh = plan.fresh.map(({ entry, file }) => recordOf(entry.uid, file, entry.fields, this.keywords));
    const added = [...fresh.sort((left, right) => left.uid - right.uid), ...assigned];
    if (this.#ledger === undefined) {
      this.#ledger = this.account.ledgerOf(this.guid, this.uidValidity);
      this.messages.begin(this.#ledger, added, isStable);
      return;
    }
    const before = this.messages.highestModSeq;
    this.messages.apply({ added, touched, gone }, isStable);
    if (this.#isLoaded && this.messages.highestModSeq !== before) this.account.hub.notify(this.path);
  }

  /** Gives UIDs to files, one above the other. The caller holds the lock. */
  async #assign(files: readonly FoundFile[]): Promise<readonly MessageRecord[]> {
    if (files.length === 0) return [];
    const first = this.uidNext;
    if (first + files.length > NO_UID_LEFT) throw new StoreError('STORE_LIMIT', 'no UID is left in the mailbox');
    const records = files.map((file, index) => recordOf(first + index, file, '', this.keywords));
    await this.uidlist.append(this.uidlistPath, records);
    return records;
  }

  #list(place: 'new' | 'cur'): Promise<readonly string[]> {
    return listFiles(`${this.directory}/${place}`, this.account.settings.logger);
  }
}

async function nothing(): Promise<void> {}
