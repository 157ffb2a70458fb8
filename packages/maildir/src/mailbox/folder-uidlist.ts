import { StoreError } from '@posthorn/core';
import type { UidlistHeader, UidlistRecord } from '../format/uidlist.ts';
import { UidlistFile } from '../format/uidlist-file.ts';
import { randomHex } from '../settings.ts';
import type { Folder } from './folder.ts';

/** The uidlist of one mailbox: how it is made, mended and written anew. */
export class FolderUidlist {
  readonly file: UidlistFile;
  /** Whether it may tell what the records do not know yet. */
  hasNews = true;
  readonly #folder: Folder;
  #header: UidlistHeader | undefined;

  constructor(folder: Folder) {
    this.#folder = folder;
    const { disk, logger } = folder.account.settings;
    this.file = new UidlistFile(disk, logger);
  }

  get path(): string {
    return `${this.#folder.directory}/dovecot-uidlist`;
  }

  /** What was last adopted. @throws {@link StoreError} `STORE_UNAVAILABLE` */
  get header(): UidlistHeader {
    if (this.#header === undefined) throw new StoreError('STORE_UNAVAILABLE', 'the mailbox is not open');
    return this.#header;
  }

  /** Whether the file is what was read of it, and the records know it. */
  isCurrent(): boolean {
    return this.file.isCurrent(this.path) && !this.hasNews;
  }

  /** Takes over the header that the file has now. Whether another UIDVALIDITY makes all UIDs others. */
  adopt(): boolean {
    const before = this.#header;
    this.#header = this.file.header;
    if (before === undefined || before.uidValidity === this.#header?.uidValidity) return false;
    this.#folder.account.settings.logger.warn('another program changed the UIDVALIDITY', { path: this.path });
    return true;
  }

  /** Reads on. Whether the file is there and makes sense. */
  async read(): Promise<boolean> {
    const news = await this.file.read(this.path);
    if (news === 'appended' || news === 'replaced') this.hasNews = true;
    return news !== 'missing' && news !== 'broken';
  }

  /** Reads on, and writes the file when it is missing or must be written anew. The caller holds the lock. */
  async mend(): Promise<void> {
    const news = await this.file.read(this.path);
    if (news === 'appended' || news === 'replaced') this.hasNews = true;
    if (news === 'missing') await this.#make();
    else if (news === 'broken') await this.#replaceBroken();
    else if (this.file.needsRewrite) await this.#rewrite(this.#withGuid(this.file.header!));
  }

  /** Drops lines that are no messages. The caller holds the lock. */
  async compact(isLive: (record: Pick<UidlistRecord, 'uid' | 'base'>) => boolean): Promise<void> {
    await this.file.rewrite(this.path, { isLive });
    this.#header = this.file.header;
  }

  /** Writes another UIDVALIDITY. The caller holds the lock. */
  async writeValidity(uidValidity: number): Promise<void> {
    await this.#rewrite({ ...this.header, uidValidity });
    this.#header = this.file.header;
  }

  async #make(): Promise<void> {
    const { directory, account } = this.#folder;
    const { disk, logger } = account.settings;
    if (this.#header !== undefined) {
      logger.warn('the list of UIDs was lost and written anew from memory', { path: this.path });
      return this.#rewriteFromMemory();
    }
    const courier = new UidlistFile(disk, logger);
    if ((await courier.read(`${directory}/courierimapuiddb`)) === 'replaced' && courier.header !== undefined) {
      await this.file.rewrite(this.path, {
        header: this.#withGuid({ ...courier.header, nextUid: courier.nextUid }),
        added: [...courier.byBase.values()],
      });
    } else await this.#makeFresh();
    this.hasNews = true;
  }

  async #makeFresh(): Promise<void> {
    const { account, directoryName } = this.#folder;
    const uidValidity = await account.nextValidity(directoryName);
    await this.#rewrite(this.#withGuid({ uidValidity, nextUid: 1, guid: undefined, extra: '' }));
  }

  async #replaceBroken(): Promise<void> {
    const { disk, logger } = this.#folder.account.settings;
    logger.error('the list of UIDs makes no sense; it was set aside and written anew', { path: this.path });
    await disk.rename(this.path, `${this.path}.broken`);
    await (this.#header === undefined ? this.#makeFresh() : this.#rewriteFromMemory());
    this.hasNews = true;
  }

  #rewriteFromMemory(): Promise<void> {
    const { records } = this.#folder.messages;
    const nextUid = Math.max(this.header.nextUid, (records.at(-1)?.uid ?? 0) + 1, this.file.nextUid);
    this.file.replace(records.map(({ uid, fields, base }) => ({ uid, fields, base, seenIn: 0 })));
    return this.#rewrite({ ...this.header, nextUid });
  }

  #rewrite(header: UidlistHeader): Promise<void> {
    return this.file.rewrite(this.path, { header });
  }

  #withGuid(header: UidlistHeader): UidlistHeader {
    return { ...header, guid: header.guid ?? randomHex(this.#folder.account.settings, 16) };
  }
}
